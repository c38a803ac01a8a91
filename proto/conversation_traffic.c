/* What travels in a conversation's session: messages, both ways.  Receipts are in conversation_receipts.c, and what has
 * none in conversation_notices.c. */
#include <config.h>

#include "proto/conversation_state.h"
#include "proto/line.h"

#include <assert.h>

/* ---- sending ---- */

int send_inner(struct conversation *conversation, const char *id, struct span inner) {
    size_t before = conversation->output.size;
    int error = ratchet_seal(conversation->ratchet, span_of(conversation->self), span_of(conversation->peer),
                             span_of(id), inner, &conversation->output);

    return error == PROTO_OK ? end_payload(conversation, before) : error;
}

void conversation_make_id(struct conversation *conversation, char out[static MESSAGE_ID_MAX + 1]) {
    char digits[20];
    size_t at = sizeof(digits);
    uint64_t number = ++conversation->next_id;

    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    memcpy(out, conversation->id_prefix, ID_PREFIX_SIZE);
    memcpy(out + ID_PREFIX_SIZE, digits + at, sizeof(digits) - at);
    out[ID_PREFIX_SIZE + sizeof(digits) - at] = '\0';
}

/* Tells that ENTRY goes out, the first time it does. */
static int report_sent(struct conversation *conversation, struct unacked *entry) {
    const struct conversation_event event = {.type = CONVERSATION_EVENT_SENT, .token = entry->token};

    entry->reported = true;
    return put_event(conversation, &event);
}

int send_queued(struct conversation *conversation, uint64_t now) {
    struct unacked_list *list = &conversation->unacked;

    if (conversation->ratchet == NULL)
        return PROTO_OK;
    for (struct unacked *entry = list->first; entry != NULL; entry = entry->next) {
        size_t before = conversation->output.size;
        int error;

        if (entry->on_its_way)
            continue;
        if (entry->retry_at > now)
            break;
        entry->retry_at = 0;
        if (list->sent_count >= CONVERSATION_WINDOW || list->sent_bytes >= CONVERSATION_BYTES_MAX ||
            before >= CONVERSATION_BYTES_MAX)
            break;
        if ((error = sign_entry(conversation, entry)) != PROTO_OK)
            return error;
        if ((error = send_inner(conversation, entry->id, buffer_span(&entry->inner))) == PROTO_E_FULL)
            break;
        if (error != PROTO_OK)
            return error;
        memcpy(entry->key, conversation->fingerprint, sizeof(entry->key));
        if (!entry->reported && (error = report_sent(conversation, entry)) != PROTO_OK)
            return error;
        unacked_sent(list, entry, conversation->output.size - before, now);
    }
    return PROTO_OK;
}

/* Ends the session that stands if it is with another key than KEY. */
static int end_session_of_other(struct conversation *conversation, const char *key) {
    if (conversation->ratchet == NULL || strcmp(key, conversation->fingerprint) == 0)
        return PROTO_OK;
    drop_session(conversation);
    return send_disconnect(conversation, &(struct disconnect_fields){.reason = SPAN("untrusted")});
}

int begin_entry(struct conversation *conversation, const char *id, uint64_t token, const char *key, uint64_t now,
                struct unacked **entry) {
    char made[MESSAGE_ID_MAX + 1];
    int error;

    if (conversation->closed)
        return PROTO_E_STATE;
    if (key == NULL)
        key = conversation->ratchet != NULL ? conversation->fingerprint : "";
    if ((error = end_session_of_other(conversation, key)) != PROTO_OK)
        return error;
    if (id == NULL)
        conversation_make_id(conversation, made);
    if ((*entry = unacked_append(&conversation->unacked, id != NULL ? id : made, token, now)) == NULL)
        return PROTO_E_MEMORY;
    memcpy((*entry)->key, key, strlen(key) + 1);
    return PROTO_OK;
}

int send_entry(struct conversation *conversation, struct unacked *entry, int error, uint64_t now) {
    char id[MESSAGE_ID_MAX + 1];

    if (error != PROTO_OK) {
        unacked_remove(&conversation->unacked, entry);
        /* The buffer's limit is the limit of an inner message. */
        return error == PROTO_E_FULL ? PROTO_E_TOO_LARGE : error;
    }
    memcpy(id, entry->id, sizeof(id));
    if ((error = send_queued(conversation, now)) == PROTO_OK)
        error = seek_session(conversation, now);
    if (error != PROTO_OK && (entry = unacked_find(&conversation->unacked, span_of(id))) != NULL)
        unacked_remove(&conversation->unacked, entry);
    return error;
}

int conversation_send(struct conversation *conversation, const struct conversation_text *text, uint64_t now) {
    /* Keeps the place of the signature, which is made when the text is sent. */
    static const uint8_t unsigned_yet[CSC_RSA_MAX_SIZE];
    struct text_fields fields = {.time = text->time, .expires = text->expires, .body = text->body};
    struct unacked *entry;
    int error = begin_entry(conversation, text->id, text->token, text->key, now, &entry);

    if (error != PROTO_OK)
        return error;
    entry->sign = text->sign;
    if (text->give_up_at > 0)
        unacked_expire(&conversation->unacked, entry, text->give_up_at);
    fields.id = span_of(entry->id);
    fields.signature = text->sign ? unsigned_yet : NULL;
    fields.signature_size = csc_private_key_size(conversation->config.identity);
    return send_entry(conversation, entry, message_write_text(&entry->inner, &fields), now);
}

/* ---- how messages end ---- */

int settle(struct conversation *conversation, struct unacked *entry, struct conversation_event *event) {
    int error;

    event->token = entry->token;
    if ((error = put_event(conversation, event)) != PROTO_OK)
        return error;
    unacked_remove(&conversation->unacked, entry);
    if (conversation->unacked.count == 0)
        conversation->attempts = 0;
    return PROTO_OK;
}

int fail_entry(struct conversation *conversation, struct unacked *entry, enum conversation_failure failure) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_FAILED, .failure = failure};

    /* Of what was sent once nobody knows whether it arrived. */
    if (failure == FAILURE_NO_SUCH_USER && entry->transmissions > 0)
        event.failure = FAILURE_LEFT;
    return settle(conversation, entry, &event);
}

int fail_all(struct conversation *conversation, enum conversation_failure failure) {
    int error = PROTO_OK;

    while (conversation->unacked.first != NULL && error == PROTO_OK)
        error = fail_entry(conversation, conversation->unacked.first, failure);
    return error == PROTO_OK ? fail_connect(conversation, failure) : error;
}

int fail_others(struct conversation *conversation, const char *fingerprint, enum conversation_failure failure) {
    struct unacked *next;
    int error = PROTO_OK;

    for (struct unacked *entry = conversation->unacked.first; entry != NULL && error == PROTO_OK; entry = next) {
        next = entry->next;
        if (entry->key[0] != '\0' && strcmp(entry->key, fingerprint) != 0)
            error = fail_entry(conversation, entry, failure);
    }
    return error;
}

void conversation_withdraw(struct conversation *conversation) {
    struct unacked *next;

    for (struct unacked *entry = conversation->unacked.first; entry != NULL; entry = next) {
        next = entry->next;
        if (!entry->file)
            unacked_remove(&conversation->unacked, entry);
    }
    if (conversation->unacked.count == 0)
        conversation->attempts = 0;
}

bool is_passing(enum wire_error code) {
    return code == WIRE_QUEUE_FULL || code == WIRE_RATE || code == WIRE_BUSY;
}

enum conversation_failure failure_of(enum wire_error code) {
    switch (code) {
    case WIRE_NO_SUCH_USER:
        return FAILURE_NO_SUCH_USER;
    case WIRE_QUEUE_FULL:
    case WIRE_RATE:
    case WIRE_BUSY:
    case WIRE_TOO_LARGE:
        return FAILURE_QUOTA;
    default:
        return FAILURE_DENIED;
    }
}

int message_refused(struct conversation *conversation, struct unacked *entry, enum wire_error code, uint64_t now) {
    const bool current = entry->on_its_way;
    int error;

    /* This transmission did not arrive. */
    unacked_requeue(&conversation->unacked, entry);
    if (entry->transmissions > 0)
        entry->transmissions--;
    if (is_passing(code)) {
        entry->retry_at = current ? now + retry_delay(entry->refusals++) : 0;
        return PROTO_OK;
    }
    /* It was sent in a session that is gone already; the handshake for the next will tell. */
    if (code == WIRE_NO_SUCH_USER && !current)
        return PROTO_OK;
    if (code == WIRE_NO_SUCH_USER)
        drop_session(conversation);
    error = fail_entry(conversation, entry, failure_of(code));
    return error == PROTO_OK ? seek_session(conversation, now) : error;
}

/* ---- receiving ---- */

static int receive_text(struct conversation *conversation, const struct message *com, const struct message *text,
                        uint64_t now) {
    const struct span owner = span_of(conversation->fingerprint);
    struct conversation_event event = {.type = CONVERSATION_EVENT_TEXT, .time = text->time, .expires = text->expires};
    enum id_state state = id_set_find(&conversation->received, owner, com->id);
    struct text_signature signature;
    int error;

    if (!span_equal(com->id, text->id))
        return report_violation(conversation, PROTO_E_MEMBER);
    if (text->is_signed) {
        if ((error = check_signature(conversation, text, &signature)) != PROTO_OK)
            return error == PROTO_E_INTEGRITY ? refuse_signature(conversation, com) : error;
        event.signature = &signature;
    }
    /* The receipt of one that is being handed on goes when it has been. */
    if (state == ID_SEEN)
        return PROTO_OK;
    if (state != ID_UNKNOWN)
        return add_receipt(conversation, com->id, state, 0, now);
    memcpy(event.fingerprint, conversation->fingerprint, CSC_FINGERPRINT_SIZE);
    memcpy(event.id, com->id.data, com->id.size);
    event.body = (char *)text->body.data;
    event.body_size = text->body.size;
    /* The event first: what is noted but never given to the program would be lost for good. */
    if ((error = put_event(conversation, &event)) != PROTO_OK)
        return error;
    return id_set_note(&conversation->received, owner, com->id, ID_SEEN);
}

static int receive_inner(struct conversation *conversation, const struct message *com, struct span text, uint64_t now) {
    struct message inner;
    int error = message_parse(&inner, PLACE_INNER, text.data, text.size);

    if (error == PROTO_E_INTEGRITY)
        return refuse_signature(conversation, com);
    if (error != PROTO_OK)
        return is_own_error(error) ? error : report_violation(conversation, error);
    switch (inner.type) {
    case MESSAGE_TEXT:
        error = receive_text(conversation, com, &inner, now);
        break;
    case MESSAGE_RECEIPT:
        error = receive_receipt(conversation, &inner, now);
        break;
    case MESSAGE_PEER_PING:
        error = receive_ping(conversation, com, &inner, now);
        break;
    case MESSAGE_PEER_PONG:
        error = receive_pong(conversation, inner.id);
        break;
    case MESSAGE_PRESENCE:
        error = receive_presence(conversation, com, &inner);
        break;
    case MESSAGE_FILE_OFFER:
    case MESSAGE_FILE_ANSWER:
    case MESSAGE_FILE_DATA:
    case MESSAGE_FILE_END:
        error = receive_file(conversation, com, &inner, now);
        break;
    default:
        error = send_unsupported(conversation, com->id);
    }
    message_free(&inner);
    return error;
}

/* True while this side's proof for a new session is on its way.  A message of a session that is not known is one of
 * the session before then, and the new one is the answer to it. */
static bool is_renewing(const struct conversation *conversation) {
    return conversation->initiating.handshake != NULL && handshake_is_proving(conversation->initiating.handshake);
}

/* A message that could not be opened. */
static int not_opened(struct conversation *conversation, const struct message *com, int error) {
    const struct disconnect_fields told = {.reason = SPAN("bad-session"), .session = com->session};
    int result;

    if (is_own_error(error))
        return error;
    if (error == PROTO_E_SESSION)
        return is_renewing(conversation) ? PROTO_OK : send_disconnect(conversation, &told);
    if ((result = report_violation(conversation, error)) != PROTO_OK)
        return result;
    /* A replay is dropped: answering it would let whoever replays end the session. */
    return error == PROTO_E_REPLAY ? PROTO_OK : send_disconnect(conversation, &told);
}

int receive_com(struct conversation *conversation, const struct message *com, uint64_t now) {
    struct buffer inner = BUFFER_INIT(LINE_MAX_SESSION);
    int error = PROTO_E_SESSION;

    if (conversation->ratchet != NULL)
        error = ratchet_open(conversation->ratchet, com, &inner);
    error = error == PROTO_OK ? receive_inner(conversation, com, buffer_span(&inner), now)
                              : not_opened(conversation, com, error);
    buffer_free(&inner);
    return error;
}

/* ---- time ---- */

/* Since when ENTRY has waited for its receipt, or for that of one before it: a peer that is slow but works is given
 * time. */
static uint64_t waiting_since(const struct conversation *conversation, const struct unacked *entry) {
    return entry->since > conversation->progress_at ? entry->since : conversation->progress_at;
}

/* When ENTRY is given up. */
static uint64_t entry_deadline(const struct conversation *conversation, const struct unacked *entry) {
    return waiting_since(conversation, entry) + conversation->config.timeout;
}

/* When ENTRY is sent once more, at half of that time: it, or its receipt, may have been refused on the way. */
static uint64_t repeat_time(const struct conversation *conversation, const struct unacked *entry) {
    uint64_t since = waiting_since(conversation, entry);

    if (!entry->on_its_way || entry->repeated)
        return NEVER;
    return (entry->sent_at > since ? entry->sent_at : since) + conversation->config.timeout / 2;
}

/* Marks what is to be sent once more. */
static void repeat_late(struct conversation *conversation, uint64_t now) {
    struct unacked *first = conversation->unacked.first;

    /* The oldest is the first to be late, and what waits behind it waits for it. */
    if (first == NULL || repeat_time(conversation, first) > now)
        return;
    unacked_requeue(&conversation->unacked, first);
    first->repeated = true;
}

int traffic_tick(struct conversation *conversation, uint64_t now) {
    struct unacked *first;
    int error = PROTO_OK;

    if (conversation->receipts_retry_at <= now && (error = retry_receipts(conversation)) != PROTO_OK)
        return error;
    if (conversation->receipts_due <= now && (error = conversation_flush(conversation)) != PROTO_OK)
        return error;
    while ((first = unacked_first_to_expire(&conversation->unacked)) != NULL && first->expires_at <= now)
        if ((error = fail_entry(conversation, first, FAILURE_EXPIRED)) != PROTO_OK)
            return error;
    while ((first = conversation->unacked.first) != NULL && entry_deadline(conversation, first) <= now) {
        enum conversation_failure failure = first->refusals > 0 && !first->on_its_way ? FAILURE_QUOTA : FAILURE_TIMEOUT;

        if ((error = fail_entry(conversation, first, failure)) != PROTO_OK)
            return error;
    }
    repeat_late(conversation, now);
    return send_queued(conversation, now);
}

/* When the first message that is not on its way can go: at once if only the output was in the way. */
static uint64_t send_time(const struct conversation *conversation) {
    const struct unacked_list *list = &conversation->unacked;

    if (conversation->ratchet == NULL || list->count == list->sent_count || list->sent_count >= CONVERSATION_WINDOW ||
        list->sent_bytes >= CONVERSATION_BYTES_MAX || conversation->output.size >= CONVERSATION_BYTES_MAX)
        return NEVER;
    for (const struct unacked *entry = list->first; entry != NULL; entry = entry->next)
        if (!entry->on_its_way)
            return entry->retry_at;
    return NEVER;
}

/* When gathered receipts go, unless the output is in the way. */
static uint64_t receipts_time(const struct conversation *conversation) {
    return conversation->output.size >= CONVERSATION_BYTES_MAX ? NEVER : conversation->receipts_due;
}

uint64_t traffic_deadline(const struct conversation *conversation) {
    const struct unacked *first = conversation->unacked.first, *expiring;
    uint64_t deadline =
        earlier(earlier(receipts_time(conversation), conversation->receipts_retry_at), send_time(conversation));

    if (first == NULL)
        return deadline;
    /* They are in the order in which they were queued, so the first is given up first, unless it has a time of its
     * own. */
    deadline = earlier(deadline, entry_deadline(conversation, first));
    if ((expiring = unacked_first_to_expire(&conversation->unacked)) != NULL)
        deadline = earlier(deadline, expiring->expires_at);
    return conversation->ratchet != NULL ? earlier(deadline, repeat_time(conversation, first)) : deadline;
}
