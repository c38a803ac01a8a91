#include <config.h>

#include "src/client/incoming.h"
#include "src/client/keeping.h"
#include "src/client/presence.h"
#include "src/client/sending.h"
#include "src/client/ticking.h"
#include "src/common/clock.h"
#include "src/common/log.h"

static bool is_self(const struct client *client, const char *name) {
    return name_equal(span_of(name), span_of(client->name));
}

/* Whether a text may go to the name of CONVERSATION, and to which key: *KEY is NULL for the one that it will show.  A
 * session may outlive its key's line in the file, and then the policy is asked as it was when the session was made. */
static enum trust_verdict weigh(struct client *client, struct conversation *conversation, const char *name,
                                const char **key, struct diagnostic *why) {
    const struct trust *trust = &client->config->trust;
    enum trust_verdict verdict = trust_text(trust, name, &peers_entry(&client->peers, conversation)->known, key, why);

    if (verdict != TRUST_GOOD || *key || !conversation_is_ready(conversation))
        return verdict;
    verdict = trust_peer(trust, name, conversation_fingerprint(conversation), why);
    return verdict == TRUST_NEW ? TRUST_GOOD : verdict;
}

/* Sends BODY to KEY, NULL for whoever has the name. */
static int send_message(struct client *client, struct conversation *conversation, struct ledger_line *line,
                        struct span body, const char *key, uint64_t now) {
    const uint64_t wall = clock_wall_ms(), ttl = client->config->ttl;
    const struct conversation_text text = {.token = line->token,
                                           .body = body,
                                           .time = wall,
                                           .expires = ttl > 0 ? wall + ttl : 0,
                                           .give_up_at = ttl > 0 ? now + ttl : 0,
                                           .id = line->id,
                                           .sign = client->sign,
                                           .key = key};
    struct ledger_line taken;
    int error;

    conversation_make_id(conversation, line->id);
    error = conversation_send(conversation, &text, now);
    if (error == PROTO_OK) {
        log_debug(LOG_NO_CLIENT, "line %lu is for %s, %zu bytes", line->number, conversation_peer(conversation),
                  body.size);
        status_queued(&client->statuses, line, now);
        keeping_note_sent(client, line, wall, body);
        presence_remind(client, conversation);
        return incoming_events(client, conversation, now);
    }
    /* What is wrong with the text concerns the line; the rest is this side's trouble. */
    if (error != PROTO_E_TEXT && error != PROTO_E_TOO_LARGE)
        return error;
    if (ledger_settle(&client->ledger, line->token, &taken))
        client_fail_line(client, STATUS_BAD_LINE, &taken, proto_strerror(error));
    return PROTO_OK;
}

static int send_one(struct client *client, unsigned long number, const char *name, struct span body, uint64_t now) {
    struct conversation *conversation = NULL;
    enum trust_verdict verdict;
    struct diagnostic why;
    const char *key = NULL;
    int error;

    if (is_self(client, name)) {
        client_refuse(client, STATUS_BAD_LINE, number, span_of(name), "a message to oneself");
        return PROTO_OK;
    }
    error = peers_get(&client->peers, span_of(name), now, &conversation);
    if (error == PROTO_E_FULL) {
        client_refuse(client, STATUS_INTERNAL, number, span_of(name), "too many peers at once");
        return PROTO_OK;
    }
    if (error != PROTO_OK)
        return error;
    verdict = weigh(client, conversation, name, &key, &why);
    if (verdict != TRUST_GOOD) {
        client_refuse(client, verdict == TRUST_FAILED ? STATUS_INTERNAL : STATUS_UNTRUSTED, number, span_of(name),
                      why.text);
        return PROTO_OK;
    }
    return send_message(client, conversation, ledger_add(&client->ledger, number, span_of(name), now), body, key, now);
}

/* Sends to one of RECIPIENTS; a group may have oneself in it, who is left out. */
static int send_to(struct client *client, unsigned long number, const struct recipient *recipient, struct span body,
                   uint64_t now) {
    if (recipient->grouped && is_self(client, recipient->name))
        return PROTO_OK;
    tally_add(&client->tallies, number);
    ticking_add(client, number, recipient->name);
    return send_one(client, number, recipient->name, body, now);
}

static int send_all(struct client *client, unsigned long number, const struct recipients *recipients, struct span body,
                    uint64_t now) {
    int error = PROTO_OK;

    for (size_t i = 0; error == PROTO_OK && i < recipients->count; i++)
        error = send_to(client, number, &recipients->list[i], body, now);
    if (error == PROTO_OK)
        client_complete_line(client, number);
    return error;
}

int sending_recipients(struct client *client, unsigned long number, const struct recipients *recipients,
                       struct span body, uint64_t now) {
    tally_begin(&client->tallies, number, client->config->need);
    ticking_begin(client, number, body);
    return send_all(client, number, recipients, body, now);
}

int sending_list(struct client *client, unsigned long number, struct span list, struct span body, uint64_t now) {
    struct recipients recipients = {.count = 0};
    struct span element;
    struct diagnostic why;

    tally_begin(&client->tallies, number, client->config->need);
    ticking_begin(client, number, body);
    while (recipients_split(&list, &element)) {
        if (recipients_add(&recipients, element, client->config->groups, &why) == 0)
            continue;
        tally_add(&client->tallies, number);
        client_refuse(client, STATUS_BAD_LINE, number, element, why.text);
    }
    return send_all(client, number, &recipients, body, now);
}
