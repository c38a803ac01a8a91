/*
 * Sessions of a conversation: handshakes in both roles, one of each at a time, and how sessions end.
 *
 * A handshake is provisional: the session that stands goes on until another is complete.
 */
#include <config.h>

#include "proto/conversation_state.h"
#include "proto/text.h"

/* ---- attempts ---- */

static void drop_attempt(struct attempt *attempt) {
    handshake_free(attempt->handshake);
    *attempt = (struct attempt){NULL, 0, false};
}

void drop_attempts(struct conversation *conversation) {
    drop_attempt(&conversation->initiating);
    drop_attempt(&conversation->responding);
    conversation->answer.retry_at = NEVER;
}

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
        .attest = conversation->config.attest,
    };

    drop_attempt(attempt);
    attempt->deadline = now + conversation->config.timeout;
    return handshake_new(&attempt->handshake, &config);
}

/* True if a session is wanted, whether or not there is one. */
static bool is_wanted(const struct conversation *conversation) {
    return conversation->unacked.count > 0 || conversation->connect_token != 0;
}

int seek_session(struct conversation *conversation, uint64_t now) {
    struct attempt *attempt = &conversation->initiating;
    size_t before = conversation->output.size;
    int error;

    if (conversation->closed || conversation->offline || conversation->ratchet != NULL || !is_wanted(conversation) ||
        attempt->handshake != NULL || conversation->responding.handshake != NULL || conversation->begin_at > now)
        return PROTO_OK;
    if (conversation->attempts == CONVERSATION_ATTEMPTS_MAX)
        return fail_all(conversation, FAILURE_INTEGRITY);
    conversation->attempts++;
    conversation->begin_at = 0;
    if ((error = new_attempt(conversation, attempt, HANDSHAKE_INITIATOR, now)) == PROTO_OK &&
        (error = handshake_start(attempt->handshake, &conversation->output)) == PROTO_OK)
        error = end_payload(conversation, before);
    if (error == PROTO_OK)
        return PROTO_OK;
    drop_attempt(attempt);
    if (error != PROTO_E_FULL)
        return error;
    conversation->attempts--;
    conversation->begin_at = now + retry_delay(conversation->begin_delays++);
    return PROTO_OK;
}

int conversation_connect(struct conversation *conversation, uint64_t token, uint64_t now) {
    if (conversation->closed)
        return PROTO_E_STATE;
    if (conversation->ratchet != NULL)
        return PROTO_OK;
    conversation->connect_token = token;
    conversation->connect_deadline = now + conversation->config.timeout;
    return seek_session(conversation, now);
}

int fail_connect(struct conversation *conversation, enum conversation_failure failure) {
    struct conversation_event event = {
        .type = CONVERSATION_EVENT_FAILED, .token = conversation->connect_token, .failure = failure};
    int error;

    if (event.token == 0)
        return PROTO_OK;
    if ((error = put_event(conversation, &event)) != PROTO_OK)
        return error;
    conversation->connect_token = 0;
    if (conversation->unacked.count == 0)
        conversation->attempts = 0;
    return PROTO_OK;
}

/* Ends ATTEMPT for REASON.  An answer to an offer of the peer says to which. */
static int refuse_attempt(struct conversation *conversation, const struct attempt *attempt, struct span reason) {
    struct disconnect_fields what = {.reason = reason};

    if (attempt == &conversation->responding)
        what.offer = handshake_offer_id(attempt->handshake);
    return send_disconnect(conversation, &what);
}

/* A handshake broke down by ERROR: tells the program and, if it waits for an answer, the peer; and tries again if
 * messages wait. */
static int attempt_failed(struct conversation *conversation, struct attempt *attempt, int error, uint64_t now) {
    /* A bad offer, which a relay can make up, is no reason to disturb a session that works. */
    const bool silent = conversation->ratchet != NULL && attempt == &conversation->responding &&
                        !handshake_is_answered(attempt->handshake);
    int result = is_own_error(error) ? error : report_violation(conversation, error);

    if (result == PROTO_OK && !silent)
        result = refuse_attempt(conversation, attempt,
                                error == PROTO_E_SUITE ? SPAN("no-common-cipher") : SPAN("bad-session"));
    drop_attempt(attempt);
    if (result != PROTO_OK)
        return result;
    if (error == PROTO_E_SUITE && conversation->ratchet == NULL)
        return fail_all(conversation, FAILURE_INTEGRITY);
    return seek_session(conversation, now);
}

/* ---- sessions ---- */

void drop_session(struct conversation *conversation) {
    ratchet_free(conversation->ratchet);
    conversation->ratchet = NULL;
    conversation->receipts.count = conversation->sent_receipts.count = 0;
    conversation->receipts_due = conversation->receipts_retry_at = NEVER;
    unacked_requeue_all(&conversation->unacked);
}

/* The handshake of ATTEMPT is complete: its session takes the place of any other. */
static int install_session(struct conversation *conversation, struct attempt *attempt, uint64_t now) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_READY, .suite = handshake_suite(attempt->handshake)};
    struct ratchet *ratchet;
    int error = handshake_ratchet(attempt->handshake, &ratchet);

    if (error != PROTO_OK)
        return attempt_failed(conversation, attempt, error, now);
    memcpy(event.fingerprint, handshake_peer_fingerprint(attempt->handshake), CSC_FINGERPRINT_SIZE);
    csc_public_key_free(conversation->peer_key);
    conversation->peer_key = handshake_take_peer_key(attempt->handshake);
    drop_attempt(&conversation->initiating);
    drop_attempt(&conversation->responding);
    drop_session(conversation);
    conversation->ratchet = ratchet;
    conversation->begin_delays = 0;
    conversation->awaited_until = 0;
    conversation->suite = event.suite;
    conversation->connect_token = 0;
    if ((error = fail_others(conversation, event.fingerprint, FAILURE_UNTRUSTED)) != PROTO_OK)
        return error;
    if (conversation->unacked.count == 0)
        conversation->attempts = 0;
    memcpy(conversation->fingerprint, event.fingerprint, CSC_FINGERPRINT_SIZE);
    if ((error = put_event(conversation, &event)) != PROTO_OK)
        return error;
    return send_queued(conversation, now);
}

/* ---- the handshake's messages ---- */

/* Asks the program about the key that ATTEMPT's peer showed. */
static int ask_trust(struct conversation *conversation, struct attempt *attempt) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_KEY};

    attempt->deciding = true;
    memcpy(event.fingerprint, handshake_peer_fingerprint(attempt->handshake), CSC_FINGERPRINT_SIZE);
    return put_event(conversation, &event);
}

/* Keeps the answer that was appended to the output from BEFORE on. */
static int keep_answer(struct conversation *conversation, size_t before) {
    struct answer *answer = &conversation->answer;

    buffer_truncate(&answer->payload, 0);
    answer->retry_at = NEVER;
    answer->refusals = 0;
    return buffer_append(&answer->payload, buffer_data(&conversation->output) + before,
                         conversation->output.size - before);
}

/* True if this side's offer stands when both begin at once: that of the name that sorts first. */
static bool own_offer_stands(const struct conversation *conversation) {
    const struct attempt *own = &conversation->initiating;

    return own->handshake != NULL && !handshake_is_proving(own->handshake) &&
           name_compare(span_of(conversation->self), span_of(conversation->peer)) < 0;
}

static int receive_phase1(struct conversation *conversation, const struct message *message, struct span raw,
                          uint64_t now) {
    struct attempt *attempt = &conversation->responding;
    int error;

    if (own_offer_stands(conversation))
        return PROTO_OK;
    drop_attempt(&conversation->initiating);
    if ((error = new_attempt(conversation, attempt, HANDSHAKE_RESPONDER, now)) != PROTO_OK)
        return error;
    if ((error = handshake_read(attempt->handshake, message, raw)) != PROTO_OK)
        return attempt_failed(conversation, attempt, error, now);
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
        (error = end_payload(conversation, before)) != PROTO_OK ||
        (error = keep_answer(conversation, before)) != PROTO_OK)
        return attempt_failed(conversation, attempt, error, now);
    return install_session(conversation, attempt, now);
}

static int receive_answer(struct conversation *conversation, const struct message *message, struct span raw,
                          uint64_t now) {
    struct attempt *attempt = &conversation->initiating;
    int error = handshake_read(attempt->handshake, message, raw);

    if (error != PROTO_OK)
        return attempt_failed(conversation, attempt, error, now);
    if (handshake_is_complete(attempt->handshake))
        return install_session(conversation, attempt, now);
    return ask_trust(conversation, attempt);
}

/* True if MESSAGE names an offer that is not the one of ATTEMPT.  It is about a handshake that was given up, maybe by
 * the program that had the name before, and its end is no end of another. */
static bool is_stale(const struct attempt *attempt, const struct message *message) {
    return message->offer.size > 0 &&
           (attempt->handshake == NULL || !span_equal(message->offer, handshake_offer_id(attempt->handshake)));
}

static int ignore_stale(struct conversation *conversation) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_STALE, .stale = ++conversation->stale};

    return put_event(conversation, &event);
}

int receive_handshake(struct conversation *conversation, const struct message *message, struct span raw, uint64_t now) {
    const struct attempt *attempt =
        message->type == MESSAGE_PEER_3 ? &conversation->responding : &conversation->initiating;

    if (message->type == MESSAGE_PEER_1)
        return receive_phase1(conversation, message, raw, now);
    if (is_stale(attempt, message))
        return ignore_stale(conversation);
    /* Of an offer that was given up meanwhile. */
    if (attempt->handshake == NULL)
        return PROTO_OK;
    return message->type == MESSAGE_PEER_3 ? receive_phase3(conversation, message, raw, now)
                                           : receive_answer(conversation, message, raw, now);
}

/* The attempt that waits for the program's word about the key of FINGERPRINT. */
static struct attempt *deciding_attempt(struct conversation *conversation, const char *fingerprint) {
    struct attempt *const attempts[] = {&conversation->responding, &conversation->initiating};

    for (size_t i = 0; i < 2; i++)
        if (attempts[i]->deciding && strcmp(handshake_peer_fingerprint(attempts[i]->handshake), fingerprint) == 0)
            return attempts[i];
    return NULL;
}

bool conversation_shown(struct conversation *conversation, const char *fingerprint, const csc_public_key **key,
                        const struct attest **attest) {
    struct attempt *attempt = deciding_attempt(conversation, fingerprint);

    if (attempt == NULL)
        return false;
    *key = handshake_peer_key(attempt->handshake);
    *attest = handshake_peer_attest(attempt->handshake);
    return true;
}

int conversation_trust(struct conversation *conversation, const char *fingerprint, bool trusted, uint64_t now) {
    struct attempt *attempt = deciding_attempt(conversation, fingerprint);
    size_t before = conversation->output.size;
    int error;

    if (attempt == NULL)
        return PROTO_OK;
    attempt->deciding = false;
    if (!trusted) {
        error = refuse_attempt(conversation, attempt, SPAN("untrusted"));
        drop_attempt(attempt);
        if (error != PROTO_OK)
            return error;
        /* A session that works is not disturbed by an offer that is refused. */
        return conversation->ratchet == NULL ? fail_all(conversation, FAILURE_UNTRUSTED) : PROTO_OK;
    }
    if ((error = handshake_accept(attempt->handshake, &conversation->output)) != PROTO_OK ||
        (error = end_payload(conversation, before)) != PROTO_OK)
        return attempt_failed(conversation, attempt, error, now);
    return attempt == &conversation->responding ? keep_answer(conversation, before) : PROTO_OK;
}

/* ---- how sessions end ---- */

bool disconnect_names_session(const struct message *disconnect) {
    static const uint8_t none[MESSAGE_SESSION_SIZE];

    return memcmp(disconnect->session, none, sizeof(none)) != 0;
}

/* The peer does not know a session, or could not make one. */
static int bad_session(struct conversation *conversation, const struct message *message, uint64_t now) {
    struct attempt *attempt = &conversation->initiating;

    if (disconnect_names_session(message)) {
        /* It is about a message: of the session that stands, or of one that is given up already. */
        if (conversation->ratchet == NULL ||
            memcmp(message->session, ratchet_session(conversation->ratchet), MESSAGE_SESSION_SIZE) != 0)
            return PROTO_OK;
        drop_session(conversation);
    } else if (attempt->handshake == NULL) {
        drop_session(conversation);
    } else if (handshake_is_proving(attempt->handshake) || message->offer.size > 0) {
        drop_attempt(attempt);
    }
    /* Else an offer is not answered yet: peers that do not say which session they mean send this for each message
     * of the one before, and none of it is about the offer. */
    return seek_session(conversation, now);
}

int receive_disconnect(struct conversation *conversation, const struct message *message, uint64_t now) {
    struct conversation_event event = {.type = CONVERSATION_EVENT_CLOSED};
    const bool news = conversation->ratchet != NULL || conversation->initiating.handshake != NULL ||
                      conversation->responding.handshake != NULL;
    int error;

    if (is_stale(&conversation->initiating, message))
        return ignore_stale(conversation);
    if (span_equal(message->reason, SPAN("bad-session")))
        return bad_session(conversation, message, now);
    if (span_equal(message->reason, SPAN("bad-signature")))
        return signature_refused(conversation, message, now);
    drop_attempts(conversation);
    drop_session(conversation);
    text_escape_cut(event.reason, sizeof(event.reason), message->reason);
    /* After the peer's own goodbye the server's notice says nothing new. */
    if (news && (error = put_event(conversation, &event)) != PROTO_OK)
        return error;
    if (span_equal(message->reason, SPAN("untrusted")))
        return fail_all(conversation, FAILURE_REFUSED);
    if (span_equal(message->reason, SPAN("no-common-cipher")))
        return fail_all(conversation, FAILURE_INTEGRITY);
    /* The peer may be back already; if it is not, the relay says so. */
    return seek_session(conversation, now);
}

/* True if ERROR is about the phase 1 or 3 that this side sent last; phase 3 has no id. */
static bool is_about_offer(const struct conversation *conversation, const struct message *error) {
    const struct handshake *handshake = conversation->initiating.handshake;

    return handshake != NULL &&
           (error->id.size == 0 ? handshake_is_proving(handshake) : span_equal(error->id, handshake_id(handshake)));
}

/* True if it is about the phase 2 or 4; phase 4 has no id, and is the last answer once no handshake is left. */
static bool is_about_answer(const struct conversation *conversation, const struct message *error) {
    const struct handshake *handshake = conversation->responding.handshake;

    if (conversation->answer.payload.size == 0)
        return false;
    return handshake != NULL ? span_equal(error->id, handshake_id(handshake))
                             : error->id.size == 0 && conversation->ratchet != NULL;
}

int handshake_refused(struct conversation *conversation, const struct message *error, uint64_t now) {
    struct answer *answer = &conversation->answer;

    if (is_about_offer(conversation, error)) {
        drop_attempt(&conversation->initiating);
        if (!is_passing(error->code) && !(conversation->awaited_until > now && error->code == WIRE_NO_SUCH_USER))
            return fail_all(conversation, failure_of(error->code));
        if (conversation->attempts > 0)
            conversation->attempts--;
        conversation->begin_at = now + retry_delay(conversation->begin_delays++);
    } else if (is_about_answer(conversation, error) && is_passing(error->code)) {
        answer->retry_at = now + retry_delay(answer->refusals++);
    }
    return PROTO_OK;
}

/* ---- the way to the relay ---- */

void conversation_interrupted(struct conversation *conversation, uint64_t now) {
    /* A peer who was there will come back, maybe later than this side. */
    if (conversation->ratchet != NULL || conversation->unacked.count > 0)
        conversation->awaited_until = NEVER;
    drop_attempts(conversation);
    drop_session(conversation);
    buffer_truncate(&conversation->output, 0);
    conversation->offline = true;
    conversation->progress_at = now;
    conversation->attempts = conversation->begin_delays = 0;
    conversation->begin_at = 0;
}

int conversation_resumed(struct conversation *conversation, uint64_t now) {
    conversation->offline = false;
    if (conversation->awaited_until > 0)
        conversation->awaited_until = now + conversation->config.timeout;
    conversation->progress_at = now;
    return seek_session(conversation, now);
}

/* ---- time ---- */

int session_tick(struct conversation *conversation, uint64_t now) {
    struct answer *answer = &conversation->answer;
    int error;

    if (answer->retry_at <= now) {
        answer->retry_at = NEVER;
        error = buffer_append(&conversation->output, buffer_data(&answer->payload), answer->payload.size);
        if (is_own_error(error))
            return error;
    }
    if (conversation->responding.handshake != NULL && conversation->responding.deadline <= now)
        drop_attempt(&conversation->responding);
    if (conversation->initiating.handshake != NULL && conversation->initiating.deadline <= now) {
        drop_attempt(&conversation->initiating);
        if (conversation->ratchet == NULL && (error = fail_all(conversation, FAILURE_TIMEOUT)) != PROTO_OK)
            return error;
    }
    if (conversation->connect_deadline <= now && (error = fail_connect(conversation, FAILURE_TIMEOUT)) != PROTO_OK)
        return error;
    return seek_session(conversation, now);
}

uint64_t session_deadline(const struct conversation *conversation) {
    const struct attempt *initiating = &conversation->initiating, *responding = &conversation->responding;
    uint64_t deadline = conversation->answer.retry_at;

    if (initiating->handshake != NULL)
        deadline = earlier(deadline, initiating->deadline);
    if (responding->handshake != NULL)
        deadline = earlier(deadline, responding->deadline);
    /* A handshake that was put off; begun, `begin_at` is 0. */
    if (initiating->handshake == NULL && responding->handshake == NULL && conversation->ratchet == NULL &&
        is_wanted(conversation) && !conversation->offline)
        deadline = earlier(deadline, conversation->begin_at);
    if (conversation->connect_token != 0)
        deadline = earlier(deadline, conversation->connect_deadline);
    return deadline;
}
