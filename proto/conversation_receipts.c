/* What becomes of messages: receipts, for the peer's messages and for own ones. */
#include <config.h>

#include "proto/conversation_state.h"

#include <assert.h>

/* ---- receipts for the peer ---- */

/* Sends a receipt for COUNT IDS under ID. */
static int send_receipt(struct conversation *conversation, const char *id, const struct span *ids, size_t count,
                        enum receipt_status status, uint32_t exit) {
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX);
    int error = message_write_receipt(&inner, ids, count, status, exit);

    if (error == PROTO_OK)
        error = send_inner(conversation, id, buffer_span(&inner));
    buffer_free(&inner);
    return error;
}

static int send_batch(struct conversation *conversation, const struct receipt_batch *batch) {
    struct span ids[CONVERSATION_RECEIPTS_MAX];

    for (size_t i = 0; i < batch->count; i++)
        ids[i] = span_of(batch->ids[i]);
    return send_receipt(conversation, batch->id, ids, batch->count, batch->status, batch->exit);
}

int send_unsupported(struct conversation *conversation, struct span refused) {
    char id[MESSAGE_ID_MAX + 1];
    int error;

    conversation_make_id(conversation, id);
    error = send_receipt(conversation, id, &refused, 1, RECEIPT_UNSUPPORTED, 0);
    return error == PROTO_E_FULL ? PROTO_OK : error;
}

int conversation_flush(struct conversation *conversation) {
    struct receipt_batch *batch = &conversation->receipts;
    int error;

    if (batch->count == 0 || conversation->ratchet == NULL)
        return PROTO_OK;
    conversation_make_id(conversation, batch->id);
    error = send_batch(conversation, batch);
    /* They wait until the output was taken. */
    if (error == PROTO_E_FULL)
        return PROTO_OK;
    if (error != PROTO_OK)
        return error;
    conversation->sent_receipts = *batch;
    conversation->receipts_retry_at = NEVER;
    conversation->receipt_refusals = 0;
    conversation->receipts.count = 0;
    conversation->receipts_due = NEVER;
    return PROTO_OK;
}

static enum receipt_status status_of(const struct conversation *conversation, enum id_state state) {
    switch (state) {
    case ID_EXPIRED:
        return RECEIPT_EXPIRED;
    case ID_FAILED:
        return RECEIPT_FAILED;
    case ID_DECLINED:
        return RECEIPT_DECLINED;
    default:
        return conversation->config.shows && !conversation->config.absent ? RECEIPT_READ : RECEIPT_DELIVERED;
    }
}

int add_receipt(struct conversation *conversation, struct span id, enum id_state state, uint32_t exit, uint64_t now) {
    const enum receipt_status status = status_of(conversation, state);
    struct receipt_batch *batch = &conversation->receipts;
    int error = PROTO_OK;

    if (batch->count == CONVERSATION_RECEIPTS_MAX ||
        (batch->count > 0 && (batch->status != status || batch->exit != exit)))
        error = conversation_flush(conversation);
    /* Without a session, or with a full output, the sender will ask again with its message. */
    if (error != PROTO_OK || conversation->ratchet == NULL || batch->count == CONVERSATION_RECEIPTS_MAX ||
        (batch->count > 0 && (batch->status != status || batch->exit != exit)))
        return error;
    batch->status = status;
    batch->exit = exit;
    memcpy(batch->ids[batch->count], id.data, id.size);
    batch->ids[batch->count++][id.size] = '\0';
    if (conversation->receipts_due == NEVER)
        conversation->receipts_due = now + CONVERSATION_RECEIPT_DELAY_MS;
    return batch->count == CONVERSATION_RECEIPTS_MAX ? conversation_flush(conversation) : PROTO_OK;
}

bool receipt_refused(struct conversation *conversation, const struct message *error, uint64_t now) {
    const struct receipt_batch *batch = &conversation->sent_receipts;

    if (batch->count == 0 || !span_equal(error->id, span_of(batch->id)))
        return false;
    if (is_passing(error->code))
        conversation->receipts_retry_at = now + retry_delay(conversation->receipt_refusals++);
    return true;
}

int retry_receipts(struct conversation *conversation) {
    int error;

    conversation->receipts_retry_at = NEVER;
    if (conversation->ratchet == NULL)
        return PROTO_OK;
    error = send_batch(conversation, &conversation->sent_receipts);
    return error == PROTO_E_FULL ? PROTO_OK : error;
}

/* A receipt is for the one who sent the message; if another key than FINGERPRINT has the name now, the sender asks
 * again. */
static int give_receipt(struct conversation *conversation, const char *fingerprint, const char *id, enum id_state state,
                        uint32_t exit, uint64_t now) {
    assert(message_id_is_valid(span_of(id)));
    if (strcmp(fingerprint, conversation->fingerprint) != 0)
        return PROTO_OK;
    return add_receipt(conversation, span_of(id), state, exit, now);
}

/* The message ID of the key FINGERPRINT is in STATE from now on. */
static int answer(struct conversation *conversation, const char *fingerprint, const char *id, enum id_state state,
                  uint32_t exit, uint64_t now) {
    int error = id_set_note(&conversation->received, span_of(fingerprint), span_of(id), state);

    return error == PROTO_OK ? give_receipt(conversation, fingerprint, id, state, exit, now) : error;
}

int conversation_handed_on(struct conversation *conversation, const char *fingerprint, const char *id, uint64_t now) {
    int error = answer(conversation, fingerprint, id, ID_DONE, 0, now);

    if (error == PROTO_OK && conversation->config.shows && conversation->config.absent)
        error = buffer_append(&conversation->unread, id, strlen(id) + 1);
    /* Of too many some will not be told to be read. */
    return error == PROTO_E_FULL ? PROTO_OK : error;
}

/* Gathers a receipt for ID, if it came from the key that has the session now. */
static int tell_read(struct conversation *conversation, struct span id, uint64_t now) {
    if (id_set_find(&conversation->received, span_of(conversation->fingerprint), id) != ID_DONE)
        return PROTO_OK;
    return add_receipt(conversation, id, ID_DONE, 0, now);
}

int conversation_attend(struct conversation *conversation, bool absent, uint64_t now) {
    struct buffer *unread = &conversation->unread;
    int error = PROTO_OK;

    conversation->config.absent = absent;
    while (error == PROTO_OK && !absent && unread->size > 0) {
        const struct span id = span_of((const char *)buffer_data(unread));

        error = tell_read(conversation, id, now);
        buffer_consume(unread, id.size + 1);
    }
    buffer_shrink(unread, 0);
    return error;
}

int conversation_expired(struct conversation *conversation, const char *fingerprint, const char *id, uint64_t now) {
    return answer(conversation, fingerprint, id, ID_EXPIRED, 0, now);
}

int conversation_declined(struct conversation *conversation, const char *fingerprint, const char *id, uint64_t now) {
    return answer(conversation, fingerprint, id, ID_DECLINED, 0, now);
}

int conversation_failed(struct conversation *conversation, const char *fingerprint, const char *id, uint32_t exit,
                        uint64_t now) {
    return answer(conversation, fingerprint, id, ID_FAILED, exit, now);
}

/* Ids of data are not remembered: offsets tell what was written, and those of texts would be forgotten for them. */
int conversation_answer_data(struct conversation *conversation, const char *fingerprint, const char *id,
                             enum data_fate fate, uint64_t now) {
    static const enum id_state states[] = {
        [DATA_WRITTEN] = ID_DONE, [DATA_OUT_OF_ORDER] = ID_FAILED, [DATA_UNKNOWN] = ID_DECLINED};

    return give_receipt(conversation, fingerprint, id, states[fate], 0, now);
}

/* ---- receipts of the peer ---- */

/* The peer says that a person was shown ID, for which it gave another receipt before. */
static int note_read(struct conversation *conversation, struct span id) {
    const struct span owner = span_of(conversation->fingerprint);
    struct conversation_event event = {.type = CONVERSATION_EVENT_READ};
    int error;

    if (id_set_find(&conversation->delivered, owner, id) != ID_SEEN)
        return PROTO_OK;
    memcpy(event.id, id.data, id.size);
    error = put_event(conversation, &event);
    return error == PROTO_OK ? id_set_note(&conversation->delivered, owner, id, ID_DONE) : error;
}

/* The end of ENTRY, as RECEIPT says. */
static int take_receipt(struct conversation *conversation, struct unacked *entry, const struct message *receipt) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_FAILED, .exit = receipt->exit};
    int error = PROTO_OK;

    switch (receipt->status) {
    case RECEIPT_EXPIRED:
        event.failure = FAILURE_EXPIRED;
        break;
    case RECEIPT_FAILED:
        event.failure = FAILURE_HANDLER;
        break;
    case RECEIPT_DECLINED:
        event.failure = FAILURE_DECLINED;
        break;
    case RECEIPT_UNSUPPORTED:
        event.failure = FAILURE_UNSUPPORTED;
        break;
    default:
        event.type = CONVERSATION_EVENT_DELIVERED;
        event.read = receipt->status == RECEIPT_READ;
        if (!event.read && !entry->file)
            error =
                id_set_note(&conversation->delivered, span_of(conversation->fingerprint), span_of(entry->id), ID_SEEN);
        break;
    }
    return error == PROTO_OK ? settle(conversation, entry, &event) : error;
}

int receive_receipt(struct conversation *conversation, const struct message *receipt, uint64_t now) {
    int error = PROTO_OK;

    if (receipt->status == RECEIPT_UNKNOWN)
        return PROTO_OK;
    for (size_t i = 0; i < message_count(receipt) && error == PROTO_OK; i++) {
        const struct span id = message_receipt_id(receipt, i);
        struct unacked *entry = unacked_find(&conversation->unacked, id);

        if (entry == NULL && receipt->status == RECEIPT_READ)
            error = note_read(conversation, id);
        else if (entry == NULL && receipt->status == RECEIPT_UNSUPPORTED)
            error = receive_pong(conversation, id);
        /* A receipt for what was never sent would be one that the peer cannot know of. */
        if (entry == NULL || entry->transmissions == 0)
            continue;
        /* Receipts come in order: a later one that leaves the oldest out is no progress for it. */
        if (entry == conversation->unacked.first)
            conversation->progress_at = now;
        conversation->attempts = 0;
        error = take_receipt(conversation, entry, receipt);
    }
    return error == PROTO_OK ? send_queued(conversation, now) : error;
}
