/* Conversations: what two clients do with each other when the relay, the peer or time is in the way. */
#include <config.h>

#include "t/pump.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

static struct identity adam, eve, mallory;

static bool texts_are(const struct party *party, const char *wanted) {
    return span_equal(buffer_span(&party->texts), span_of(wanted));
}

static bool failed_with(const struct party *party, enum conversation_failure failure) {
    const struct conversation_event *event = party_last(party, CONVERSATION_EVENT_FAILED);

    return event != NULL && event->failure == failure;
}

static void test_both_ways(struct pump *pump) {
    IS_INT(pump_send(pump, &pump->adam, 1, "hello"), PROTO_OK, "a first message is taken without a session");
    OK(!conversation_is_ready(pump->adam.conversation), "and waits for one");
    pump_run(pump);
    OK(texts_are(&pump->eve, "hello\n"), "it arrives");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "its receipt too");
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_DELIVERED)->token, 1, "for its token");
    IS_STR(party_last(&pump->adam, CONVERSATION_EVENT_READY)->fingerprint, eve.fingerprint, "Adam knows Eve's key");
    IS_STR(party_last(&pump->eve, CONVERSATION_EVENT_READY)->fingerprint, adam.fingerprint, "Eve knows Adam's");
    IS_INT(pump_send(pump, &pump->eve, 2, "yes?"), PROTO_OK, "an answer");
    pump_run(pump);
    OK(texts_are(&pump->adam, "yes?\n"), "arrives in the same session");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_READY), 1, "of which there is one");
    IS_INT(conversation_pending(pump->adam.conversation) + conversation_pending(pump->eve.conversation), 0,
           "nothing is left");
}

static void test_case_of_names(struct pump *pump) {
    pump->adam.peer_name = "EVE";
    pump_restart(pump, &pump->adam);
    pump_send(pump, &pump->adam, 1, "hello");
    pump_run(pump);
    OK(texts_are(&pump->eve, "hello\n"), "a name is found in any case");
    IS_STR(conversation_peer(pump->adam.conversation), "Eve", "and shown as its owner writes it");
}

static void test_order(struct pump *pump) {
    char text[16];
    bool ordered = true;
    const char *at;

    for (unsigned i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "%u", i);
        if (pump_send(pump, &pump->adam, i, text) != PROTO_OK)
            break;
    }
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1000, "a thousand messages are delivered");
    at = (char *)buffer_data(&pump->eve.texts);
    for (unsigned i = 0; i < 1000 && ordered; i++) {
        int size = snprintf(text, sizeof(text), "%u\n", i);

        ordered = strncmp(at, text, (size_t)size) == 0;
        at += size;
    }
    OK(ordered, "in order");
}

static void test_window(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    for (unsigned i = 0; i < 2 * CONVERSATION_WINDOW; i++)
        if (pump_send(pump, &pump->adam, i, "x") != PROTO_OK)
            break;
    pump_run(pump);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_TEXT), CONVERSATION_WINDOW, "no more than a window is sent");
}

static void test_window_bytes(struct pump *pump) {
    char *body = calloc(1, MESSAGE_BODY_MAX + 1);

    memset(body, 'x', MESSAGE_BODY_MAX);
    pump->eve.keeps_receipts = true;
    for (unsigned i = 0; i < 40; i++)
        if (pump_send(pump, &pump->adam, i, body) != PROTO_OK)
            break;
    pump_run(pump);
    OK(pump->eve.texts.size >= CONVERSATION_BYTES_MAX / 2 && pump->eve.texts.size < CONVERSATION_BYTES_MAX,
       "nor more bytes than the window has");
    free(body);
}

static void test_bodies(struct pump *pump) {
    char *body = calloc(1, MESSAGE_BODY_MAX + 2);

    memset(body, 'x', MESSAGE_BODY_MAX + 1);
    IS_INT(pump_send(pump, &pump->adam, 1, body), PROTO_E_TOO_LARGE, "a body one byte too long");
    body[MESSAGE_BODY_MAX] = '\0';
    IS_INT(pump_send(pump, &pump->adam, 2, body), PROTO_OK, "the longest body");
    memset(body, '\1', MESSAGE_BODY_MAX);
    IS_INT(pump_send(pump, &pump->adam, 3, body), PROTO_E_TOO_LARGE, "one that is too long with its escapes");
    IS_INT(pump_send(pump, &pump->adam, 4, "\xff"), PROTO_E_TEXT, "one that is not UTF-8");
    IS_INT(conversation_send(pump->adam.conversation, &(struct conversation_text){.token = 5, .body = {"a\0b", 3}},
                             pump->now),
           PROTO_E_TEXT, "one with a NUL");
    IS_INT(pump_send(pump, &pump->adam, 6, ""), PROTO_OK, "an empty one");
    pump_run(pump);
    IS_INT(pump->eve.texts.size, MESSAGE_BODY_MAX + 2, "the good ones arrive");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "and the bad ones have no event");
    free(body);
}

/* Who answers an offer. */
static const struct party *answerer;

static bool note_answer(struct pump *pump, struct party *from, char *payload, size_t size) {
    (void)pump, (void)size;
    if (strstr(payload, "\"phase\":2") != NULL)
        answerer = from;
    return true;
}

static void test_both_begin(struct pump *pump) {
    pump->filter = note_answer;
    IS_INT(pump_send(pump, &pump->adam, 1, "from Adam"), PROTO_OK, "Adam begins");
    IS_INT(pump_send(pump, &pump->eve, 2, "from Eve"), PROTO_OK, "Eve begins at the same time");
    pump_run(pump);
    OK(texts_are(&pump->eve, "from Adam\n") && texts_are(&pump->adam, "from Eve\n"), "both messages arrive");
    OK(answerer == &pump->eve, "the offer of the name that sorts first was answered");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_READY), 1, "in one session");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_VIOLATION), 0, "and nobody minds");
}

static void test_no_such_user(struct pump *pump) {
    pump->eve.gone = true;
    for (unsigned i = 0; i < 5; i++) {
        IS_INT(pump_send(pump, &pump->adam, i, "anybody?"), PROTO_OK, "a message to nobody");
        pump_run(pump);
        OK(failed_with(&pump->adam, FAILURE_NO_SUCH_USER), "fails as that, however often");
    }
    pump->eve.gone = false;
    pump_send(pump, &pump->adam, 9, "now");
    pump_run(pump);
    OK(texts_are(&pump->eve, "now\n"), "until she is there");
}

static void give_disconnect(struct pump *pump, struct party *to, struct party *from, const char *reason) {
    struct buffer payload = BUFFER_INIT(1024);
    struct message message;

    if (message_write_disconnect(&payload, span_of(from->name), span_of(to->name), span_of(reason), NULL, SPAN("")) ==
            PROTO_OK &&
        message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&payload), payload.size) == PROTO_OK) {
        OK(conversation_receive(to->conversation, &message, buffer_span(&payload), pump->now) == PROTO_OK,
           "client-disconnect %s is taken", reason);
        message_free(&message);
    }
    buffer_free(&payload);
    pump_run(pump);
}

/* The relay refuses what was never sent. */
static void test_refusal_of_another(struct pump *pump) {
    struct buffer payload = BUFFER_INIT(1024);
    struct message message;

    pump_send(pump, &pump->adam, 1, "hello");
    if (message_write_error(&payload, WIRE_NO_SUCH_USER, NULL, SPAN("AAAAAAAAAAAAAAAAAAAAAA=="), SPAN("Eve")) ==
            PROTO_OK &&
        message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&payload), payload.size) == PROTO_OK) {
        OK(conversation_refused(pump->adam.conversation, &message, pump->now) == PROTO_OK,
           "a refusal of another offer");
        message_free(&message);
    }
    buffer_free(&payload);
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "fails nothing");
    OK(texts_are(&pump->eve, "hello\n"), "and hinders nothing");
}

static void test_peer_leaves(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 1, "sent");
    pump_run(pump);
    pump->eve.gone = true;
    pump_send(pump, &pump->adam, 2, "never arrived");
    pump_run(pump);
    give_disconnect(pump, &pump->adam, &pump->eve, "left");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 2, "both messages fail");
    for (size_t i = 0; i < pump->adam.event_count; i++)
        if (pump->adam.events[i].type == CONVERSATION_EVENT_FAILED)
            IS_INT(pump->adam.events[i].failure, pump->adam.events[i].token == 1 ? FAILURE_LEFT : FAILURE_NO_SUCH_USER,
                   "each for what is known of it");
}

static void test_peer_restarts(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump_restart(pump, &pump->eve);
    pump_send(pump, &pump->adam, 2, "two");
    pump_run(pump);
    OK(texts_are(&pump->eve, "one\ntwo\n"), "a message for a session that is gone arrives in a new one");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 2, "with its receipt");
}

static void test_many_lost_at_restart(struct pump *pump) {
    pump_send(pump, &pump->adam, 0, "first");
    pump_run(pump);
    pump_restart(pump, &pump->eve);
    for (unsigned i = 1; i <= 100; i++)
        pump_send(pump, &pump->adam, i, "x");
    pump_run(pump);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_TEXT), 101, "a hundred on their way arrive, each once");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 101, "with their receipts");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_READY), 2, "after one new handshake");
}

/* Loses what Eve says once the session stands. */
static bool lose_receipts(struct pump *pump, struct party *from, char *payload, size_t size) {
    return from != &pump->eve || size < 20 || strstr(payload, "client-com") == NULL;
}

static void test_lost_receipt(struct pump *pump) {
    pump->filter = lose_receipts;
    pump_send(pump, &pump->adam, 1, "once");
    pump_run(pump);
    OK(texts_are(&pump->eve, "once\n") && party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED) == 0,
       "a message arrives, its receipt does not");
    pump->filter = NULL;
    give_disconnect(pump, &pump->adam, &pump->eve, "bad-session");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "sent again, it gets one");
    OK(texts_are(&pump->eve, "once\n"), "and was handed on once");
}

static void test_other_key(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 1, "for Eve's key");
    pump_run(pump);
    pump->eve.identity = &mallory;
    pump_restart(pump, &pump->eve);
    pump->eve.texts.size = 0;
    pump_send(pump, &pump->adam, 2, "for Eve's key too");
    pump_run(pump);
    OK(texts_are(&pump->eve, ""), "what waits for one key is not sent to another");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 2, "but fails");
    OK(failed_with(&pump->adam, FAILURE_UNTRUSTED), "as untrusted");
}

static void test_distrust(struct pump *pump) {
    pump->adam.distrusts = true;
    pump_send(pump, &pump->adam, 1, "secret");
    pump_run(pump);
    OK(failed_with(&pump->adam, FAILURE_UNTRUSTED) && texts_are(&pump->eve, ""), "nothing goes to a distrusted key");
    pump_send(pump, &pump->eve, 2, "hello?");
    pump_run(pump);
    OK(failed_with(&pump->eve, FAILURE_REFUSED) && texts_are(&pump->adam, ""), "nor is anything taken from it");
}

static void test_distrust_does_not_disturb(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 3, "on its way");
    pump_run(pump);
    pump->adam.distrusts = true;
    pump->eve.identity = &mallory;
    pump_restart(pump, &pump->eve);
    pump_send(pump, &pump->eve, 2, "I am Eve");
    pump_run(pump);
    OK(conversation_is_ready(pump->adam.conversation), "an offer that is refused leaves the session as it was");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "and what is on its way in it");
}

static void test_queue_full(struct pump *pump) {
    pump_send(pump, &pump->adam, 0, "zero");
    pump_run(pump);
    pump->eve.full = true;
    pump_send(pump, &pump->adam, 1, "one");
    pump_send(pump, &pump->adam, 2, "two");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "a full queue fails nothing yet");
    pump->eve.full = false;
    for (unsigned i = 0; i < 30; i++)
        pump_wait(pump, 100);
    OK(texts_are(&pump->eve, "zero\none\ntwo\n"), "what was refused is sent again, in order");
    pump->eve.full = true;
    pump_send(pump, &pump->adam, 3, "three");
    for (unsigned i = 0; i < 40; i++)
        pump_wait(pump, 1000);
    OK(failed_with(&pump->adam, FAILURE_QUOTA), "until its time is over");
}

static void test_full_at_handshake(struct pump *pump) {
    pump->eve.full = true;
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump->eve.full = false;
    for (unsigned i = 0; i < 10; i++)
        pump_wait(pump, 100);
    OK(texts_are(&pump->eve, "one\n"), "a handshake that was refused is begun again");
}

/* Loses everything. */
static bool lose(struct pump *pump, struct party *from, char *payload, size_t size) {
    (void)pump, (void)from, (void)payload, (void)size;
    return false;
}

static void test_timeout(struct pump *pump) {
    pump->filter = lose;
    pump_send(pump, &pump->adam, 1, "into the void");
    pump_run(pump);
    IS_INT(conversation_deadline(pump->adam.conversation), pump->now + 30000, "a handshake has a deadline");
    pump_wait(pump, 29999);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "before it nothing fails");
    pump_wait(pump, 1);
    OK(failed_with(&pump->adam, FAILURE_TIMEOUT), "at it, the message does");
    OK(conversation_deadline(pump->adam.conversation) == UINT64_MAX, "and nothing is due any more");
}

static void test_slow_receiver(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 1, "slow");
    pump_send(pump, &pump->adam, 2, "slower");
    pump_run(pump);
    pump_wait(pump, 20000);
    IS_INT(conversation_handed_on(pump->eve.conversation, adam.fingerprint,
                                  pump->eve.events[pump->eve.event_count - 2].id, pump->now),
           PROTO_OK, "the first is handed on after twenty seconds");
    pump_run(pump);
    pump_wait(pump, 20000);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "its receipt comes");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "and gives the second more time");
    pump_wait(pump, 10000);
    OK(failed_with(&pump->adam, FAILURE_TIMEOUT), "but not for ever");
}

static void test_gathering(struct pump *pump) {
    struct buffer *output = conversation_output(pump->eve.conversation);

    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 2, "two");
    pump_run(pump);
    IS_INT(conversation_handed_on(pump->eve.conversation, adam.fingerprint,
                                  pump->eve.events[pump->eve.event_count - 1].id, pump->now),
           PROTO_OK, "a message is handed on");
    OK(output->size == 0, "its receipt waits for others");
    IS_INT(conversation_deadline(pump->eve.conversation), pump->now + CONVERSATION_RECEIPT_DELAY_MS, "for a moment");
    IS_INT(conversation_tick(pump->eve.conversation, pump->now + CONVERSATION_RECEIPT_DELAY_MS), PROTO_OK, "after it");
    OK(output->size > 0, "it goes");
}

/* Every com of Adam's is given to Eve twice. */
static bool replay(struct pump *pump, struct party *from, char *payload, size_t size) {
    struct message message;

    if (from == &pump->adam && message_parse(&message, PLACE_TO_CLIENT, payload, size) == PROTO_OK) {
        if (message.type == MESSAGE_COM)
            OK(conversation_receive(pump->eve.conversation, &message, (struct span){payload, size}, pump->now) ==
                   PROTO_OK,
               "a copy is taken");
        message_free(&message);
    }
    return true;
}

static void test_replay(struct pump *pump) {
    pump->filter = replay;
    pump_send(pump, &pump->adam, 1, "one");
    pump_send(pump, &pump->adam, 2, "two");
    pump_run(pump);
    OK(texts_are(&pump->eve, "one\ntwo\n"), "replayed messages are handed on once");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_VIOLATION), 2, "and noticed");
    IS_INT(party_last(&pump->eve, CONVERSATION_EVENT_VIOLATION)->error, PROTO_E_REPLAY, "as what they are");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_READY), 1, "without ending the session");
}

/* A message of an earlier chain, kept by the relay for later. */
static struct buffer kept;

static bool keep_first_com(struct pump *pump, struct party *from, char *payload, size_t size) {
    if (from == &pump->adam && kept.size == 0 && strstr(payload, "client-com") != NULL)
        OK(buffer_append(&kept, payload, size) == PROTO_OK, "a relay keeps a message");
    return true;
}

static void test_old_replay(struct pump *pump) {
    struct message message;

    kept = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    pump->filter = keep_first_com;
    for (unsigned i = 0; i < 3; i++) {
        pump_send(pump, &pump->adam, i, "there");
        pump_send(pump, &pump->eve, i, "and back");
        pump_run(pump);
    }
    if (message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&kept), kept.size) == PROTO_OK) {
        OK(conversation_receive(pump->eve.conversation, &message, buffer_span(&kept), pump->now) == PROTO_OK,
           "and gives it again after the ratchet has turned");
        message_free(&message);
    }
    pump_run(pump);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_VIOLATION), 1, "it is noticed");
    IS_INT(party_last(&pump->eve, CONVERSATION_EVENT_VIOLATION)->error, PROTO_E_REPLAY, "as a replay");
    OK(conversation_is_ready(pump->adam.conversation), "and ends no session");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_TEXT), 3, "nor is it handed on");
    buffer_free(&kept);
}

/* Changes the first base64 character of the member that begins with `spoil_at`, from the party that is said. */
static const char *spoil_at;
static bool spoil_eve;
static unsigned spoil_count;

static bool spoil(struct pump *pump, struct party *from, char *payload, size_t size) {
    const size_t length = strlen(spoil_at);

    if (spoil_count == 0 || (from == &pump->eve) != spoil_eve)
        return true;
    for (size_t i = 0; i + length < size; i++) {
        if (memcmp(payload + i, spoil_at, length) == 0) {
            payload[i + length] = payload[i + length] == 'A' ? 'B' : 'A';
            spoil_count--;
            return true;
        }
    }
    return true;
}

static void check_spoilt(struct pump *pump, const char *at, bool by_eve) {
    size_t violations;

    pump_restart(pump, &pump->adam);
    pump_restart(pump, &pump->eve);
    pump->adam.event_count = pump->eve.event_count = 0;
    pump->eve.texts.size = 0;
    spoil_at = at;
    spoil_eve = by_eve;
    spoil_count = 1;
    pump->filter = spoil;
    pump_send(pump, &pump->adam, 1, "hello");
    pump_run(pump);
    violations =
        party_count(&pump->adam, CONVERSATION_EVENT_VIOLATION) + party_count(&pump->eve, CONVERSATION_EVENT_VIOLATION);
    OK(violations > 0, "one change in %s by the relay, from %s, is noticed", at, by_eve ? "Eve" : "Adam");
    OK(texts_are(&pump->eve, "hello\n") && party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED) == 1,
       "and the message arrives all the same, once");
}

static void test_spoilt(struct pump *pump) {
    check_spoilt(pump, "\"secret\":\"", true);
    check_spoilt(pump, "\"secret\":\"", false);
    check_spoilt(pump, "\"confirm\":\"", true);
    check_spoilt(pump, "\"confirm\":\"", false);
    check_spoilt(pump, "\"dh\":\"", true);
    check_spoilt(pump, "\"dh\":\"", false);
    check_spoilt(pump, "\"id\":\"", true);
    check_spoilt(pump, "\"payload\":\"", false);
    check_spoilt(pump, "\"hmac\":\"", false);
}

static void test_always_spoilt(struct pump *pump) {
    spoil_at = "\"confirm\":\"";
    spoil_eve = true;
    spoil_count = 1000;
    pump->filter = spoil;
    pump_send(pump, &pump->adam, 1, "hello");
    pump_run(pump);
    OK(failed_with(&pump->adam, FAILURE_INTEGRITY), "a relay that never lets a handshake pass is given up");
    OK(pump->passed < 100, "after a few");
}

/* Takes the stronger suite out of Adam's offer. */
static bool downgrade(struct pump *pump, struct party *from, char *payload, size_t size) {
    char *stronger = strstr(payload, "RSA-OAEP-SHA256_AES-256-CBC");

    (void)size;
    if (from == &pump->adam && stronger != NULL)
        stronger[sizeof("RSA-OAEP-SHA256_AES-") - 1] = '9';
    return true;
}

static void test_downgrade(struct pump *pump) {
    pump->filter = downgrade;
    pump_send(pump, &pump->adam, 1, "hello");
    pump_run(pump);
    OK(failed_with(&pump->adam, FAILURE_INTEGRITY) && texts_are(&pump->eve, ""),
       "an offer that was made weaker on the way leads to no session");
}

static void test_new_session_is_provisional(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    /* Another Eve, of the same key, begins and then says nothing more. */
    pump_restart(pump, &pump->eve);
    pump_send(pump, &pump->eve, 2, "half a handshake");
    spoil_at = "\"confirm\":\"";
    spoil_eve = true;
    spoil_count = 1000;
    pump->filter = spoil;
    pump_run(pump);
    OK(failed_with(&pump->eve, FAILURE_INTEGRITY), "a handshake that does not come to its end");
    OK(conversation_is_ready(pump->adam.conversation), "leaves the session that stood");
    pump->filter = NULL;
    pump_send(pump, &pump->adam, 3, "three");
    pump_run(pump);
    OK(texts_are(&pump->eve, "one\nthree\n"), "and one that does takes its place");
}

static void give_bad_session(struct pump *pump, struct party *to, struct party *from, const uint8_t *session) {
    struct buffer payload = BUFFER_INIT(1024);
    struct message message;

    if (message_write_disconnect(&payload, span_of(from->name), span_of(to->name), SPAN("bad-session"), session,
                                 SPAN("")) == PROTO_OK &&
        message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&payload), payload.size) == PROTO_OK) {
        OK(conversation_receive(to->conversation, &message, buffer_span(&payload), pump->now) == PROTO_OK,
           "bad-session is taken");
        message_free(&message);
    }
    buffer_free(&payload);
    pump_run(pump);
}

static void test_late_bad_session(struct pump *pump) {
    static const uint8_t other[MESSAGE_SESSION_SIZE] = {1};

    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    give_bad_session(pump, &pump->adam, &pump->eve, other);
    OK(conversation_is_ready(pump->adam.conversation), "a complaint about another session leaves the one that stands");
    give_bad_session(pump, &pump->adam, &pump->eve, NULL);
    OK(!conversation_is_ready(pump->adam.conversation), "one that names none ends it");
}

static void test_trust_is_for_a_key(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "hello");
    IS_INT(conversation_trust(pump->adam.conversation, eve.fingerprint, true, pump->now), PROTO_OK,
           "an answer to no question is taken");
    pump->adam.answers_for = mallory.fingerprint;
    pump_run(pump);
    OK(texts_are(&pump->eve, "") && party_count(&pump->adam, CONVERSATION_EVENT_READY) == 0,
       "trust in one key is no trust in another");
    IS_INT(conversation_trust(pump->adam.conversation, eve.fingerprint, true, pump->now), PROTO_OK,
           "trust in the key that was shown");
    pump->adam.answers_for = NULL;
    pump_run(pump);
    OK(texts_are(&pump->eve, "hello\n"), "lets the message go");
}

/* Loses the payload number `lost_number` of those that pass. */
static size_t lost_number;

static bool lose_one(struct pump *pump, struct party *from, char *payload, size_t size) {
    (void)from, (void)payload, (void)size;
    return pump->passed != lost_number;
}

static void test_one_lost(struct pump *pump) {
    pump_send(pump, &pump->adam, 0, "zero");
    pump_run(pump);
    lost_number = pump->passed + 1;
    pump->filter = lose_one;
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    for (unsigned i = 2; i < 20; i++) {
        pump_send(pump, &pump->adam, i, "more");
        pump_wait(pump, 1000);
    }
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 20, "one lost among others is sent once more");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_TEXT), 20, "and nothing is handed on twice");
}

static void test_starved(struct pump *pump) {
    pump_send(pump, &pump->adam, 0, "zero");
    pump_run(pump);
    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 1, "never handed on");
    pump_run(pump);
    pump->eve.keeps_receipts = false;
    for (unsigned i = 2; i < 42; i++) {
        pump_send(pump, &pump->adam, i, "more");
        pump_wait(pump, 1000);
    }
    OK(failed_with(&pump->adam, FAILURE_TIMEOUT), "receipts for others are no receipt");
}

static void test_receipt_refused(struct pump *pump) {
    pump_send(pump, &pump->adam, 0, "zero");
    pump_run(pump);
    pump->adam.full = true;
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump_wait(pump, 100);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "a receipt that is refused does not come");
    pump->adam.full = false;
    pump_wait(pump, 200);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 2, "until it is sent again");
    OK(texts_are(&pump->eve, "zero\none\n"), "and its message is handed on once");
}

static void test_receipt_lost(struct pump *pump) {
    pump_send(pump, &pump->adam, 0, "zero");
    pump_run(pump);
    pump->filter = lose_receipts;
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump->filter = NULL;
    pump_wait(pump, 14999);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "a receipt that is lost does not come");
    pump_wait(pump, 1);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 2, "until its message is sent once more");
    OK(texts_are(&pump->eve, "zero\none\n"), "which is handed on once");
}

/* Adam's queue is full for the answer number `full_answer` of Eve's. */
static unsigned full_answer;

static bool fill_queue(struct pump *pump, struct party *from, char *payload, size_t size) {
    (void)payload, (void)size;
    pump->adam.full = from == &pump->adam && full_answer > 0 && --full_answer == 0;
    return true;
}

static void test_answers_refused(struct pump *pump) {
    for (unsigned phase = 2; phase <= 4; phase += 2) {
        pump_restart(pump, &pump->adam);
        pump_restart(pump, &pump->eve);
        pump->adam.event_count = 0;
        full_answer = phase / 2;
        pump->filter = fill_queue;
        pump_send(pump, &pump->adam, phase, "hello");
        pump_run(pump);
        IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 0, "phase %u is refused by a full queue", phase);
        pump->adam.full = false;
        for (unsigned i = 0; i < 10; i++)
            pump_wait(pump, 100);
        IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "and sent again");
    }
}

static void test_receipt_for_the_key(struct pump *pump) {
    const struct conversation_event *text;

    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 1, "from Adam's key");
    pump_run(pump);
    text = party_last(&pump->eve, CONVERSATION_EVENT_TEXT);
    pump->adam.identity = &mallory;
    pump_restart(pump, &pump->adam);
    pump_send(pump, &pump->adam, 2, "from another");
    pump_run(pump);
    IS_INT(conversation_handed_on(pump->eve.conversation, adam.fingerprint, text->id, pump->now), PROTO_OK,
           "a message is handed on after its sender's key has gone");
    IS_INT(conversation_flush(pump->eve.conversation), PROTO_OK, "receipts go");
    IS_INT(conversation_output(pump->eve.conversation)->size, 0, "no other key gets its receipt");
}

static void test_new_key_for_new_messages(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump->eve.identity = &mallory;
    pump_restart(pump, &pump->eve);
    give_disconnect(pump, &pump->adam, &pump->eve, "left");
    pump_send(pump, &pump->adam, 2, "two");
    pump_run(pump);
    OK(texts_are(&pump->eve, "one\ntwo\n"), "what was meant for no key yet goes to the one that is trusted");
}

static void test_closed(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    IS_INT(conversation_close(pump->adam.conversation), PROTO_OK, "a goodbye with a message pending");
    pump_run(pump);
    pump->passed = 0;
    pump_wait(pump, 60000);
    give_disconnect(pump, &pump->adam, &pump->eve, "left");
    IS_INT(pump->passed, 0, "nothing begins after it");
    IS_INT(pump_send(pump, &pump->adam, 2, "two"), PROTO_E_STATE, "and nothing can");
}

static void test_close(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    IS_INT(conversation_close(pump->adam.conversation), PROTO_OK, "a goodbye");
    pump_run(pump);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_CLOSED), 1, "is heard");
    IS_STR(party_last(&pump->eve, CONVERSATION_EVENT_CLOSED)->reason, "bye", "as such");
    OK(!conversation_is_ready(pump->eve.conversation), "and ends the session");
}

static void run(const char *name, void (*test)(struct pump *)) {
    struct pump *pump = calloc(1, sizeof(*pump));

    tap_diag("%s", name);
    pump_make(pump, &adam, &eve);
    test(pump);
    pump_free(pump);
    free(pump);
}

#define RUN(test) run(#test, test)

int main(void) {
    identity_load(&adam, "adam");
    identity_load(&eve, "eve");
    identity_load(&mallory, "mallory");
    RUN(test_both_ways);
    RUN(test_case_of_names);
    RUN(test_order);
    RUN(test_window);
    RUN(test_window_bytes);
    RUN(test_bodies);
    RUN(test_both_begin);
    RUN(test_no_such_user);
    RUN(test_refusal_of_another);
    RUN(test_peer_leaves);
    RUN(test_peer_restarts);
    RUN(test_many_lost_at_restart);
    RUN(test_lost_receipt);
    RUN(test_other_key);
    RUN(test_distrust);
    RUN(test_distrust_does_not_disturb);
    RUN(test_queue_full);
    RUN(test_full_at_handshake);
    RUN(test_timeout);
    RUN(test_slow_receiver);
    RUN(test_gathering);
    RUN(test_replay);
    RUN(test_old_replay);
    RUN(test_spoilt);
    RUN(test_always_spoilt);
    RUN(test_downgrade);
    RUN(test_new_session_is_provisional);
    RUN(test_late_bad_session);
    RUN(test_trust_is_for_a_key);
    RUN(test_one_lost);
    RUN(test_starved);
    RUN(test_receipt_refused);
    RUN(test_receipt_lost);
    RUN(test_answers_refused);
    RUN(test_receipt_for_the_key);
    RUN(test_new_key_for_new_messages);
    RUN(test_closed);
    RUN(test_close);
    identity_free(&adam);
    identity_free(&eve);
    identity_free(&mallory);
    return tap_done();
}
