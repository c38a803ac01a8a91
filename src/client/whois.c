#include <config.h>

#include "src/client/whois.h"

#include "src/client/incoming.h"
#include "src/client/roster.h"

#include <stdio.h>
#include <time.h>

/* A few lines of a name, a fingerprint and words, and what a certificate says. */
#define ANSWER_MAX 8192

static int append_session(struct buffer *out, const struct conversation *conversation, uint64_t since) {
    time_t seconds = (time_t)(since / 1000);
    const char *peer = conversation_peer(conversation);
    char date[40] = "-";
    char lines[2 * NAME_SIZE + 128];
    struct tm utc;

    if (gmtime_r(&seconds, &utc))
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(lines, sizeof(lines), "%s cipher %s\n%s session since %s\n", peer,
             suite_short_name(conversation_suite(conversation)), peer, date);
    return buffer_append(out, lines, strlen(lines));
}

static int append_words(struct buffer *out, const char *peer, const char *what, const char *text) {
    char line[NAME_SIZE + CERTIFICATION_NAME_SIZE + 32];

    snprintf(line, sizeof(line), "%s %s %s\n", peer, what, text);
    return buffer_append(out, line, strlen(line));
}

/* What the peer has shown, which is escaped; PROVEN is NULL if that is nothing. */
static int append_certificate(struct buffer *out, const char *peer, const struct shown *proven) {
    const struct certification *found;
    int error;

    if (proven == NULL)
        return append_words(out, peer, "certificate", "none");
    found = &proven->certification;
    error = found->verdict == CERTIFICATION_GOOD ? append_words(out, peer, "certificate", "valid")
                                                 : append_words(out, peer, "certificate invalid:", found->why.text);
    if (error == PROTO_OK)
        error = append_words(out, peer, "subject", found->subject);
    return error == PROTO_OK ? append_words(out, peer, "issuer", found->issuer) : error;
}

static int answer(struct client *client, const struct conversation *conversation) {
    struct buffer out = BUFFER_INIT(ANSWER_MAX);
    struct diagnostic said = {""};
    enum exit_status status = roster_describe(&client->config->trust, conversation_peer(conversation),
                                              conversation_fingerprint(conversation), &out, &said);
    const struct peer *entry = peers_entry(&client->peers, conversation);
    int error = append_certificate(&out, conversation_peer(conversation), entry->proven);

    if (error == PROTO_OK)
        error = append_session(&out, conversation, entry->since);
    if (error == PROTO_OK)
        error = console_answer(client->console, buffer_span(&out));
    buffer_free(&out);
    if (status != STATUS_OK)
        client_fail(client, status, "%s", said.text);
    return error;
}

static int begin_session(struct client *client, struct conversation *conversation, uint64_t now) {
    struct peer *peer = peers_entry(&client->peers, conversation);

    if (!peer->asked_for)
        client->asked_whois++;
    peer->asked_for = true;
    return conversation_connect(conversation, SESSION_TOKEN, now);
}

int whois_begin(struct client *client, struct span name, uint64_t now) {
    struct conversation *conversation = NULL;
    int error;

    if (!name_is_valid(name) || name_equal(name, span_of(client->name))) {
        client_fail(client, STATUS_BAD_LINE, "whois: %s", name_is_valid(name) ? "that is oneself" : "not a name");
        return PROTO_OK;
    }
    error = peers_get(&client->peers, name, now, &conversation);
    if (error == PROTO_E_FULL) {
        client_fail(client, STATUS_INTERNAL, "whois: too many peers at once");
        return PROTO_OK;
    }
    if (error != PROTO_OK)
        return error;
    error =
        conversation_is_ready(conversation) ? answer(client, conversation) : begin_session(client, conversation, now);
    return error == PROTO_OK ? incoming_events(client, conversation, now) : error;
}

/* No answer about this peer is waited for any more.  False if none was. */
static bool settle(struct client *client, struct peer *peer) {
    if (!peer->asked_for)
        return false;
    peer->asked_for = false;
    client->asked_whois--;
    return true;
}

int whois_ready(struct client *client, const struct conversation *conversation) {
    return settle(client, peers_entry(&client->peers, conversation)) ? answer(client, conversation) : PROTO_OK;
}

void whois_failed(struct client *client, const struct conversation *conversation, enum conversation_failure failure) {
    if (settle(client, peers_entry(&client->peers, conversation)))
        client_fail(client, exit_status_of_failure(failure), "whois %s: %s", conversation_peer(conversation),
                    failure == FAILURE_NO_SUCH_USER ? "no such user" : conversation_failure_text(failure));
}

void whois_give_up(struct client *client, enum exit_status status, const char *why) {
    for (size_t i = 0; i < client->peers.count; i++)
        if (settle(client, &client->peers.list[i]))
            client_fail(client, status, "whois %s: %s", conversation_peer(client->peers.list[i].conversation), why);
}
