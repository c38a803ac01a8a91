/* Conversations: the key a text is meant for, trust in one, and sessions that are wanted for their own sake. */
#include <config.h>

#include "t/conversation_fixture.h"

#include <stdlib.h>

/* ---- trust ---- */

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

/* ---- a text for a key ---- */

/* Sends TEXT from Adam, for KEY. */
static void send_to_key(struct pump *pump, uint64_t token, const char *text, const struct identity *key) {
    const struct conversation_text sent = {.token = token, .body = span_of(text), .key = key->fingerprint};

    IS_INT(conversation_send(pump->adam.conversation, &sent, pump->now), PROTO_OK, "\"%s\" is taken", text);
}

static void replace_eve(struct pump *pump, const struct identity *identity) {
    pump->eve.identity = identity;
    pump_restart(pump, &pump->eve);
    pump->eve.texts.size = 0;
}

static void test_first_session(struct pump *pump) {
    send_to_key(pump, 1, "for Eve", &eve);
    pump_run(pump);
    OK(texts_are(&pump->eve, "for Eve\n"), "the key that it is meant for gets it");
}

static void test_first_session_of_another(struct pump *pump) {
    replace_eve(pump, &mallory);
    send_to_key(pump, 1, "for Eve", &eve);
    pump_run(pump);
    OK(texts_are(&pump->eve, ""), "another key does not, though it is trusted");
    OK(failed_with(&pump->adam, FAILURE_UNTRUSTED), "and the text fails");
    OK(conversation_is_ready(pump->adam.conversation), "the session stands");
    send_to_key(pump, 2, "for Mallory", &mallory);
    pump_run(pump);
    OK(texts_are(&pump->eve, "for Mallory\n"), "for what is meant for that key");
}

static void test_session_with_another(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 2, "on its way");
    pump_run(pump);
    send_to_key(pump, 3, "for the new key", &mallory);
    OK(!conversation_is_ready(pump->adam.conversation), "the session with the old key ends");
    replace_eve(pump, &mallory);
    pump_run(pump);
    OK(texts_are(&pump->eve, "for the new key\n"), "the new key gets what is meant for it, and nothing else");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 1, "what was on its way to the old one");
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_FAILED)->token, 2, "is not sent again");
    OK(failed_with(&pump->adam, FAILURE_UNTRUSTED), "but fails");
}

static void test_old_key_hears_of_it(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump->adam.distrusts = true;
    send_to_key(pump, 2, "for the new key", &mallory);
    pump_run(pump);
    IS_STR(party_last(&pump->eve, CONVERSATION_EVENT_CLOSED)->reason, "untrusted",
           "the old key is told that it is one");
    OK(texts_are(&pump->eve, "one\n"), "and gets no more");
    OK(failed_with(&pump->adam, FAILURE_UNTRUSTED), "which fails the text");
}

/* ---- a session and no text ---- */

static void test_connect(struct pump *pump) {
    IS_INT(conversation_connect(pump->adam.conversation, 7, pump->now), PROTO_OK, "a session is wanted");
    pump_run(pump);
    OK(conversation_is_ready(pump->adam.conversation), "and made without a text");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_READY), 1, "it comes as an event");
    IS_STR(conversation_fingerprint(pump->adam.conversation), eve.fingerprint, "with the peer's key");
    IS_INT(conversation_suite(pump->adam.conversation), SUITE_AES_256, "and suite");
    IS_INT(conversation_connect(pump->adam.conversation, 8, pump->now), PROTO_OK, "wanted again");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_READY), 1, "it is the one that stands");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 0, "and nothing has failed");
    IS_INT(conversation_deadline(pump->adam.conversation), UINT64_MAX, "nothing is due");
}

/* Adam wants a session, under the token 7. */
static void want_session(struct pump *pump) {
    if (conversation_connect(pump->adam.conversation, 7, pump->now) != PROTO_OK)
        abort();
    pump_run(pump);
}

static void check_connect_failure(struct pump *pump, enum conversation_failure failure, const char *name) {
    const struct conversation_event *event = party_last(&pump->adam, CONVERSATION_EVENT_FAILED);

    if (OK(event != NULL, "%s ends it", name)) {
        IS_INT(event->token, 7, "under its token");
        IS_INT(event->failure, failure, "for that");
    }
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_FAILED), 1, "once");
    IS_INT(conversation_deadline(pump->adam.conversation), UINT64_MAX, "and nothing more is due");
}

static void test_connect_nobody(struct pump *pump) {
    pump->eve.gone = true;
    want_session(pump);
    check_connect_failure(pump, FAILURE_NO_SUCH_USER, "that nobody is there");
}

static void test_connect_distrust(struct pump *pump) {
    pump->adam.distrusts = true;
    want_session(pump);
    check_connect_failure(pump, FAILURE_UNTRUSTED, "distrust");
}

static void test_connect_distrusted(struct pump *pump) {
    pump->eve.distrusts = true;
    want_session(pump);
    check_connect_failure(pump, FAILURE_REFUSED, "the peer's distrust");
}

static void test_connect_silence(struct pump *pump) {
    pump->filter = lose;
    want_session(pump);
    for (int i = 0; i < 100; i++)
        pump_wait(pump, 1000);
    check_connect_failure(pump, FAILURE_TIMEOUT, "silence");
}

static void test_connect_full(struct pump *pump) {
    pump->eve.full = true;
    want_session(pump);
    for (int i = 0; i < 100; i++)
        pump_wait(pump, 1000);
    check_connect_failure(pump, FAILURE_TIMEOUT, "a queue that stays full");
}

int main(void) {
    fixture_begin();
    RUN(test_other_key);
    RUN(test_distrust);
    RUN(test_distrust_does_not_disturb);
    RUN(test_trust_is_for_a_key);
    RUN(test_receipt_for_the_key);
    RUN(test_new_key_for_new_messages);
    RUN(test_first_session);
    RUN(test_first_session_of_another);
    RUN(test_session_with_another);
    RUN(test_old_key_hears_of_it);
    RUN(test_connect);
    RUN(test_connect_nobody);
    RUN(test_connect_distrust);
    RUN(test_connect_distrusted);
    RUN(test_connect_silence);
    RUN(test_connect_full);
    return fixture_done();
}
