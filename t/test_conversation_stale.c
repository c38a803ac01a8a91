/* Conversations: answers to offers of a program that has ended since, and what a relay makes of offers that have names.
 */
#include <config.h>

#include "t/conversation_fixture.h"

#include <stdlib.h>

/* What the relay keeps to give it later: payloads, each with a NUL, that have `held_back` in them; and from whom. */
static const char *held_back;
static bool held_of_eve;
static struct buffer held;

static bool hold(struct pump *pump, struct party *from, char *payload, size_t size) {
    if ((from == &pump->eve) != held_of_eve || strstr(payload, held_back) == NULL)
        return true;
    if (buffer_append(&held, payload, size) != PROTO_OK || buffer_append(&held, "", 1) != PROTO_OK)
        abort();
    return false;
}

static void hold_back(struct pump *pump, const char *what, bool of_eve) {
    held = BUFFER_INIT(1 << 20);
    held_back = what;
    held_of_eve = of_eve;
    pump->filter = hold;
}

/* Gives what is held back to whom it is for, the oldest first, and carries what comes of it.  How many there were. */
static size_t let_go(struct pump *pump) {
    size_t count = 0;

    pump->filter = NULL;
    for (; held.size > 0; count++) {
        const struct span payload = span_of((const char *)buffer_data(&held));
        struct message message;

        if (message_parse(&message, PLACE_TO_CLIENT, payload.data, payload.size) != PROTO_OK ||
            conversation_receive(name_equal(message.dst, SPAN("Adam")) ? pump->adam.conversation
                                                                       : pump->eve.conversation,
                                 &message, payload, pump->now) != PROTO_OK)
            abort();
        message_free(&message);
        pump_run(pump);
        buffer_consume(&held, payload.size + 1);
    }
    buffer_free(&held);
    return count;
}

/* Adam begins and is killed COUNT times, what is held back being lost to him; then he is there again, and begins. */
static void kill_adam(struct pump *pump, unsigned count) {
    for (unsigned i = 0; i <= count; i++) {
        if (i > 0)
            pump_restart(pump, &pump->adam);
        pump_send(pump, &pump->adam, i, "hello");
        pump_run(pump);
    }
}

static size_t violations(const struct pump *pump) {
    return party_count(&pump->adam, CONVERSATION_EVENT_VIOLATION) +
           party_count(&pump->eve, CONVERSATION_EVENT_VIOLATION);
}

static void test_late_answers(struct pump *pump) {
    hold_back(pump, "\"phase\":2", true);
    kill_adam(pump, 5);
    IS_INT(let_go(pump), 6, "six offers are answered at once");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_STALE), 5, "those of before are ignored");
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_STALE)->stale, 5, "and counted");
    IS_INT(violations(pump), 0, "nothing is wrong with the handshake");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_READY), 1, "of which there is one");
    OK(texts_are(&pump->eve, "hello\n"), "and the text arrives");
}

static void test_late_proof(struct pump *pump) {
    hold_back(pump, "\"phase\":4", true);
    kill_adam(pump, 0);
    pump_restart(pump, &pump->adam);
    pump->filter = NULL;
    pump_send(pump, &pump->adam, 1, "again");
    let_go(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_STALE), 1, "a proof for a program of before is ignored");
    IS_INT(violations(pump), 0, "while its own offer waits for an answer");
    OK(texts_are(&pump->eve, "again\n"), "and the text arrives");
}

static void test_late_proof_of_initiator(struct pump *pump) {
    hold_back(pump, "\"phase\":3", false);
    kill_adam(pump, 0);
    pump_restart(pump, &pump->adam);
    pump_send(pump, &pump->adam, 1, "again");
    held_back = "\"phase\":2";
    held_of_eve = true;
    pump_run(pump);
    IS_INT(let_go(pump), 2, "the proof of a program of before comes behind the next offer");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_STALE), 1, "and is ignored");
    IS_INT(violations(pump), 0, "nothing is wrong");
    OK(texts_are(&pump->eve, "again\n"), "and the text arrives");
}

/* Eve says REASON about the offer ID, "" if she does not say which. */
static void refuse(struct pump *pump, const char *reason, const char *id) {
    struct buffer payload = BUFFER_INIT(1024);
    struct message message;

    if (message_write_disconnect(&payload, &(struct disconnect_fields){.src = SPAN("Eve"),
                                                                       .dst = SPAN("Adam"),
                                                                       .reason = span_of(reason),
                                                                       .offer = span_of(id)}) != PROTO_OK ||
        message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&payload), payload.size) != PROTO_OK ||
        conversation_receive(pump->adam.conversation, &message, buffer_span(&payload), pump->now) != PROTO_OK)
        abort();
    message_free(&message);
    buffer_free(&payload);
    pump_run(pump);
}

#define ANOTHER "AAAAAAAAAAAAAAAAAAAAAA=="

static void test_late_refusals(struct pump *pump) {
    static const char *const reasons[] = {"untrusted", "no-common-cipher", "bad-session", "bye"};

    hold_back(pump, "\"phase\":2", true);
    kill_adam(pump, 0);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        refuse(pump, reasons[i], ANOTHER);
        IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_STALE), i + 1, "%s about another offer is ignored",
               reasons[i]);
    }
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED) + party_count(&pump->adam, CONVERSATION_EVENT_CLOSED), 0,
           "and ends nothing");
    let_go(pump);
    OK(texts_are(&pump->eve, "hello\n"), "the text arrives");
    refuse(pump, "untrusted", ANOTHER);
    OK(conversation_is_ready(pump->adam.conversation), "nor does it end a session that stands");
}

/* The id of the offer that passed last. */
static char offered[32];

static bool note_offer(struct pump *pump, struct party *from, char *payload, size_t size) {
    const char *id = strstr(payload, "\"phase\":1") != NULL ? strstr(payload, "\"id\":\"") : NULL;

    (void)pump, (void)from, (void)size;
    if (id != NULL)
        memcpy(offered, id + 6, sizeof(ANOTHER) - 1);
    return false;
}

static void test_refusals(struct pump *pump) {
    char first[sizeof(offered)];

    pump->filter = note_offer;
    kill_adam(pump, 0);
    memcpy(first, offered, sizeof(first));
    refuse(pump, "bad-session", "");
    OK(strcmp(offered, first) == 0, "a bad session that is not named is no answer to an offer");
    refuse(pump, "bad-session", first);
    OK(strcmp(offered, first) != 0, "an offer that has failed is made again at once");
    refuse(pump, "untrusted", offered);
    OK(failed_with(&pump->adam, FAILURE_REFUSED), "and one that is not trusted is over");
}

/* Eve distrusts Adam: what she says names the offer. */
static void test_refusal_is_named(struct pump *pump) {
    pump->eve.distrusts = true;
    hold_back(pump, "\"reason\":\"untrusted\"", true);
    kill_adam(pump, 1);
    pump->eve.distrusts = false;
    let_go(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_STALE), 1, "a refusal names the offer that it answers");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 1, "and so one of two is for who is there now");
}

/* The relay changes what names the offer in phase 2: to another, or so that it names none. */
static const char *put_in;

static bool rename_offer(struct pump *pump, struct party *from, char *payload, size_t size) {
    char *at = strstr(payload, "\"offer\":\"");

    (void)pump, (void)from, (void)size;
    if (at != NULL && strstr(payload, "\"phase\":2") != NULL)
        memcpy(at, put_in, strlen(put_in));
    return true;
}

static void test_wrong_names(struct pump *pump) {
    put_in = "\"offer\":\"" ANOTHER;
    pump->filter = rename_offer;
    pump_send(pump, &pump->adam, 1, "hello");
    for (unsigned i = 0; i < 29; i++) {
        pump_run(pump);
        refuse(pump, "bad-session", ANOTHER);
        pump_wait(pump, 1000);
    }
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "an answer to another offer is as none");
    pump_wait(pump, 1000);
    OK(failed_with(&pump->adam, FAILURE_TIMEOUT), "and puts nothing off: the handshake ends in its time");
}

static void test_lost_names(struct pump *pump) {
    put_in = "\"ofner\":\"";
    pump->filter = rename_offer;
    pump_send(pump, &pump->adam, 1, "hello");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_STALE), 0, "an answer that names no offer is taken for one");
    OK(failed_with(&pump->adam, FAILURE_INTEGRITY), "but a relay that takes the name away breaks the handshake");
}

int main(void) {
    fixture_begin();
    RUN(test_late_answers);
    RUN(test_late_proof);
    RUN(test_late_proof_of_initiator);
    RUN(test_late_refusals);
    RUN(test_refusals);
    RUN(test_refusal_is_named);
    RUN(test_wrong_names);
    RUN(test_lost_names);
    return fixture_done();
}
