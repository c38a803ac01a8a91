/* Conversations: what two clients say to each other, who is there to hear it, and how it ends. */
#include <config.h>

#include "t/conversation_fixture.h"

#include <stdio.h>
#include <stdlib.h>

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

int main(void) {
    fixture_begin();
    RUN(test_both_ways);
    RUN(test_case_of_names);
    RUN(test_order);
    RUN(test_window);
    RUN(test_window_bytes);
    RUN(test_bodies);
    RUN(test_both_begin);
    RUN(test_no_such_user);
    RUN(test_gathering);
    RUN(test_closed);
    RUN(test_close);
    return fixture_done();
}
