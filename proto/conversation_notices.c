/* What travels in a conversation's session without a receipt: pings and their answers, and who is away. */
#include <config.h>

#include "proto/conversation_state.h"

#define PONG_PERIOD_MS 1000

int send_notice(struct conversation *conversation, const char *id, struct span inner) {
    int error;

    if (conversation->ratchet == NULL || conversation->output.size >= CONVERSATION_BYTES_MAX)
        return PROTO_OK;
    error = send_inner(conversation, id, inner);
    return error == PROTO_E_FULL ? PROTO_OK : error;
}

/* Sends a ping or a pong of TYPE under ID; PING is the ping's, also in its answer. */
static int send_ping(struct conversation *conversation, enum message_type type, const char *id, struct span ping) {
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX);
    int error = message_write_peer_ping(&inner, type, ping);

    if (error == PROTO_OK)
        error = send_notice(conversation, id, buffer_span(&inner));
    buffer_free(&inner);
    return error;
}

int conversation_ping(struct conversation *conversation, char id[static MESSAGE_ID_MAX + 1]) {
    int error;

    if (conversation->ratchet == NULL)
        return PROTO_E_STATE;
    conversation_make_id(conversation, id);
    error = id_set_note(&conversation->pinged, span_of(conversation->fingerprint), span_of(id), ID_SEEN);
    return error == PROTO_OK ? send_ping(conversation, MESSAGE_PEER_PING, id, span_of(id)) : error;
}

/* Counts one more answer.  False if the peer has had those of this second. */
static bool may_answer(struct conversation *conversation, uint64_t now) {
    if (now - conversation->pongs_since >= PONG_PERIOD_MS) {
        conversation->pongs_since = now;
        conversation->pongs = 0;
    }
    return conversation->pongs++ < CONVERSATION_PONGS_MAX;
}

int receive_ping(struct conversation *conversation, const struct message *com, const struct message *ping,
                 uint64_t now) {
    char id[MESSAGE_ID_MAX + 1];

    if (!span_equal(com->id, ping->id))
        return report_violation(conversation, PROTO_E_MEMBER);
    if (!may_answer(conversation, now))
        return PROTO_OK;
    conversation_make_id(conversation, id);
    return send_ping(conversation, MESSAGE_PEER_PONG, id, ping->id);
}

int receive_pong(struct conversation *conversation, struct span id) {
    const struct span owner = span_of(conversation->fingerprint);
    struct conversation_event event = {.type = CONVERSATION_EVENT_PONG};
    int error;

    if (id_set_find(&conversation->pinged, owner, id) != ID_SEEN)
        return PROTO_OK;
    memcpy(event.id, id.data, id.size);
    error = put_event(conversation, &event);
    return error == PROTO_OK ? id_set_note(&conversation->pinged, owner, id, ID_DONE) : error;
}

int conversation_tell_presence(struct conversation *conversation, bool away, struct span text) {
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX);
    char id[MESSAGE_ID_MAX + 1];
    int error;

    conversation_make_id(conversation, id);
    error = message_write_presence(&inner, span_of(id), away ? PRESENCE_AWAY : PRESENCE_HERE, text);
    if (error == PROTO_OK)
        error = send_notice(conversation, id, buffer_span(&inner));
    buffer_free(&inner);
    return error;
}

int receive_presence(struct conversation *conversation, const struct message *com, const struct message *presence) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_PRESENCE,
                                       .away = presence->presence == PRESENCE_AWAY,
                                       .body = presence->text.size > 0 ? (char *)presence->text.data : (char *)"",
                                       .body_size = presence->text.size};

    if (!span_equal(com->id, presence->id))
        return report_violation(conversation, PROTO_E_MEMBER);
    return presence->presence == PRESENCE_UNKNOWN ? PROTO_OK : put_event(conversation, &event);
}
