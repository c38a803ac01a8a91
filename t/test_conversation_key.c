/* Conversations: texts that are meant for a key, and sessions that are wanted for their own sake. */
#include <config.h>

#include "t/pump.h"
#include "t/tap.h"

#include <stdlib.h>

static struct identity adam, eve, mallory;

static bool texts_are(const struct party *party, const char *wanted) {
    return span_equal(buffer_span(&party->texts), span_of(wanted));
}

static bool failed_with(const struct party *party, enum conversation_failure failure) {
    const struct conversation_event *event = party_last(party, CONVERSATION_EVENT_FAILED);

    return event != NULL && event->failure == failure;
}

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
    if (conversation_connect(pump->adam.conversation, 7, pump->now) != PROTO_OK)
        abort();
    pump_run(pump);
    check_connect_failure(pump, FAILURE_NO_SUCH_USER, "that nobody is there");
}

static void test_connect_distrust(struct pump *pump) {
    pump->adam.distrusts = true;
    if (conversation_connect(pump->adam.conversation, 7, pump->now) != PROTO_OK)
        abort();
    pump_run(pump);
    check_connect_failure(pump, FAILURE_UNTRUSTED, "distrust");
}

static void test_connect_distrusted(struct pump *pump) {
    pump->eve.distrusts = true;
    if (conversation_connect(pump->adam.conversation, 7, pump->now) != PROTO_OK)
        abort();
    pump_run(pump);
    check_connect_failure(pump, FAILURE_REFUSED, "the peer's distrust");
}

static bool lose_all(struct pump *pump, struct party *from, char *payload, size_t size) {
    (void)pump;
    (void)from;
    (void)payload;
    (void)size;
    return false;
}

static void test_connect_silence(struct pump *pump) {
    pump->filter = lose_all;
    if (conversation_connect(pump->adam.conversation, 7, pump->now) != PROTO_OK)
        abort();
    pump_run(pump);
    for (int i = 0; i < 100; i++)
        pump_wait(pump, 1000);
    check_connect_failure(pump, FAILURE_TIMEOUT, "silence");
}

static void test_connect_full(struct pump *pump) {
    pump->eve.full = true;
    if (conversation_connect(pump->adam.conversation, 7, pump->now) != PROTO_OK)
        abort();
    pump_run(pump);
    for (int i = 0; i < 100; i++)
        pump_wait(pump, 1000);
    check_connect_failure(pump, FAILURE_TIMEOUT, "a queue that stays full");
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
    identity_free(&adam);
    identity_free(&eve);
    identity_free(&mallory);
    return tap_done();
}
