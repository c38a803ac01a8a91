/* Conversations: what is sent without a receipt, pings and their answers. */
#include <config.h>

#include "t/conversation_fixture.h"

#include <stdlib.h>

static void make_session(struct pump *pump) {
    IS_INT(pump_send(pump, &pump->adam, 1, "hello"), PROTO_OK, "a text makes a session");
    pump_run(pump);
    pump->passed = 0;
}

static void test_answered(struct pump *pump) {
    char id[MESSAGE_ID_MAX + 1], other[MESSAGE_ID_MAX + 1];

    make_session(pump);
    IS_INT(conversation_ping(pump->adam.conversation, id), PROTO_OK, "a ping");
    IS_INT(conversation_pending(pump->adam.conversation), 0, "waits for no receipt");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_PONG), 1, "is answered");
    IS_STR(party_last(&pump->adam, CONVERSATION_EVENT_PONG)->id, id, "by its id");
    IS_INT(pump->passed, 2, "with one message each way");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_PONG) + party_count(&pump->eve, CONVERSATION_EVENT_TEXT), 1,
           "of which the peer's program hears nothing");
    IS_INT(conversation_ping(pump->adam.conversation, other), PROTO_OK, "another");
    OK(strcmp(id, other) != 0, "has another id");
}

static void test_no_session(struct pump *pump) {
    char id[MESSAGE_ID_MAX + 1];

    IS_INT(conversation_ping(pump->adam.conversation, id), PROTO_E_STATE, "without a session there is no ping");
    pump_run(pump);
    IS_INT(pump->passed, 0, "and none is begun for it");
}

static void test_lost(struct pump *pump) {
    char id[MESSAGE_ID_MAX + 1];

    make_session(pump);
    pump->filter = lose;
    IS_INT(conversation_ping(pump->adam.conversation, id), PROTO_OK, "a ping is lost");
    pump_run(pump);
    pump->filter = NULL;
    pump_wait(pump, 120000);
    IS_INT(pump->passed, 1, "and never sent again");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_PONG), 0, "nobody answers it");
    pump_send(pump, &pump->adam, 2, "still there?");
    pump_run(pump);
    OK(texts_are(&pump->eve, "hello\nstill there?\n"), "the session goes on");
}

static void test_refused(struct pump *pump) {
    char id[MESSAGE_ID_MAX + 1];

    make_session(pump);
    pump->eve.full = true;
    IS_INT(conversation_ping(pump->adam.conversation, id), PROTO_OK, "a ping is refused by the relay");
    pump_run(pump);
    pump->eve.full = false;
    pump_wait(pump, 120000);
    IS_INT(pump->passed, 1, "and not sent again");
    OK(conversation_is_ready(pump->adam.conversation), "the session stands");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "and nothing has failed");
}

/* Nobody takes what is said: texts wait then, and pings are not sent. */
static void test_output_full(struct pump *pump) {
    struct buffer *output;
    char id[MESSAGE_ID_MAX + 1];
    size_t size;

    make_session(pump);
    output = conversation_output(pump->adam.conversation);
    while (output->size < CONVERSATION_BYTES_MAX)
        if (conversation_ping(pump->adam.conversation, id) != PROTO_OK)
            break;
    size = output->size;
    IS_INT(conversation_ping(pump->adam.conversation, id), PROTO_OK, "a ping too many");
    IS_INT(output->size, size, "is dropped");
}

/* A peer may ask as often as it likes. */
static void test_flood(struct pump *pump) {
    char id[MESSAGE_ID_MAX + 1];

    make_session(pump);
    for (int i = 0; i < 3 * CONVERSATION_PONGS_MAX; i++)
        if (conversation_ping(pump->adam.conversation, id) != PROTO_OK)
            break;
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_PONG), CONVERSATION_PONGS_MAX, "so many pings are answered");
    pump_wait(pump, 999);
    IS_INT(conversation_ping(pump->adam.conversation, id), PROTO_OK, "one more");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_PONG), CONVERSATION_PONGS_MAX, "in the same second is not");
    pump_wait(pump, 1);
    IS_INT(conversation_ping(pump->adam.conversation, id), PROTO_OK, "and one");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_PONG), CONVERSATION_PONGS_MAX + 1, "in the next one is");
}

static void test_presence(struct pump *pump) {
    const struct conversation_event *event;

    IS_INT(conversation_tell_presence(pump->adam.conversation, true, SPAN("lunch")), PROTO_OK, "away to nobody");
    pump_run(pump);
    IS_INT(pump->passed, 0, "goes nowhere");
    make_session(pump);
    IS_INT(conversation_tell_presence(pump->adam.conversation, true, SPAN("lunch")), PROTO_OK, "away");
    pump_run(pump);
    IS_INT(pump->passed, 1, "is one message, without a receipt");
    event = party_last(&pump->eve, CONVERSATION_EVENT_PRESENCE);
    OK(event != NULL && event->away && event->body_size == strlen("lunch"), "and is told with its text");
    IS_INT(conversation_tell_presence(pump->adam.conversation, false, SPAN("")), PROTO_OK, "back");
    pump_run(pump);
    event = party_last(&pump->eve, CONVERSATION_EVENT_PRESENCE);
    OK(event != NULL && !event->away && event->body_size == 0, "is told, too");
}

int main(void) {
    fixture_begin();
    RUN(test_answered);
    RUN(test_no_session);
    RUN(test_lost);
    RUN(test_refused);
    RUN(test_output_full);
    RUN(test_flood);
    RUN(test_presence);
    return fixture_done();
}
