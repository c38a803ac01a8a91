#include <config.h>

#include "src/client/incoming.h"
#include "src/client/keeping.h"
#include "src/client/presence.h"
#include "src/client/sending.h"
#include "src/client/spooling.h"
#include "src/client/ticking.h"
#include "src/common/clock.h"
#include "src/common/log.h"

static bool is_self(const struct client *client, const char *name) {
    return name_equal(span_of(name), span_of(client->name));
}

/* Whether a text may go to the peer of CONVERSATION, and to which key: *KEY is NULL for whichever it will show.  If the
 * key of its session has been removed from the file, the policy decides, as it did when the session was made. */
static enum trust_verdict weigh(struct client *client, struct conversation *conversation, const char *name,
                                const char **key, struct diagnostic *why) {
    const struct trust *trust = &client->config->trust;
    enum trust_verdict verdict = trust_text(trust, name, &peers_entry(&client->peers, conversation)->known, key, why);

    if (verdict != TRUST_GOOD || *key || !conversation_is_ready(conversation))
        return verdict;
    verdict = trust_peer(trust, name, conversation_fingerprint(conversation), why);
    return verdict == TRUST_NEW ? TRUST_GOOD : verdict;
}

/* Sends TEXT, whose line is LINE. */
static int send_text(struct client *client, struct conversation *conversation, const struct ledger_line *line,
                     const struct conversation_text *text, uint64_t now) {
    struct ledger_line taken;
    const int error = conversation_send(conversation, text, now);

    if (error == PROTO_OK) {
        log_debug(LOG_NO_CLIENT, "line %lu is for %s, %zu bytes", line->number, conversation_peer(conversation),
                  text->body.size);
        presence_remind(client, conversation);
        return PROTO_OK;
    }
    /* An error about the text is the line's; others are this side's trouble. */
    if (error != PROTO_E_TEXT && error != PROTO_E_TOO_LARGE)
        return error;
    if (ledger_settle(&client->ledger, line->token, &taken))
        client_fail_line(client, STATUS_BAD_LINE, &taken, proto_strerror(error));
    return PROTO_OK;
}

/* Sends BODY to KEY, NULL for whoever has the name. */
static int send_message(struct client *client, struct conversation *conversation, struct ledger_line *line,
                        struct span body, const char *key, uint64_t now) {
    const uint64_t wall = clock_wall_ms(), ttl = client->config->ttl, token = line->token;
    const struct conversation_text text = {.token = token,
                                           .body = body,
                                           .time = wall,
                                           .expires = ttl > 0 ? wall + ttl : 0,
                                           .give_up_at = ttl > 0 ? now + ttl : 0,
                                           .id = line->id,
                                           .sign = client->sign,
                                           .key = key};
    int error;

    conversation_make_id(conversation, line->id);
    error = send_text(client, conversation, line, &text, now);
    if (error != PROTO_OK || !ledger_find(&client->ledger, token))
        return error;
    status_queued(&client->statuses, line, now);
    keeping_note_sent(client, line, wall, body);
    return incoming_events(client, conversation, now);
}

int sending_meet(struct client *client, const char *name, uint64_t now, struct sending_meeting *meeting) {
    enum trust_verdict verdict;
    int error;

    *meeting = (struct sending_meeting){.status = STATUS_OK};
    error = peers_get(&client->peers, span_of(name), now, &meeting->conversation);
    if (error == PROTO_E_FULL) {
        meeting->status = STATUS_INTERNAL;
        diagnostic_set(&meeting->why, "too many peers at once");
        return PROTO_OK;
    }
    if (error != PROTO_OK)
        return error;
    verdict = weigh(client, meeting->conversation, name, &meeting->key, &meeting->why);
    if (verdict != TRUST_GOOD)
        meeting->status = verdict == TRUST_FAILED ? STATUS_INTERNAL : STATUS_UNTRUSTED;
    return PROTO_OK;
}

int sending_spooled(struct client *client, const struct ledger_line *line, const struct spool_message *message,
                    uint64_t now) {
    const uint64_t wall = clock_wall_ms(), expires = message->line.expires;
    struct conversation_text text = {.body = message->line.body,
                                     .time = message->line.time,
                                     .expires = expires,
                                     .give_up_at = expires > 0 ? now + (expires - wall) : 0,
                                     .id = message->recipient.id,
                                     .sign = message->line.sign};
    struct sending_meeting meeting;
    struct ledger_line *noted;
    int error = sending_meet(client, line->peer, now, &meeting);

    if (error != PROTO_OK)
        return error;
    if (meeting.status == STATUS_INTERNAL) {
        spooling_keep(client, line, STATUS_INTERNAL, meeting.why.text, now);
        return PROTO_OK;
    }
    if (meeting.status != STATUS_OK) {
        client_fail_line(client, meeting.status, line, meeting.why.text);
        return PROTO_OK;
    }
    text.key = line->keyless ? meeting.key : message->recipient.key;
    noted = ledger_add(&client->ledger, line->number, span_of(line->peer), now);
    text.token = noted->token;
    *noted = *line;
    noted->token = text.token;
    error = send_text(client, meeting.conversation, noted, &text, now);
    return error == PROTO_OK ? incoming_events(client, meeting.conversation, now) : error;
}

static int send_one(struct client *client, unsigned long number, const char *name, struct span body, uint64_t now) {
    struct sending_meeting meeting;
    int error = sending_meet(client, name, now, &meeting);

    if (error != PROTO_OK)
        return error;
    if (meeting.status != STATUS_OK) {
        client_refuse(client, meeting.status, number, span_of(name), meeting.why.text);
        return PROTO_OK;
    }
    return send_message(client, meeting.conversation, ledger_add(&client->ledger, number, span_of(name), now), body,
                        meeting.key, now);
}

/* ---- the recipients of a line ------------------------------------------------------------------------------------ */

static void begin(struct client *client, const struct sending_text *text) {
    if (client->spooling)
        spooling_draft(client, text->number, text->body, text->line, text->id);
    else
        tally_begin(&client->tallies, text->number, client->config->need);
    ticking_begin(client, text->number, text->body);
}

/* It has a recipient, whose result is due. */
static void add(struct client *client, const struct sending_text *text) {
    if (!client->spooling)
        tally_add(&client->tallies, text->number);
}

/* Sends to one of RECIPIENTS; a group may have oneself in it, who is left out. */
static int send_to(struct client *client, const struct sending_text *text, const struct recipient *recipient,
                   uint64_t now) {
    if (recipient->grouped && is_self(client, recipient->name))
        return PROTO_OK;
    add(client, text);
    ticking_add(client, text->number, recipient->name);
    if (is_self(client, recipient->name)) {
        client_refuse(client, STATUS_BAD_LINE, text->number, span_of(recipient->name), "a message to oneself");
        return PROTO_OK;
    }
    if (!client->spooling)
        return send_one(client, text->number, recipient->name, text->body, now);
    spooling_add(client, recipient->name, now);
    return PROTO_OK;
}

static int send_all(struct client *client, const struct sending_text *text, const struct recipients *recipients,
                    uint64_t now) {
    int error = PROTO_OK;

    for (size_t i = 0; error == PROTO_OK && i < recipients->count; i++)
        error = send_to(client, text, &recipients->list[i], now);
    if (error == PROTO_OK)
        client_complete_line(client, text->number);
    return error;
}

int sending_recipients(struct client *client, const struct sending_text *text, const struct recipients *recipients,
                       uint64_t now) {
    begin(client, text);
    return send_all(client, text, recipients, now);
}

int sending_list(struct client *client, const struct sending_text *text, struct span list, uint64_t now) {
    struct recipients recipients = {.count = 0};
    struct span element;
    struct diagnostic why;

    begin(client, text);
    while (recipients_split(&list, &element)) {
        if (recipients_add(&recipients, element, client->config->groups, &why) == 0)
            continue;
        add(client, text);
        client_refuse(client, STATUS_BAD_LINE, text->number, element, why.text);
    }
    return send_all(client, text, &recipients, now);
}
