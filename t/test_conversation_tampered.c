/* Conversations: a relay that replays, changes or makes up what passes, and what comes too late. */
#include <config.h>

#include "t/conversation_fixture.h"

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

static void give_bad_session(struct pump *pump, const uint8_t *session) {
    OK(pass_disconnect(pump, &pump->adam, &pump->eve, "bad-session", session, "") == PROTO_OK, "bad-session is taken");
}

static void test_late_bad_session(struct pump *pump) {
    static const uint8_t other[MESSAGE_SESSION_SIZE] = {1};

    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    give_bad_session(pump, other);
    OK(conversation_is_ready(pump->adam.conversation), "a complaint about another session leaves the one that stands");
    give_bad_session(pump, NULL);
    OK(!conversation_is_ready(pump->adam.conversation), "one that names none ends it");
}

int main(void) {
    fixture_begin();
    RUN(test_refusal_of_another);
    RUN(test_replay);
    RUN(test_old_replay);
    RUN(test_spoilt);
    RUN(test_always_spoilt);
    RUN(test_downgrade);
    RUN(test_new_session_is_provisional);
    RUN(test_late_bad_session);
    return fixture_done();
}
