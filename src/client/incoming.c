#include <config.h>

#include "proto/text.h"
#include "src/client/ask.h"
#include "src/client/fates.h"
#include "src/client/files.h"
#include "src/client/incoming.h"
#include "src/client/keeping.h"
#include "src/client/listing.h"
#include "src/client/peer_keys.h"
#include "src/client/pinging.h"
#include "src/client/presence.h"
#include "src/client/remembering.h"
#include "src/client/reply.h"
#include "src/client/spooling.h"
#include "src/client/whois.h"
#include "src/common/clock.h"
#include "src/common/log.h"

#include <string.h>

/* ---- events of a conversation ----------------------------------------------------------------------------------- */

/* True if the messages of PEER are wanted. */
static bool is_wanted(const struct client *client, const char *peer) {
    const struct recipients *from = client->config->from;

    for (size_t i = 0; from && i < from->count; i++)
        if (name_equal(span_of(from->list[i].name), span_of(peer)))
            return true;
    return from == NULL;
}

static int take_text(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                     uint64_t now) {
    const char *peer = conversation_peer(conversation);
    const struct json_message message = {
        .from = peer,
        .to = client->name,
        .event = event,
        .verified = client->config->json && peer_keys_is_verified(client, peer, event->fingerprint),
    };
    const enum remembered known = remembering_look(client, event);
    bool taken = known == REMEMBERED_LEFT;
    int error;

    if (known == REMEMBERED_DONE) {
        log_debug(LOG_NO_CLIENT, "a message of %s was handed on before", peer);
        return conversation_handed_on(conversation, event->fingerprint, event->id, now);
    }
    if (!is_wanted(client, message.from)) {
        log_debug(LOG_NO_CLIENT, "a message of %s is not wanted", message.from);
        return conversation_declined(conversation, event->fingerprint, event->id, now);
    }
    if (client->config->count > 0 && client->shown >= client->config->count) {
        log_debug(LOG_NO_CLIENT, "a message of %s came after the last that was wanted", peer);
        return PROTO_OK;
    }
    if (event->expires > 0 && event->expires <= clock_wall_ms()) {
        log_debug(LOG_NO_CLIENT, "a message of %s has expired", peer);
        return conversation_expired(conversation, event->fingerprint, event->id, now);
    }
    error = known == REMEMBERED_LEFT ? console_left(client->console, &message) : ask_take(client, &message, &taken);
    if (error != PROTO_OK)
        return error;
    client->shown++;
    reply_note(client, peer);
    keeping_note_received(client, peer, event);
    if (taken) {
        peers_entry(&client->peers, conversation)->waiting++;
        return PROTO_OK;
    }
    error = client->handler ? handler_add(client->handler, &message) : console_message(client->console, &message);
    if (error == PROTO_OK)
        peers_entry(&client->peers, conversation)->waiting++;
    return error;
}

static void closed(struct client *client, const char *peer, const char *reason) {
    files_peer_left(client, peer);
    status_peer_state(&client->statuses, peer, "left", NULL, reason);
    if (client->config->interactive && strcmp(reason, "untrusted") == 0)
        console_notice(client->console, "%s does not trust this identity's key", peer);
    else if (client->config->interactive)
        console_notice(client->console, "%s left: %s", peer, reason);
    else
        log_debug(LOG_NO_CLIENT, "%s left: %s", peer, reason);
}

static int ready(struct client *client, struct conversation *conversation, const struct conversation_event *event) {
    struct peer *entry = peers_entry(&client->peers, conversation);
    const char *peer = conversation_peer(conversation);
    int error;

    if (client->config->interactive)
        console_notice(client->console, "%s joined", peer);
    entry->met = true;
    entry->since = clock_wall_ms();
    log_debug(LOG_NO_CLIENT, "session with %s stands: %s, %s", peer, suite_short_name(event->suite),
              event->fingerprint);
    status_peer_state(&client->statuses, peer, "session", event->fingerprint, NULL);
    peer_keys_proven(client, conversation, event->fingerprint);
    pinging_ready(client, conversation);
    spooling_wake(client, peer);
    error = whois_ready(client, conversation);
    return error == PROTO_OK ? presence_ready(client, conversation) : error;
}

/* PEER has broken the protocol.  That is not the exit status: what a stranger sends says nothing of lines that were
 * delivered. */
static void violated(struct client *client, const char *peer, int error) {
    console_notice(client->console, "what came from %s failed its checks: %s", peer, proto_strerror(error));
    status_peer_state(&client->statuses, peer, "violation", NULL, proto_strerror(error));
}

static int take_file(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                     uint64_t now) {
    if (event->file.type == MESSAGE_FILE_OFFER && !is_wanted(client, conversation_peer(conversation)))
        return conversation_declined(conversation, event->fingerprint, event->id, now);
    return files_event(client, conversation, event, now);
}

/* The message of the event's token has its receipt: it is of a transfer, or of a line. */
static void delivered(struct client *client, const struct conversation *conversation,
                      const struct conversation_event *event, uint64_t now) {
    if (transfer_is_token(event->token))
        files_delivered(client, conversation, event->token, now);
    else
        fate_delivered(client, event, now);
}

/* It will have none. */
static int failed(struct client *client, const struct conversation *conversation,
                  const struct conversation_event *event, uint64_t now) {
    if (transfer_is_token(event->token))
        return files_failed(client, event->token, event->failure, now);
    fate_failed(client, conversation, event, now);
    return PROTO_OK;
}

static int take_event(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                      uint64_t now) {
    const char *peer = conversation_peer(conversation);

    switch (event->type) {
    case CONVERSATION_EVENT_KEY:
        return conversation_trust(conversation, event->fingerprint,
                                  peer_keys_decide(client, conversation, event->fingerprint), now);
    case CONVERSATION_EVENT_READY:
        return ready(client, conversation, event);
    case CONVERSATION_EVENT_TEXT:
        return take_text(client, conversation, event, now);
    case CONVERSATION_EVENT_FILE:
        return take_file(client, conversation, event, now);
    case CONVERSATION_EVENT_SENT:
        fate_sent(client, conversation, event->token, now);
        break;
    case CONVERSATION_EVENT_DELIVERED:
        delivered(client, conversation, event, now);
        break;
    case CONVERSATION_EVENT_READ:
        fate_read(client, peer, event->id, now);
        break;
    case CONVERSATION_EVENT_FAILED:
        return failed(client, conversation, event, now);
    case CONVERSATION_EVENT_PONG:
        pinging_answered(client, PING_PEER, span_of(event->id));
        break;
    case CONVERSATION_EVENT_PRESENCE:
        if (is_wanted(client, peer))
            presence_taken(client, conversation, event);
        break;
    case CONVERSATION_EVENT_CLOSED:
        closed(client, peer, event->reason);
        break;
    case CONVERSATION_EVENT_STALE:
        log_debug(LOG_NO_CLIENT, "of %s, for a handshake that was given up: ignored, %u so far", peer, event->stale);
        break;
    case CONVERSATION_EVENT_VIOLATION:
        violated(client, peer, event->error);
        break;
    }
    return PROTO_OK;
}

int incoming_events(struct client *client, struct conversation *conversation, uint64_t now) {
    struct conversation_event event;
    int error = PROTO_OK;

    while (error == PROTO_OK && conversation_next_event(conversation, &event))
        error = take_event(client, conversation, &event, now);
    return error;
}

/* ---- payloads of the server ------------------------------------------------------------------------------------- */

/* A message of somebody with whom there is no session: he may begin one, but nothing is kept of him until he does. */
static int answer_unknown(struct client *client, const struct message *com) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error = message_write_disconnect(&payload, &(struct disconnect_fields){.src = span_of(client->name),
                                                                               .dst = com->src,
                                                                               .reason = SPAN("bad-session"),
                                                                               .session = com->session});

    if (error == PROTO_OK)
        error = connection_send(client->connection, buffer_span(&payload));
    buffer_free(&payload);
    return error;
}

/* A payload that a peer sent. */
static int relayed(struct client *client, const struct message *message, struct span raw, uint64_t now) {
    /* The server's notice that a peer has left may come without `dst`. */
    const bool is_notice = message->type == MESSAGE_DISCONNECT && message->dst.size == 0;
    struct conversation *conversation = NULL;
    int error = PROTO_OK;

    if (!(is_notice || name_equal(message->dst, span_of(client->name))) ||
        name_equal(message->src, span_of(client->name))) {
        client_fail(client, STATUS_INTEGRITY, "%s relayed a message that is not for %s", client->server, client->name);
        return PROTO_OK;
    }
    if (message->type == MESSAGE_PEER_1)
        error = peers_get(&client->peers, message->src, now, &conversation);
    else
        conversation = peers_find(&client->peers, message->src, now);
    if (error == PROTO_E_FULL)
        log_debug(LOG_NO_CLIENT, "no room for another peer");
    if (error == PROTO_E_FULL)
        return PROTO_OK;
    if (!conversation)
        return error == PROTO_OK && message->type == MESSAGE_COM ? answer_unknown(client, message) : error;
    error = conversation_receive(conversation, message, raw, now);
    return error != PROTO_OK ? error : incoming_events(client, conversation, now);
}

static int take_error(struct client *client, const struct message *message, uint64_t now) {
    struct conversation *conversation = message->dst.size > 0 ? peers_find(&client->peers, message->dst, now) : NULL;
    char text[256];
    int error;

    log_debug(LOG_NO_CLIENT, "the server refused something: %s", wire_error_word(message->code));
    if (conversation) {
        error = conversation_refused(conversation, message, now);
        return error != PROTO_OK ? error : incoming_events(client, conversation, now);
    }
    if (message->dst.size > 0)
        return PROTO_OK;
    text_escape_cut(text, sizeof(text), message->text);
    client_fail(client, exit_status_of_wire(message->code), "%s refused: %s", client->server, text);
    listing_done(client);
    return PROTO_OK;
}

int incoming_message(struct client *client, const struct message *message, struct span raw, uint64_t now) {
    log_debug(LOG_NO_CLIENT, "received %s", message_type_name(message->type));
    switch (message->type) {
    case MESSAGE_LIST:
        return listing_take(client, message);
    case MESSAGE_ERROR:
        return take_error(client, message, now);
    case MESSAGE_PONG:
        pinging_answered(client, PING_RELAY, message->id);
        return PROTO_OK;
    case MESSAGE_PEER_1:
    case MESSAGE_PEER_2:
    case MESSAGE_PEER_3:
    case MESSAGE_PEER_4:
    case MESSAGE_COM:
    case MESSAGE_DISCONNECT:
        return relayed(client, message, raw, now);
    default:
        return PROTO_OK;
    }
}
