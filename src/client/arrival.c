#include <config.h>

#include "src/client/arrival.h"
#include "src/client/phases.h"
#include "src/client/reconnect.h"
#include "src/common/clock.h"
#include "src/common/log.h"

/* Shows the attest if it is for the user's name.  That is known only now if the person was asked for it. */
static void choose_attest(struct client *client) {
    const struct attest *attest = client->config->attest;
    csc_public_key *key = NULL;

    if (attest == NULL || csc_private_key_public(client->config->identity->key, &key) != CSC_OK)
        return;
    if (attest_is_for(attest, span_of(client->name), key))
        client->link.attest = client->peers.config.attest = attest;
    else
        console_notice(client->console, "the certificate kept beside the identity is for another name, and not shown");
    csc_public_key_free(key);
}

int arrival_begin(struct client *client, uint64_t now) {
    struct connection_config config = {.endpoint = &client->config->endpoint,
                                       .server = client->server,
                                       .link = &client->link,
                                       .timeout = client->config->timeout};

    connection_free(client->connection);
    client->connection = NULL;
    client->asked = false;
    if (client->link.attest == NULL)
        choose_attest(client);
    phase_set(client, CLIENT_CONNECTING, CLOCK_NEVER);
    return connection_open(&client->connection, &config, now);
}

static int refuse_server(struct client *client, enum exit_status status, const char *why) {
    client_fail(client, status, "%s", why);
    if (client->away || client->spooling)
        phase_give_up(client, status, "no receipt before the connection ended");
    connection_refuse(client->connection);
    phase_set(client, CLIENT_DONE, CLOCK_NEVER);
    return PROTO_OK;
}

static void ask_about_server(struct client *client, const char *fingerprint) {
    console_notice(client->console, "The server %s is not known yet.", client->server);
    console_notice(client->console, "Its key is %s", fingerprint);
    client->asked = true;
    phase_set(client, CLIENT_ASKING, CLOCK_NEVER);
}

/* What VERDICT becomes with the server's certificates (authorities.h).  With --fingerprint they do not matter. */
static enum trust_verdict weigh_certificates(struct client *client, enum trust_verdict verdict,
                                             struct diagnostic *why) {
    struct authorities *authorities = client->config->authorities;
    struct certification found;

    if (client->config->trust.pin || !connection_chain(client->connection))
        return verdict;
    authorities_judge_server(authorities, &found, connection_chain(client->connection), client->config->endpoint.host,
                             connection_key(client->connection));
    verdict = authorities_weigh(verdict, client->server, &found, why);
    if (verdict == TRUST_GOOD && found.verdict == CERTIFICATION_GOOD) {
        log_debug(LOG_NO_CLIENT, "the server's certificate is valid: %s, by %s", found.subject, found.issuer);
    } else if (verdict == TRUST_GOOD && !authorities->told_about_server) {
        authorities->told_about_server = true;
        console_notice(client->console,
                       "the certificate of %s is of an issuer that is not known here (%s); its key "
                       "is known, and that will do",
                       client->server, found.issuer);
    }
    return verdict;
}

int arrival_key(struct client *client, uint64_t now) {
    const char *fingerprint = connection_fingerprint(client->connection);
    struct diagnostic why;
    enum trust_verdict verdict = trust_server(&client->config->trust, client->server, fingerprint, &why);

    verdict = weigh_certificates(client, verdict, &why);
    if (verdict == TRUST_UNKNOWN && strcmp(client->accepted, fingerprint) == 0)
        verdict = TRUST_NEW;
    switch (verdict) {
    case TRUST_GOOD:
    case TRUST_NEW:
        client->note_server = verdict == TRUST_NEW;
        return connection_accept(client->connection, now);
    case TRUST_UNKNOWN:
        ask_about_server(client, fingerprint);
        return PROTO_OK;
    case TRUST_FAILED:
        return refuse_server(client, STATUS_INTERNAL, why.text);
    case TRUST_REFUSED:
    case TRUST_CHANGED:
        break;
    }
    return refuse_server(client, STATUS_UNTRUSTED, why.text);
}

int arrival_answer(struct client *client, struct span answer, uint64_t now) {
    const char *fingerprint = connection_fingerprint(client->connection);

    if (!span_equal(answer, SPAN("yes")) && !span_equal(answer, span_of(fingerprint)))
        return refuse_server(client, STATUS_UNTRUSTED, "not trusted; nothing was sent");
    /* Remembered, so that the person is not asked again if the connection has to be made anew. */
    memcpy(client->accepted, fingerprint, sizeof(client->accepted));
    if (connection_is_over(client->connection))
        return arrival_begin(client, now);
    phase_set(client, CLIENT_CONNECTING, CLOCK_NEVER);
    client->note_server = true;
    return connection_accept(client->connection, now);
}

int arrival_established(struct client *client, uint64_t now) {
    const char *fingerprint = connection_fingerprint(client->connection);
    struct diagnostic why;

    log_debug(LOG_NO_CLIENT, "registered as %s with %s %s, %s", client->name, client->server, fingerprint,
              suite_short_name(connection_suite(client->connection)));
    if (client->note_server) {
        if (trust_note_server(&client->config->trust, client->server, fingerprint, &why) == 0)
            console_notice(client->console, "new server %s %s, noted in %s", client->server, fingerprint,
                           client->config->trust.servers_path);
        else
            console_notice(client->console, "new server %s %s, not noted: %s", client->server, fingerprint, why.text);
    }
    if (client->away && client->met)
        return reconnect_done(client, now);
    client->away = false;
    client->met = true;
    status_ready(&client->statuses, &(struct json_ready){.name = client->name,
                                                         .server = client->server,
                                                         .fingerprint = fingerprint,
                                                         .session = connection_session_id(client->connection)});
    phase_set(client, CLIENT_RUNNING, CLOCK_NEVER);
    client->line_left = true;
    return PROTO_OK;
}

int arrival_ended(struct client *client, const struct connection_event *event, uint64_t now) {
    if (client->phase == CLIENT_ASKING)
        return PROTO_OK;
    /* The server did not wait while the person thought about its key: the answer counts, and a new connection is made.
     */
    if (client->phase == CLIENT_CONNECTING && client->asked && event->status == STATUS_NETWORK)
        return arrival_begin(client, now);
    if (reconnect_wants(client, event)) {
        reconnect_rest(client, event, now);
        return PROTO_OK;
    }
    /* Everything was done, so it does not matter that the server restarts before it has answered the goodbye. */
    if (event->restarts &&
        (client->phase == CLIENT_LEAVING || (client->phase == CLIENT_DRAINING && !phase_is_waiting(client)))) {
        phase_set(client, CLIENT_DONE, CLOCK_NEVER);
        return PROTO_OK;
    }
    if (event->status != STATUS_OK && client->phase >= CLIENT_RUNNING)
        status_disconnected(&client->statuses, client->server, event->text);
    if (event->status != STATUS_OK)
        client_fail(client, event->status, "%s", event->text);
    if (client->phase == CLIENT_RUNNING || client->phase == CLIENT_DRAINING || client->away ||
        (client->spooling && client->phase < CLIENT_RUNNING))
        phase_give_up(client, event->status, "no receipt before the connection ended");
    phase_set(client, CLIENT_DONE, CLOCK_NEVER);
    return PROTO_OK;
}

int arrival_name(struct client *client, struct span answer, uint64_t now) {
    if (!name_is_valid(answer)) {
        console_notice(client->console, "A name begins with a letter and has at most %d of A-Z a-z 0-9 . _ -",
                       NAME_LENGTH_MAX);
        return PROTO_OK;
    }
    name_copy(client->name, answer);
    return arrival_begin(client, now);
}
