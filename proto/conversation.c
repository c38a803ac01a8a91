#include <config.h>

#include "proto/conversation_state.h"

#include <assert.h>
#include <stdlib.h>

/* Ids of messages that a person has yet to come back to. */
#define UNREAD_LIMIT (256 * (MESSAGE_ID_MAX + 1))

/* Payloads waiting to be taken: send_queued() fills it to CONVERSATION_BYTES_MAX and one message more; the rest is for
 * handshakes, receipts and disconnects. */
#define OUTPUT_LIMIT (CONVERSATION_BYTES_MAX + 4 * MESSAGE_PAYLOAD_MAX)

/* Waits before what the relay's full queue refused is sent again: doubled each time. */
#define RETRY_FIRST_MS 100
#define RETRY_MAX_MS   2000

const char *conversation_failure_text(enum conversation_failure failure) {
    static const char *const texts[] = {
        [FAILURE_NO_SUCH_USER] = "no such user is connected",
        [FAILURE_TIMEOUT] = "no receipt in time",
        [FAILURE_LEFT] = "the peer left before its receipt came",
        [FAILURE_UNTRUSTED] = "the peer's key is not trusted",
        [FAILURE_REFUSED] = "the peer does not trust this key",
        [FAILURE_QUOTA] = "refused by the relay for rate or quota",
        [FAILURE_DENIED] = "denied by the relay",
        [FAILURE_INTEGRITY] = "no session could be made that holds",
        [FAILURE_SIGNATURE] = "the peer has found its signature wrong",
        [FAILURE_EXPIRED] = "expired before it was delivered",
        [FAILURE_HANDLER] = "the peer's program for it failed",
        [FAILURE_DECLINED] = "the peer takes no messages of this name",
        [FAILURE_UNSUPPORTED] = "the peer does not know this kind of message",
        [FAILURE_INTERNAL] = "internal error",
    };

    return texts[failure];
}

/* ---- making and freeing ---- */

/* Base64 in the alphabet of ids. */
static int make_id_prefix(char out[static ID_PREFIX_SIZE + 1]) {
    uint8_t random[ID_RANDOM_SIZE];

    if (csc_random_nonce(random, sizeof(random)) != CSC_OK)
        return PROTO_E_CRYPTO;
    csc_base64_encode(out, random, sizeof(random));
    for (size_t i = 0; i < ID_PREFIX_SIZE - 1; i++)
        out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
    out[ID_PREFIX_SIZE - 1] = '-';
    out[ID_PREFIX_SIZE] = '\0';
    return PROTO_OK;
}

int conversation_new(struct conversation **conversation, const struct conversation_config *config) {
    struct conversation *made = calloc(1, sizeof(*made));
    int error;

    if (made == NULL)
        return PROTO_E_MEMORY;
    made->config = *config;
    made->suites = *config->suites;
    name_copy(made->self, span_of(config->self));
    name_copy(made->peer, span_of(config->peer));
    made->receipts_due = made->receipts_retry_at = NEVER;
    made->answer = (struct answer){.payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX), .retry_at = NEVER};
    made->output = BUFFER_INIT(OUTPUT_LIMIT);
    made->unread = BUFFER_INIT(UNREAD_LIMIT);
    error = csc_private_key_public(config->identity, &made->own_key) == CSC_OK ? PROTO_OK : PROTO_E_MEMORY;
    if (error == PROTO_OK)
        error = make_id_prefix(made->id_prefix);
    if (error != PROTO_OK) {
        conversation_free(made);
        return error;
    }
    *conversation = made;
    return PROTO_OK;
}

void conversation_free(struct conversation *conversation) {
    if (conversation == NULL)
        return;
    drop_attempts(conversation);
    drop_session(conversation);
    while (conversation->unacked.first != NULL)
        unacked_remove(&conversation->unacked, conversation->unacked.first);
    csc_public_key_free(conversation->own_key);
    csc_public_key_free(conversation->peer_key);
    id_set_free(&conversation->received);
    buffer_free(&conversation->unread);
    id_set_free(&conversation->delivered);
    id_set_free(&conversation->pinged);
    buffer_free(&conversation->answer.payload);
    buffer_free(&conversation->output);
    event_queue_free(&conversation->events);
    free(conversation);
}

const char *conversation_peer(const struct conversation *conversation) {
    return conversation->peer;
}

bool conversation_is_ready(const struct conversation *conversation) {
    return conversation->ratchet != NULL;
}

const char *conversation_fingerprint(const struct conversation *conversation) {
    return conversation->fingerprint;
}

enum suite conversation_suite(const struct conversation *conversation) {
    return conversation->suite;
}

size_t conversation_pending(const struct conversation *conversation) {
    return conversation->unacked.count;
}

struct buffer *conversation_output(struct conversation *conversation) {
    return &conversation->output;
}

bool conversation_next_event(struct conversation *conversation, struct conversation_event *event) {
    return event_queue_take(&conversation->events, event);
}

/* ---- what the parts share ---- */

int put_event(struct conversation *conversation, const struct conversation_event *event) {
    return event_queue_put(&conversation->events, event);
}

int report_violation(struct conversation *conversation, int error) {
    return put_event(conversation, &(struct conversation_event){.type = CONVERSATION_EVENT_VIOLATION, .error = error});
}

bool is_own_error(int error) {
    return error == PROTO_E_MEMORY || error == PROTO_E_CRYPTO;
}

int end_payload(struct conversation *conversation, size_t before) {
    int error = buffer_append(&conversation->output, "\n", 1);

    if (error != PROTO_OK)
        buffer_truncate(&conversation->output, before);
    return error;
}

int send_disconnect(struct conversation *conversation, const struct disconnect_fields *what) {
    struct disconnect_fields fields = *what;
    size_t before = conversation->output.size;
    int error;

    fields.src = span_of(conversation->self);
    fields.dst = span_of(conversation->peer);
    if ((error = message_write_disconnect(&conversation->output, &fields)) == PROTO_OK)
        error = end_payload(conversation, before);
    /* The other side finds out by itself, only later. */
    return error == PROTO_E_FULL ? PROTO_OK : error;
}

uint64_t retry_delay(unsigned refusals) {
    uint64_t delay = RETRY_FIRST_MS;

    while (refusals-- > 0 && delay < RETRY_MAX_MS)
        delay *= 2;
    return delay < RETRY_MAX_MS ? delay : RETRY_MAX_MS;
}

/* ---- what comes ---- */

int conversation_receive(struct conversation *conversation, const struct message *message, struct span raw,
                         uint64_t now) {
    if (conversation->closed)
        return PROTO_OK;
    /* The peer writes its name as it wants to be shown; this side may only have heard it. */
    name_copy(conversation->peer, message->src);
    switch (message->type) {
    case MESSAGE_PEER_1:
    case MESSAGE_PEER_2:
    case MESSAGE_PEER_3:
    case MESSAGE_PEER_4:
        return receive_handshake(conversation, message, raw, now);
    case MESSAGE_COM:
        return receive_com(conversation, message, now);
    case MESSAGE_DISCONNECT:
        return receive_disconnect(conversation, message, now);
    default:
        return report_violation(conversation, PROTO_E_STATE);
    }
}

int conversation_refused(struct conversation *conversation, const struct message *error, uint64_t now) {
    struct unacked *entry = unacked_find(&conversation->unacked, error->id);

    if (conversation->closed)
        return PROTO_OK;
    if (entry != NULL)
        return message_refused(conversation, entry, error->code, now);
    return receipt_refused(conversation, error, now) ? PROTO_OK : handshake_refused(conversation, error, now);
}

/* ---- the end, and time ---- */

int conversation_close(struct conversation *conversation) {
    int error = conversation_flush(conversation);

    if (conversation->ratchet != NULL && error == PROTO_OK)
        error = send_disconnect(conversation, &(struct disconnect_fields){.reason = SPAN("bye")});
    conversation->closed = true;
    drop_attempts(conversation);
    drop_session(conversation);
    return error;
}

uint64_t conversation_deadline(const struct conversation *conversation) {
    if (conversation->closed)
        return NEVER;
    return earlier(session_deadline(conversation), traffic_deadline(conversation));
}

int conversation_tick(struct conversation *conversation, uint64_t now) {
    int error;

    if (conversation->closed)
        return PROTO_OK;
    error = session_tick(conversation, now);
    return error == PROTO_OK ? traffic_tick(conversation, now) : error;
}
