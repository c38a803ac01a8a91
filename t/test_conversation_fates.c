/* What becomes of a message at the peer, told in receipts: read, expired, failed; and at home, when its time is over.
 */
#include <config.h>

#include "t/conversation_fixture.h"

#define WALL 1480000000000

/* Adam sends BODY, which expires at WALL + 1000, and after LIFETIME ms here (0: never). */
static void send_expiring(struct pump *pump, uint64_t token, const char *body, uint64_t lifetime) {
    const struct conversation_text text = {.token = token,
                                           .body = span_of(body),
                                           .time = WALL,
                                           .expires = WALL + 1000,
                                           .give_up_at = lifetime > 0 ? pump->now + lifetime : 0};

    IS_INT(conversation_send(pump->adam.conversation, &text, pump->now), PROTO_OK, "%s", body);
}

static const struct conversation_event *last_text(const struct pump *pump) {
    return party_last(&pump->eve, CONVERSATION_EVENT_TEXT);
}

static void is_failed(const struct pump *pump, enum conversation_failure failure, uint32_t exit, const char *name) {
    const struct conversation_event *event = party_last(&pump->adam, CONVERSATION_EVENT_FAILED);

    OK(event != NULL && event->failure == failure && event->exit == exit, "%s", name);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 0, "and nothing is delivered");
}

static void test_sent(struct pump *pump) {
    pump->eve.gone = true;
    IS_INT(pump_send(pump, &pump->adam, 1, "to nobody"), PROTO_OK, "a text to nobody");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_SENT), 0, "does not go out");
    pump->eve.gone = false;
    IS_INT(pump_send(pump, &pump->adam, 2, "to Eve"), PROTO_OK, "one to Eve");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_SENT), 1, "does");
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_SENT)->token, 2, "under its token");
    pump->eve.keeps_receipts = true;
    IS_INT(pump_send(pump, &pump->adam, 3, "twice"), PROTO_OK, "one without a receipt");
    pump_run(pump);
    pump_restart(pump, &pump->eve);
    IS_INT(pump_send(pump, &pump->adam, 4, "after"), PROTO_OK, "and one that finds a new session");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_SENT), 3, "are told once each, however often they go");
}

static void test_shown(struct pump *pump) {
    pump->eve.shows = true;
    pump_restart(pump, &pump->eve);
    IS_INT(pump_send(pump, &pump->adam, 1, "look"), PROTO_OK, "a text to a person");
    pump_run(pump);
    OK(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED) == 1 &&
           party_last(&pump->adam, CONVERSATION_EVENT_DELIVERED)->read,
       "is delivered and read at once");
}

static void test_not_shown(struct pump *pump) {
    IS_INT(pump_send(pump, &pump->adam, 1, "look"), PROTO_OK, "a text to a program");
    pump_run(pump);
    OK(!party_last(&pump->adam, CONVERSATION_EVENT_DELIVERED)->read, "is delivered, and nobody has read it");
}

/* A person who was away, and what was shown meanwhile. */
static void test_shown_later(struct pump *pump) {
    pump->eve.shows = true;
    pump_restart(pump, &pump->eve);
    IS_INT(conversation_attend(pump->eve.conversation, true, pump->now), PROTO_OK, "nobody is there");
    for (uint64_t token = 1; token <= 3; token++)
        IS_INT(pump_send(pump, &pump->adam, token, "look"), PROTO_OK, "a text");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 3, "all are delivered");
    OK(!party_last(&pump->adam, CONVERSATION_EVENT_DELIVERED)->read, "and not read");
    IS_INT(conversation_attend(pump->eve.conversation, false, pump->now), PROTO_OK, "somebody is there");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_READ), 3, "they are read");
    IS_INT(conversation_attend(pump->eve.conversation, true, pump->now), PROTO_OK, "nobody again");
    IS_INT(conversation_attend(pump->eve.conversation, false, pump->now), PROTO_OK, "and somebody");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_READ), 3, "once");
    IS_INT(pump_send(pump, &pump->adam, 4, "look"), PROTO_OK, "a text to a person who is there");
    pump_run(pump);
    OK(party_last(&pump->adam, CONVERSATION_EVENT_DELIVERED)->read, "is read at once");
}

/* Somebody else has the name by then. */
static void test_shown_to_another(struct pump *pump) {
    pump->eve.shows = true;
    pump_restart(pump, &pump->eve);
    IS_INT(conversation_attend(pump->eve.conversation, true, pump->now), PROTO_OK, "nobody is there");
    IS_INT(pump_send(pump, &pump->adam, 1, "look"), PROTO_OK, "a text");
    pump_run(pump);
    pump->adam.identity = &mallory;
    pump_restart(pump, &pump->adam);
    IS_INT(conversation_connect(pump->adam.conversation, 2, pump->now), PROTO_OK, "a session of another key");
    pump_run(pump);
    OK(conversation_is_ready(pump->eve.conversation), "stands");
    pump->passed = 0;
    IS_INT(conversation_attend(pump->eve.conversation, false, pump->now), PROTO_OK, "somebody is there");
    pump_run(pump);
    IS_INT(pump->passed, 0, "who tells it nothing of what another key wrote");
}

static void test_expires_at_the_peer(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    send_expiring(pump, 1, "late", 0);
    pump_run(pump);
    IS_INT(last_text(pump)->expires, WALL + 1000, "the peer knows until when");
    IS_INT(conversation_expired(pump->eve.conversation, adam.fingerprint, last_text(pump)->id, pump->now), PROTO_OK,
           "and does not hand it on then");
    pump_run(pump);
    is_failed(pump, FAILURE_EXPIRED, 0, "which its sender hears");
}

static void test_expires_at_home(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    IS_INT(pump_send(pump, &pump->adam, 1, "for ever"), PROTO_OK, "a text that does not expire");
    send_expiring(pump, 2, "for two seconds", 2000);
    send_expiring(pump, 3, "for one", 1000);
    pump_run(pump);
    IS_INT(conversation_deadline(pump->adam.conversation), pump->now + 1000, "what expires first is waited for");
    pump_wait(pump, 999);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "nothing is over before");
    pump_wait(pump, 1);
    is_failed(pump, FAILURE_EXPIRED, 0, "then it is");
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_FAILED)->token, 3, "in the order of the times");
    IS_INT(conversation_deadline(pump->adam.conversation), pump->now + 1000, "then the next");
    pump_wait(pump, 1000);
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_FAILED)->token, 2, "is over too");
    IS_INT(conversation_pending(pump->adam.conversation), 1, "and the first is left");
}

static void test_failed(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    IS_INT(pump_send(pump, &pump->adam, 1, "run"), PROTO_OK, "a text for a program");
    pump_run(pump);
    IS_INT(conversation_failed(pump->eve.conversation, adam.fingerprint, last_text(pump)->id, 3, pump->now), PROTO_OK,
           "that fails");
    pump_run(pump);
    is_failed(pump, FAILURE_HANDLER, 3, "is told with the status");
}

/* Receipts of several kinds are gathered apart. */
static void test_mixed(struct pump *pump) {
    struct conversation *conversation = pump->eve.conversation;
    const struct conversation_event *texts[4];
    size_t count = 0;

    pump->eve.keeps_receipts = true;
    for (uint64_t token = 1; token <= 4; token++)
        if (pump_send(pump, &pump->adam, token, "x") != PROTO_OK)
            break;
    pump_run(pump);
    for (size_t i = 0; i < pump->eve.event_count && count < 4; i++)
        if (pump->eve.events[i].type == CONVERSATION_EVENT_TEXT)
            texts[count++] = &pump->eve.events[i];
    if (!IS_INT(count, 4, "four texts"))
        return;
    OK(conversation_handed_on(conversation, adam.fingerprint, texts[0]->id, pump->now) == PROTO_OK &&
           conversation_failed(conversation, adam.fingerprint, texts[1]->id, 1, pump->now) == PROTO_OK &&
           conversation_failed(conversation, adam.fingerprint, texts[2]->id, 2, pump->now) == PROTO_OK &&
           conversation_handed_on(conversation, adam.fingerprint, texts[3]->id, pump->now) == PROTO_OK,
       "end in different ways");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 2, "two are delivered");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 2, "two have failed");
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_FAILED)->exit, 2, "each with its status");
}

/* A receipt that was lost is given again, and says the same. */
static void test_again(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    IS_INT(pump_send(pump, &pump->adam, 1, "run"), PROTO_OK, "a text");
    pump_run(pump);
    IS_INT(conversation_failed(pump->eve.conversation, adam.fingerprint, last_text(pump)->id, 3, pump->now), PROTO_OK,
           "that fails");
    IS_INT(conversation_flush(pump->eve.conversation), PROTO_OK, "and whose receipt");
    buffer_consume(conversation_output(pump->eve.conversation), conversation_output(pump->eve.conversation)->size);
    pump_wait(pump, 15000);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_TEXT), 1, "is lost: it is not handed on again");
    is_failed(pump, FAILURE_HANDLER, 0, "and its sender hears that it failed");
}

static void interrupt(struct pump *pump) {
    conversation_interrupted(pump->adam.conversation, pump->now);
    conversation_interrupted(pump->eve.conversation, pump->now);
}

static void resume(struct pump *pump, struct party *party) {
    IS_INT(conversation_resumed(party->conversation, pump->now), PROTO_OK, "the way of %s stands again", party->name);
}

/* The way to the relay is lost with a text on it whose receipt did not come. */
static void test_interrupted(struct pump *pump) {
    struct buffer *output = conversation_output(pump->adam.conversation);

    IS_INT(pump_send(pump, &pump->adam, 1, "one"), PROTO_OK, "a text");
    pump_run(pump);
    pump->eve.keeps_receipts = true;
    IS_INT(pump_send(pump, &pump->adam, 2, "two"), PROTO_OK, "another");
    pump_run(pump);
    interrupt(pump);
    IS_INT(pump_send(pump, &pump->adam, 3, "three"), PROTO_OK, "one more while there is no way");
    pump_wait(pump, 15000);
    OK(output->size == 0 && !conversation_is_ready(pump->adam.conversation), "nothing is said meanwhile");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "and nothing given up");
    IS_INT(conversation_handed_on(pump->eve.conversation, adam.fingerprint, last_text(pump)->id, pump->now), PROTO_OK,
           "what had come is handed on");
    pump->eve.keeps_receipts = false;
    resume(pump, &pump->eve);
    resume(pump, &pump->adam);
    pump_run(pump);
    OK(span_equal(buffer_span(&pump->eve.texts), SPAN("one\ntwo\nthree\n")), "all come, each once, in order");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 3, "and have their receipts");
}

static void test_no_way_for_too_long(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    IS_INT(pump_send(pump, &pump->adam, 1, "one"), PROTO_OK, "a text");
    pump_run(pump);
    interrupt(pump);
    pump_wait(pump, 29999);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "a text has its time anew without a way");
    pump_wait(pump, 1);
    is_failed(pump, FAILURE_TIMEOUT, 0, "and has failed then");
}

/* The peer finds its way later. */
static void test_awaited(struct pump *pump) {
    pump->eve.keeps_receipts = true;
    IS_INT(pump_send(pump, &pump->adam, 1, "one"), PROTO_OK, "a text");
    pump_run(pump);
    interrupt(pump);
    pump->eve.gone = true;
    resume(pump, &pump->adam);
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "a peer who is not there is waited for");
    pump->eve.gone = pump->eve.keeps_receipts = false;
    resume(pump, &pump->eve);
    IS_INT(conversation_handed_on(pump->eve.conversation, adam.fingerprint, last_text(pump)->id, pump->now), PROTO_OK,
           "who has handed the text on");
    pump_wait(pump, 2000);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "and says so when it is back");
    pump->eve.gone = true;
    IS_INT(pump_send(pump, &pump->adam, 2, "two"), PROTO_OK, "another text");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 1, "waits no more");
    pump->eve.gone = false;
    pump_restart(pump, &pump->eve);
    IS_INT(pump_send(pump, &pump->adam, 3, "three"), PROTO_OK, "a third");
    pump_run(pump);
    interrupt(pump);
    pump->eve.gone = true;
    resume(pump, &pump->adam);
    IS_INT(pump_send(pump, &pump->adam, 4, "four"), PROTO_OK, "a text after the way stands again");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 1, "waits for who was there before");
    for (unsigned i = 0; i < 20; i++)
        pump_wait(pump, 2000);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 2, "but not for ever");
}

/* Texts that are taken back are somebody else's to send again, under the same ids. */
static void test_withdrawn(struct pump *pump) {
    struct conversation_text text = {.token = 7, .body = SPAN("once"), .id = "own-id"};

    pump->eve.keeps_receipts = true;
    IS_INT(pump_send(pump, &pump->adam, 1, "sent"), PROTO_OK, "a text without a receipt");
    IS_INT(conversation_send(pump->adam.conversation, &text, pump->now), PROTO_OK, "and one with an id");
    pump_run(pump);
    conversation_withdraw(pump->adam.conversation);
    IS_INT(conversation_pending(pump->adam.conversation), 0, "are taken back");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED) + party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED),
           0, "and end without an event");
    pump->eve.keeps_receipts = false;
    IS_INT(conversation_send(pump->adam.conversation, &text, pump->now), PROTO_OK, "the one is sent again");
    pump_run(pump);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_TEXT), 2, "and is not handed on twice");
}

int main(void) {
    fixture_begin();
    RUN(test_sent);
    RUN(test_shown);
    RUN(test_not_shown);
    RUN(test_shown_later);
    RUN(test_shown_to_another);
    RUN(test_expires_at_the_peer);
    RUN(test_expires_at_home);
    RUN(test_failed);
    RUN(test_mixed);
    RUN(test_again);
    RUN(test_interrupted);
    RUN(test_no_way_for_too_long);
    RUN(test_awaited);
    RUN(test_withdrawn);
    return fixture_done();
}
