#include <config.h>

#include "proto/conversation.h"
#include "proto/event_queue.h"
#include "proto/id_set.h"
#include "proto/line.h"
#include "proto/text.h"
#include "proto/unacked.h"

#include <stdlib.h>

/* Payloads waiting to be taken: what one call can produce at the most, a window of messages sent again. */
#define OUTPUT_LIMIT (2 * CONVERSATION_BYTES_MAX + 4 * MESSAGE_PAYLOAD_MAX)

/* Waits before a message is sent again that the relay's full queue refused: doubled each time. */
#define RETRY_FIRST_MS 100
#define RETRY_MAX_MS   2000

/* Ids of messages: a random part for this conversation, a dash, a number. */
#define ID_RANDOM_SIZE 9
#define ID_PREFIX_SIZE (CSC_BASE64_LENGTH(ID_RANDOM_SIZE) + 1)

#define NEVER UINT64_MAX

/* A handshake under way, in one of the two roles. */
struct attempt {
    struct handshake *handshake; /* NULL: none */
    uint64_t deadline;
    bool deciding; /* the program is asked about the peer's key */
};

struct conversation {
    struct conversation_config config;
    struct suite_list suites;
    char self[NAME_SIZE], peer[NAME_SIZE];
    char id_prefix[ID_PREFIX_SIZE + 1];
    uint64_t next_id;

    struct ratchet *ratchet;                /* the session that stands, or NULL */
    char fingerprint[CSC_FINGERPRINT_SIZE]; /* of the peer in the last session, "" before the first: what is
                                               unreceipted was meant for this key */
    struct attempt initiating, responding;
    unsigned attempts;     /* handshakes begun here since the last receipt */
    uint64_t begin_at;     /* when the next one may begin */
    unsigned begin_delays; /* times in a row that the relay's full queue delayed it */

    struct unacked_list unacked;
    uint64_t progress_at; /* when the last receipt came */

    char receipts[CONVERSATION_RECEIPTS_MAX][MESSAGE_ID_MAX + 1];
    size_t receipt_count;
    uint64_t receipts_due;
    struct id_set received;

    struct buffer output;
    struct event_queue events;
};

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
        [FAILURE_UNSUPPORTED] = "the peer does not know this kind of message",
        [FAILURE_INTERNAL] = "internal error",
    };

    return texts[failure];
}

/* ---- making and freeing ------------------------------------------------------------------------------- */

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
    made->receipts_due = NEVER;
    made->output = BUFFER_INIT(OUTPUT_LIMIT);
    if ((error = make_id_prefix(made->id_prefix)) != PROTO_OK) {
        conversation_free(made);
        return error;
    }
    *conversation = made;
    return PROTO_OK;
}

static void drop_attempt(struct attempt *attempt) {
    handshake_free(attempt->handshake);
    *attempt = (struct attempt){NULL, 0, false};
}

void conversation_free(struct conversation *conversation) {
    if (conversation == NULL)
        return;
    ratchet_free(conversation->ratchet);
    drop_attempt(&conversation->initiating);
    drop_attempt(&conversation->responding);
    while (conversation->unacked.first != NULL)
        unacked_remove(&conversation->unacked, conversation->unacked.first);
    id_set_free(&conversation->received);
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

size_t conversation_pending(const struct conversation *conversation) {
    return conversation->unacked.count;
}

struct buffer *conversation_output(struct conversation *conversation) {
    return &conversation->output;
}

bool conversation_next_event(struct conversation *conversation, struct conversation_event *event) {
    return event_queue_take(&conversation->events, event);
}

static int put_event(struct conversation *conversation, const struct conversation_event *event) {
    return event_queue_put(&conversation->events, event);
}

/* ---- what is sent besides messages --------------------------------------------------------------------- */

/* Ends the payload that was appended to the output from BEFORE on. */
static int end_payload(struct conversation *conversation, size_t before) {
    int error = buffer_append(&conversation->output, "\n", 1);

    if (error != PROTO_OK)
        buffer_truncate(&conversation->output, before);
    return error;
}

static int send_disconnect(struct conversation *conversation, const char *reason) {
    size_t before = conversation->output.size;
    int error = message_write_disconnect(&conversation->output, span_of(conversation->self),
                                         span_of(conversation->peer), span_of(reason));

    return error == PROTO_OK ? end_payload(conversation, before) : error;
}

/* Encrypts INNER under ID in the session that stands. */
static int send_inner(struct conversation *conversation, const char *id, struct span inner) {
    size_t before = conversation->output.size;
    int error = ratchet_seal(conversation->ratchet, span_of(conversation->self), span_of(conversation->peer),
                             span_of(id), inner, &conversation->output);

    return error == PROTO_OK ? end_payload(conversation, before) : error;
}

static void make_id(struct conversation *conversation, char out[static MESSAGE_ID_MAX + 1]) {
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

static int send_receipt(struct conversation *conversation, const struct span *ids, size_t count,
                        enum receipt_status status) {
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX);
    char id[MESSAGE_ID_MAX + 1];
    int error = message_write_receipt(&inner, ids, count, status);

    make_id(conversation, id);
    if (error == PROTO_OK)
        error = send_inner(conversation, id, buffer_span(&inner));
    buffer_free(&inner);
    return error;
}

int conversation_flush(struct conversation *conversation) {
    struct span ids[CONVERSATION_RECEIPTS_MAX];
    size_t count = conversation->receipt_count;

    conversation->receipt_count = 0;
    conversation->receipts_due = NEVER;
    /* Without a session they are lost; the sender asks again with its message. */
    if (count == 0 || conversation->ratchet == NULL)
        return PROTO_OK;
    for (size_t i = 0; i < count; i++)
        ids[i] = span_of(conversation->receipts[i]);
    return send_receipt(conversation, ids, count, RECEIPT_DELIVERED);
}

static int add_receipt(struct conversation *conversation, struct span id, uint64_t now) {
    char *slot = conversation->receipts[conversation->receipt_count++];

    memcpy(slot, id.data, id.size);
    slot[id.size] = '\0';
    if (conversation->receipt_count == CONVERSATION_RECEIPTS_MAX)
        return conversation_flush(conversation);
    if (conversation->receipts_due == NEVER)
        conversation->receipts_due = now + CONVERSATION_RECEIPT_DELAY_MS;
    return PROTO_OK;
}

int conversation_close(struct conversation *conversation) {
    int error = conversation_flush(conversation);

    if (error != PROTO_OK || conversation->ratchet == NULL)
        return error;
    ratchet_free(conversation->ratchet);
    conversation->ratchet = NULL;
    return send_disconnect(conversation, "bye");
}

/* ---- messages --------------------------------------------------------------------------------------------- */

static int settle(struct conversation *conversation, struct unacked *entry, enum conversation_event_type type,
                  enum conversation_failure failure) {
    struct conversation_event event = {.type = type, .token = entry->token, .failure = failure};

    unacked_remove(&conversation->unacked, entry);
    if (conversation->unacked.count == 0)
        conversation->attempts = 0;
    return put_event(conversation, &event);
}

static int fail_entry(struct conversation *conversation, struct unacked *entry, enum conversation_failure failure) {
    /* Of what was sent once nobody knows whether it arrived. */
    if (failure == FAILURE_NO_SUCH_USER && entry->transmissions > 0)
        failure = FAILURE_LEFT;
    return settle(conversation, entry, CONVERSATION_EVENT_FAILED, failure);
}

static int fail_all(struct conversation *conversation, enum conversation_failure failure) {
    int error = PROTO_OK;

    while (conversation->unacked.first != NULL && error == PROTO_OK)
        error = fail_entry(conversation, conversation->unacked.first, failure);
    return error;
}

/* Sends what the window has room for, in order. */
static int send_queued(struct conversation *conversation, uint64_t now) {
    struct unacked_list *list = &conversation->unacked;

    if (conversation->ratchet == NULL)
        return PROTO_OK;
    for (struct unacked *entry = list->first; entry != NULL; entry = entry->next) {
        size_t before = conversation->output.size;
        int error;

        if (entry->on_its_way)
            continue;
        if (entry->retry_at > now || list->sent_count >= CONVERSATION_WINDOW ||
            list->sent_bytes >= CONVERSATION_BYTES_MAX)
            break;
        if ((error = send_inner(conversation, entry->id, buffer_span(&entry->inner))) != PROTO_OK)
            return error;
        unacked_sent(list, entry, conversation->output.size - before);
    }
    return PROTO_OK;
}

/* ---- handshakes ---------------------------------------------------------------------------------------------- */

static int new_attempt(struct conversation *conversation, struct attempt *attempt, enum handshake_role role,
                       uint64_t now) {
    struct handshake_config config = {
        .role = role,
        .use = HANDSHAKE_PEER,
        .identity = conversation->config.identity,
        .identity_pem = conversation->config.identity_pem,
        .self = conversation->self,
        .peer = conversation->peer,
        .suites = &conversation->suites,
    };

    drop_attempt(attempt);
    attempt->deadline = now + conversation->config.timeout;
    return handshake_new(&attempt->handshake, &config);
}

/* Begins a handshake if messages wait for a session and none is on its way. */
static int seek_session(struct conversation *conversation, uint64_t now) {
    struct attempt *attempt = &conversation->initiating;
    size_t before = conversation->output.size;
    int error;

    if (conversation->ratchet != NULL || conversation->unacked.count == 0 || attempt->handshake != NULL ||
        conversation->responding.handshake != NULL || conversation->begin_at > now)
        return PROTO_OK;
    if (conversation->attempts == CONVERSATION_ATTEMPTS_MAX) {
        conversation->attempts = 0;
        return fail_all(conversation, FAILURE_INTEGRITY);
    }
    conversation->attempts++;
    conversation->begin_at = 0;
    if ((error = new_attempt(conversation, attempt, HANDSHAKE_INITIATOR, now)) != PROTO_OK ||
        (error = handshake_start(attempt->handshake, &conversation->output)) != PROTO_OK ||
        (error = end_payload(conversation, before)) != PROTO_OK)
        drop_attempt(attempt);
    return error;
}

/* The session is gone; what has no receipt waits for the next one. */
static void drop_session(struct conversation *conversation) {
    ratchet_free(conversation->ratchet);
    conversation->ratchet = NULL;
    conversation->receipt_count = 0;
    conversation->receipts_due = NEVER;
    for (struct unacked *entry = conversation->unacked.first; entry != NULL; entry = entry->next) {
        unacked_requeue(&conversation->unacked, entry);
        entry->retry_at = 0;
    }
}

/* A handshake of ATTEMPT is complete: its session takes the place of any other. */
static int install_session(struct conversation *conversation, struct attempt *attempt, uint64_t now) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_READY, .suite = handshake_suite(attempt->handshake)};
    struct ratchet *ratchet;
    int error = handshake_ratchet(attempt->handshake, &ratchet);

    if (error != PROTO_OK)
        return error;
    memcpy(event.fingerprint, handshake_peer_fingerprint(attempt->handshake), CSC_FINGERPRINT_SIZE);
    drop_attempt(&conversation->initiating);
    drop_attempt(&conversation->responding);
    drop_session(conversation);
    conversation->ratchet = ratchet;
    conversation->begin_delays = 0;
    if (conversation->fingerprint[0] != '\0' && strcmp(conversation->fingerprint, event.fingerprint) != 0 &&
        (error = fail_all(conversation, FAILURE_UNTRUSTED)) != PROTO_OK)
        return error;
    memcpy(conversation->fingerprint, event.fingerprint, CSC_FINGERPRINT_SIZE);
    if ((error = put_event(conversation, &event)) != PROTO_OK)
        return error;
    return send_queued(conversation, now);
}

/* True for trouble of this side, which goes to the caller; all else is the peer's doing. */
static bool is_own_error(int error) {
    return error == PROTO_E_MEMORY || error == PROTO_E_CRYPTO || error == PROTO_E_FULL;
}

static int report_violation(struct conversation *conversation, int error) {
    return put_event(conversation, &(struct conversation_event){.type = CONVERSATION_EVENT_VIOLATION, .error = error});
}

/* A handshake broke down: tells the program and the peer, and tries again if messages wait. */
static int handshake_failed(struct conversation *conversation, struct attempt *attempt, int error, uint64_t now) {
    int result;

    drop_attempt(attempt);
    if (is_own_error(error))
        return error;
    if (error == PROTO_E_SUITE) {
        if ((result = send_disconnect(conversation, "no-common-cipher")) != PROTO_OK)
            return result;
        return conversation->ratchet == NULL ? fail_all(conversation, FAILURE_INTEGRITY) : PROTO_OK;
    }
    if ((result = report_violation(conversation, error)) != PROTO_OK ||
        (result = send_disconnect(conversation, "bad-session")) != PROTO_OK)
        return result;
    return seek_session(conversation, now);
}

/* Asks the program about the key that ATTEMPT's peer showed. */
static int ask_trust(struct conversation *conversation, struct attempt *attempt) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_KEY};

    attempt->deciding = true;
    memcpy(event.fingerprint, handshake_peer_fingerprint(attempt->handshake), CSC_FINGERPRINT_SIZE);
    return put_event(conversation, &event);
}

/* True if this side's offer stands when both begin at once: that of the name that sorts first. */
static bool own_offer_stands(const struct conversation *conversation) {
    return name_compare(span_of(conversation->self), span_of(conversation->peer)) < 0;
}

static int receive_phase1(struct conversation *conversation, const struct message *message, struct span raw,
                          uint64_t now) {
    struct attempt *own = &conversation->initiating, *attempt = &conversation->responding;
    int error;

    if (own->handshake != NULL && !handshake_is_proving(own->handshake) && own_offer_stands(conversation))
        return PROTO_OK;
    drop_attempt(own);
    if ((error = new_attempt(conversation, attempt, HANDSHAKE_RESPONDER, now)) != PROTO_OK)
        return error;
    if ((error = handshake_read(attempt->handshake, message, raw)) != PROTO_OK)
        return handshake_failed(conversation, attempt, error, now);
    return ask_trust(conversation, attempt);
}

static int receive_phase3(struct conversation *conversation, const struct message *message, struct span raw,
                          uint64_t now) {
    struct attempt *attempt = &conversation->responding;
    size_t before = conversation->output.size;
    int error;

    if ((error = handshake_read(attempt->handshake, message, raw)) != PROTO_OK ||
        (error = handshake_verify(attempt->handshake)) != PROTO_OK ||
        (error = handshake_finish(attempt->handshake, 0, &conversation->output)) != PROTO_OK ||
        (error = end_payload(conversation, before)) != PROTO_OK)
        return handshake_failed(conversation, attempt, error, now);
    return install_session(conversation, attempt, now);
}

static int receive_answer(struct conversation *conversation, const struct message *message, struct span raw,
                          uint64_t now) {
    struct attempt *attempt = &conversation->initiating;
    int error = handshake_read(attempt->handshake, message, raw);

    if (error != PROTO_OK)
        return handshake_failed(conversation, attempt, error, now);
    if (handshake_is_complete(attempt->handshake))
        return install_session(conversation, attempt, now);
    return ask_trust(conversation, attempt);
}

static int receive_handshake(struct conversation *conversation, const struct message *message, struct span raw,
                             uint64_t now) {
    switch (message->type) {
    case MESSAGE_PEER_1:
        return receive_phase1(conversation, message, raw, now);
    case MESSAGE_PEER_3:
        /* Of an offer that was given up meanwhile. */
        if (conversation->responding.handshake == NULL)
            return PROTO_OK;
        return receive_phase3(conversation, message, raw, now);
    default:
        if (conversation->initiating.handshake == NULL)
            return PROTO_OK;
        return receive_answer(conversation, message, raw, now);
    }
}

int conversation_trust(struct conversation *conversation, bool trusted, uint64_t now) {
    struct attempt *attempt = conversation->responding.deciding ? &conversation->responding : &conversation->initiating;
    size_t before = conversation->output.size;
    int error;

    if (!attempt->deciding)
        return PROTO_OK;
    attempt->deciding = false;
    if (!trusted) {
        drop_attempt(attempt);
        if ((error = send_disconnect(conversation, "untrusted")) != PROTO_OK)
            return error;
        /* A session that works is not disturbed by an offer that is refused. */
        return conversation->ratchet == NULL ? fail_all(conversation, FAILURE_UNTRUSTED) : PROTO_OK;
    }
    if ((error = handshake_accept(attempt->handshake, &conversation->output)) != PROTO_OK ||
        (error = end_payload(conversation, before)) != PROTO_OK)
        return handshake_failed(conversation, attempt, error, now);
    return PROTO_OK;
}

/* ---- what the peer sends --------------------------------------------------------------------------------------- */

static int receive_text(struct conversation *conversation, const struct message *com, const struct message *text,
                        uint64_t now) {
    const struct span owner = span_of(conversation->fingerprint);
    struct conversation_event event = {.type = CONVERSATION_EVENT_TEXT, .time = text->time};
    int error;

    if (!span_equal(com->id, text->id))
        return report_violation(conversation, PROTO_E_MEMBER);
    switch (id_set_find(&conversation->received, owner, com->id)) {
    case ID_DONE:
        return add_receipt(conversation, com->id, now);
    case ID_SEEN:
        return PROTO_OK; /* its receipt goes when it has been handed on */
    default:
        break;
    }
    memcpy(event.fingerprint, conversation->fingerprint, CSC_FINGERPRINT_SIZE);
    memcpy(event.id, com->id.data, com->id.size);
    event.body = (char *)text->body.data;
    event.body_size = text->body.size;
    if ((error = id_set_note(&conversation->received, owner, com->id, ID_SEEN)) != PROTO_OK)
        return error;
    return put_event(conversation, &event);
}

int conversation_handed_on(struct conversation *conversation, const char *id, uint64_t now) {
    int error = id_set_note(&conversation->received, span_of(conversation->fingerprint), span_of(id), ID_DONE);

    return error == PROTO_OK ? add_receipt(conversation, span_of(id), now) : error;
}

static int receive_receipt(struct conversation *conversation, const struct message *receipt, uint64_t now) {
    int error = PROTO_OK;

    if (receipt->status == RECEIPT_UNKNOWN)
        return PROTO_OK;
    for (size_t i = 0; i < message_count(receipt) && error == PROTO_OK; i++) {
        struct unacked *entry = unacked_find(&conversation->unacked, message_receipt_id(receipt, i));

        /* A receipt for what was never sent would be one that the peer cannot know of. */
        if (entry == NULL || entry->transmissions == 0)
            continue;
        conversation->progress_at = now;
        conversation->attempts = 0;
        error = receipt->status == RECEIPT_UNSUPPORTED
                    ? fail_entry(conversation, entry, FAILURE_UNSUPPORTED)
                    : settle(conversation, entry, CONVERSATION_EVENT_DELIVERED, FAILURE_INTERNAL);
    }
    return error == PROTO_OK ? send_queued(conversation, now) : error;
}

static int receive_inner(struct conversation *conversation, const struct message *com, struct span text, uint64_t now) {
    struct message inner;
    int error = message_parse(&inner, PLACE_INNER, text.data, text.size);

    if (error != PROTO_OK)
        return is_own_error(error) ? error : report_violation(conversation, error);
    switch (inner.type) {
    case MESSAGE_TEXT:
        error = receive_text(conversation, com, &inner, now);
        break;
    case MESSAGE_RECEIPT:
        error = receive_receipt(conversation, &inner, now);
        break;
    default:
        error = send_receipt(conversation, &com->id, 1, RECEIPT_UNSUPPORTED);
    }
    message_free(&inner);
    return error;
}

static int receive_com(struct conversation *conversation, const struct message *com, uint64_t now) {
    struct buffer inner = BUFFER_INIT(LINE_MAX_SESSION);
    int error = PROTO_E_SESSION;

    if (conversation->ratchet != NULL)
        error = ratchet_open(conversation->ratchet, com, &inner);
    if (error == PROTO_OK)
        error = receive_inner(conversation, com, buffer_span(&inner), now);
    else if (error == PROTO_E_SESSION)
        error = send_disconnect(conversation, "bad-session");
    else if (!is_own_error(error)) {
        int violation = error;

        /* A replay is dropped: answering it would let whoever replays end the session. */
        error = report_violation(conversation, violation);
        if (error == PROTO_OK && violation != PROTO_E_REPLAY)
            error = send_disconnect(conversation, "bad-session");
    }
    buffer_free(&inner);
    return error;
}

static int receive_disconnect(struct conversation *conversation, const struct message *message, uint64_t now) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_CLOSED};
    const bool bad_session = span_equal(message->reason, SPAN("bad-session"));
    const bool handshaking = conversation->initiating.handshake != NULL && conversation->ratchet == NULL;
    int error;

    /* It is about messages of the session before, which is given up already; an offer that was answered is what it
     * can mean, and an offer that was not answered yet cannot have failed. */
    if (bad_session && handshaking && !handshake_is_proving(conversation->initiating.handshake))
        return PROTO_OK;
    drop_attempt(&conversation->initiating);
    if (bad_session) {
        drop_session(conversation);
        return seek_session(conversation, now);
    }
    drop_attempt(&conversation->responding);
    drop_session(conversation);
    text_escape_cut(event.reason, sizeof(event.reason), message->reason);
    if ((error = put_event(conversation, &event)) != PROTO_OK)
        return error;
    if (span_equal(message->reason, SPAN("untrusted")))
        return fail_all(conversation, FAILURE_REFUSED);
    if (span_equal(message->reason, SPAN("no-common-cipher")))
        return fail_all(conversation, FAILURE_INTEGRITY);
    /* The peer may be back already; if it is not, the relay says so. */
    return seek_session(conversation, now);
}

int conversation_receive(struct conversation *conversation, const struct message *message, struct span raw,
                         uint64_t now) {
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

/* ---- what the relay refuses ----------------------------------------------------------------------------------------
 */

static uint64_t retry_delay(unsigned refusals) {
    uint64_t delay = RETRY_FIRST_MS;

    while (refusals-- > 0 && delay < RETRY_MAX_MS)
        delay *= 2;
    return delay < RETRY_MAX_MS ? delay : RETRY_MAX_MS;
}

static bool is_passing(enum wire_error code) {
    return code == WIRE_QUEUE_FULL || code == WIRE_RATE || code == WIRE_BUSY;
}

static enum conversation_failure failure_of(enum wire_error code) {
    switch (code) {
    case WIRE_NO_SUCH_USER:
        return FAILURE_NO_SUCH_USER;
    case WIRE_DENIED:
        return FAILURE_DENIED;
    default:
        return FAILURE_QUOTA;
    }
}

static int message_refused(struct conversation *conversation, struct unacked *entry, enum wire_error code,
                           uint64_t now) {
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

static int handshake_refused(struct conversation *conversation, enum wire_error code, uint64_t now) {
    drop_attempt(&conversation->initiating);
    if (!is_passing(code))
        return fail_all(conversation, failure_of(code));
    conversation->attempts--;
    conversation->begin_at = now + retry_delay(conversation->begin_delays++);
    return PROTO_OK;
}

int conversation_refused(struct conversation *conversation, const struct message *error, uint64_t now) {
    struct unacked *entry = unacked_find(&conversation->unacked, error->id);
    const struct handshake *handshake = conversation->initiating.handshake;

    if (entry != NULL)
        return message_refused(conversation, entry, error->code, now);
    /* Phases 3 and 4 have no id. */
    if (handshake != NULL && (error->id.size == 0 || span_equal(error->id, handshake_id(handshake))))
        return handshake_refused(conversation, error->code, now);
    return PROTO_OK;
}

/* ---- time
 * ------------------------------------------------------------------------------------------------------------ */

/* When ENTRY is given up: so long after it was queued, or after the last receipt, if the peer is slow but works. */
static uint64_t entry_deadline(const struct conversation *conversation, const struct unacked *entry) {
    uint64_t since = entry->since > conversation->progress_at ? entry->since : conversation->progress_at;

    return since + conversation->config.timeout;
}

int conversation_send(struct conversation *conversation, uint64_t token, struct span body, uint64_t wall,
                      uint64_t now) {
    char id[MESSAGE_ID_MAX + 1];
    struct unacked *entry;
    int error;

    make_id(conversation, id);
    if ((entry = unacked_append(&conversation->unacked, id, token, now)) == NULL)
        return PROTO_E_MEMORY;
    if ((error = message_write_text(&entry->inner, span_of(id), wall, body)) != PROTO_OK) {
        unacked_remove(&conversation->unacked, entry);
        /* The buffer's limit is the limit of an inner message. */
        return error == PROTO_E_FULL ? PROTO_E_TOO_LARGE : error;
    }
    if ((error = send_queued(conversation, now)) == PROTO_OK)
        error = seek_session(conversation, now);
    return error;
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

uint64_t conversation_deadline(const struct conversation *conversation) {
    const struct unacked *first = conversation->unacked.first;
    uint64_t deadline = conversation->receipts_due;

    if (conversation->initiating.handshake != NULL)
        deadline = earlier(deadline, conversation->initiating.deadline);
    if (conversation->responding.handshake != NULL)
        deadline = earlier(deadline, conversation->responding.deadline);
    if (first != NULL) {
        /* Entries are in the order of `since`, so the first expires first. */
        deadline = earlier(deadline, entry_deadline(conversation, first));
        if (conversation->begin_at > 0 && conversation->ratchet == NULL && conversation->responding.handshake == NULL)
            deadline = earlier(deadline, conversation->begin_at);
    }
    for (const struct unacked *entry = first; entry != NULL; entry = entry->next)
        if (entry->retry_at > 0)
            return earlier(deadline, entry->retry_at);
    return deadline;
}

int conversation_tick(struct conversation *conversation, uint64_t now) {
    struct unacked *first;
    int error = PROTO_OK;

    if (conversation->receipts_due <= now && (error = conversation_flush(conversation)) != PROTO_OK)
        return error;
    if (conversation->responding.handshake != NULL && conversation->responding.deadline <= now)
        drop_attempt(&conversation->responding);
    if (conversation->initiating.handshake != NULL && conversation->initiating.deadline <= now) {
        drop_attempt(&conversation->initiating);
        conversation->attempts = 0;
        if ((error = fail_all(conversation, FAILURE_TIMEOUT)) != PROTO_OK)
            return error;
    }
    while ((first = conversation->unacked.first) != NULL && entry_deadline(conversation, first) <= now) {
        enum conversation_failure failure = first->refusals > 0 && !first->on_its_way ? FAILURE_QUOTA : FAILURE_TIMEOUT;

        if ((error = fail_entry(conversation, first, failure)) != PROTO_OK)
            return error;
    }
    if ((error = send_queued(conversation, now)) == PROTO_OK)
        error = seek_session(conversation, now);
    return error;
}
