/* Conversations: what is lost on the way, at a restart, to a full queue or to time, and how it comes all the same. */
#include <config.h>

#include "t/conversation_fixture.h"

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

int main(void) {
    fixture_begin();
    RUN(test_peer_leaves);
    RUN(test_peer_restarts);
    RUN(test_many_lost_at_restart);
    RUN(test_lost_receipt);
    RUN(test_receipt_lost);
    RUN(test_one_lost);
    RUN(test_queue_full);
    RUN(test_full_at_handshake);
    RUN(test_receipt_refused);
    RUN(test_answers_refused);
    RUN(test_timeout);
    RUN(test_slow_receiver);
    RUN(test_starved);
    return fixture_done();
}
