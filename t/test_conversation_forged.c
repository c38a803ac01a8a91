/*
 * Conversations with a peer that has made a session as it should and then sends in it what no conversation would: the
 * handshake and the ratchet are used by hand.
 */
#include <config.h>

#include "proto/error.h"
#include "proto/handshake.h"
#include "t/proto_fixture.h"
#include "t/pump.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW   1000000
#define WALL  1480000000000
#define FIRST "the first text"

static struct identity adam, mallory;
static const struct suite_list all = SUITE_LIST_ALL;

/* Adam, and Mallory under the name of Eve. */
struct scene {
    struct conversation *adam;
    struct handshake *handshake;
    struct ratchet *ratchet;
    struct buffer texts;                               /* bodies that Adam's program was given, each followed by "\n" */
    unsigned events[16];                               /* how many of each type */
    struct conversation_event text, violation, failed; /* the last of each */
    char last_id[MESSAGE_ID_MAX + 1];                  /* of the last text of Adam's */
    bool holds;                                        /* texts are not handed on */
};

static void take_events(struct scene *scene) {
    struct conversation_event event;

    while (conversation_next_event(scene->adam, &event)) {
        require(event.type < COUNT(scene->events), "an event that is known");
        scene->events[event.type]++;
        if (event.type == CONVERSATION_EVENT_KEY)
            require(conversation_trust(scene->adam, event.fingerprint, true, NOW) == PROTO_OK, "trust");
        if (event.type == CONVERSATION_EVENT_VIOLATION)
            scene->violation = event;
        if (event.type == CONVERSATION_EVENT_FAILED)
            scene->failed = event;
        if (event.type != CONVERSATION_EVENT_TEXT)
            continue;
        require(buffer_append(&scene->texts, event.body, event.body_size) == PROTO_OK &&
                    buffer_append(&scene->texts, "\n", 1) == PROTO_OK,
                "room for a text");
        scene->text = event;
        if (!scene->holds)
            require(conversation_handed_on(scene->adam, event.fingerprint, event.id, NOW) == PROTO_OK, "handed on");
    }
}

/* Gives a payload to Adam. */
static void give(struct scene *scene, const struct buffer *payload) {
    struct message message;
    int error;

    require(message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(payload), payload->size) == PROTO_OK,
            "a payload can be parsed");
    error = message.type == MESSAGE_ERROR ? conversation_refused(scene->adam, &message, NOW)
                                          : conversation_receive(scene->adam, &message, buffer_span(payload), NOW);
    require(error == PROTO_OK, "a payload is taken");
    message_free(&message);
    take_events(scene);
}

/* Takes the next payload of Adam's; false if there is none. */
static bool take(struct scene *scene, struct buffer *payload) {
    struct buffer *output = conversation_output(scene->adam);
    const char *data = (const char *)buffer_data(output);
    const char *end = output->size > 0 ? memchr(data, '\n', output->size) : NULL;

    buffer_truncate(payload, 0);
    if (end == NULL)
        return false;
    require(buffer_append(payload, data, (size_t)(end - data)) == PROTO_OK, "a payload is not too long");
    buffer_consume(output, payload->size + 1);
    return true;
}

/* Opens what Adam has sent by now, and notes the id of his last text.  How many there were of TYPE. */
static unsigned open_all(struct scene *scene, enum message_type type) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX), inner = BUFFER_INIT(1 << 17);
    unsigned found = 0;

    while (take(scene, &payload)) {
        struct message com, message;

        require(message_parse(&com, PLACE_TO_CLIENT, (char *)buffer_data(&payload), payload.size) == PROTO_OK,
                "a payload of Adam's");
        found += com.type == type;
        buffer_truncate(&inner, 0);
        if (com.type == MESSAGE_COM) {
            require(ratchet_open(scene->ratchet, &com, &inner) == PROTO_OK, "a message of Adam's");
            require(message_parse(&message, PLACE_INNER, (char *)buffer_data(&inner), inner.size) == PROTO_OK,
                    "and what is in it");
            found += message.type == type;
            if (message.type == MESSAGE_TEXT)
                (void)snprintf(scene->last_id, sizeof(scene->last_id), "%.*s", (int)com.id.size, com.id.data);
            message_free(&message);
        }
        message_free(&com);
    }
    buffer_free(&payload);
    buffer_free(&inner);
    return found;
}

/* Mallory reads a phase of Adam's. */
static void read_phase(struct scene *scene) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct message message;

    require(take(scene, &payload), "a phase of the handshake");
    require(message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&payload), payload.size) == PROTO_OK &&
                handshake_read(scene->handshake, &message, buffer_span(&payload)) == PROTO_OK,
            "it is read");
    message_free(&message);
    buffer_free(&payload);
}

static void send(struct scene *scene, uint64_t token, const char *body) {
    require(conversation_send(scene->adam,
                              &(struct conversation_text){.token = token, .body = span_of(body), .time = WALL},
                              NOW) == PROTO_OK,
            "a text of Adam's");
}

/* Adam sends FIRST, and a session is made for it. */
static void scene_make(struct scene *scene) {
    struct buffer phase = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    memset(scene, 0, sizeof(*scene));
    scene->texts = BUFFER_INIT(1 << 16);
    require(conversation_new(&scene->adam, &(struct conversation_config){.identity = adam.key,
                                                                         .identity_pem = adam.pem,
                                                                         .self = "Adam",
                                                                         .peer = "Eve",
                                                                         .suites = &all,
                                                                         .timeout = 30000}) == PROTO_OK,
            "a conversation");
    require(handshake_new(&scene->handshake, &(struct handshake_config){.role = HANDSHAKE_RESPONDER,
                                                                        .use = HANDSHAKE_PEER,
                                                                        .identity = mallory.key,
                                                                        .identity_pem = mallory.pem,
                                                                        .self = "Eve",
                                                                        .peer = "Adam",
                                                                        .suites = &all}) == PROTO_OK,
            "a handshake by hand");
    send(scene, 1, FIRST);
    read_phase(scene);
    require(handshake_accept(scene->handshake, &phase) == PROTO_OK, "phase 2");
    give(scene, &phase);
    read_phase(scene);
    buffer_truncate(&phase, 0);
    require(handshake_verify(scene->handshake) == PROTO_OK &&
                handshake_finish(scene->handshake, 0, &phase) == PROTO_OK &&
                handshake_ratchet(scene->handshake, &scene->ratchet) == PROTO_OK,
            "phase 4");
    give(scene, &phase);
    require(conversation_is_ready(scene->adam), "a session");
    require(open_all(scene, MESSAGE_TEXT) == 1, "the first text has come");
    buffer_free(&phase);
}

static void scene_free(struct scene *scene) {
    conversation_free(scene->adam);
    handshake_free(scene->handshake);
    ratchet_free(scene->ratchet);
    buffer_free(&scene->texts);
}

/* Mallory seals INNER under ID; the caller frees the payload. */
static struct buffer seal(struct scene *scene, const char *id, const struct buffer *inner) {
    struct buffer com = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    require(ratchet_seal(scene->ratchet, SPAN("Eve"), SPAN("Adam"), span_of(id), buffer_span(inner), &com) == PROTO_OK,
            "a message by hand");
    return com;
}

static void send_inner(struct scene *scene, const char *id, struct buffer *inner) {
    struct buffer com = seal(scene, id, inner);

    give(scene, &com);
    buffer_free(&com);
    buffer_free(inner);
}

static void send_text(struct scene *scene, const char *id, const char *inner_id, const char *body) {
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX);

    require(message_write_text(&inner,
                               &(struct text_fields){.id = span_of(inner_id), .time = WALL, .body = span_of(body)}) ==
                PROTO_OK,
            "a text");
    send_inner(scene, id, &inner);
}

/* Sends INNER as it is. */
static void send_raw(struct scene *scene, const char *id, const char *text) {
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX);

    require(buffer_append(&inner, text, strlen(text)) == PROTO_OK, "an inner message");
    send_inner(scene, id, &inner);
}

static void send_status(struct scene *scene, const char *id, enum receipt_status status) {
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX);
    const struct span ids[] = {span_of(id)};

    require(message_write_receipt(&inner, ids, 1, status, 0) == PROTO_OK, "a receipt");
    send_inner(scene, "receipt", &inner);
}

static void send_receipt(struct scene *scene, const char *id) {
    send_status(scene, id, RECEIPT_DELIVERED);
}

/* ---- texts ---- */

static void test_inner_id(struct scene *scene) {
    send_text(scene, "outer", "inner", "which of them?");
    IS_INT(scene->events[CONVERSATION_EVENT_TEXT], 0, "a text whose two ids differ is not handed on");
    IS_INT(scene->events[CONVERSATION_EVENT_VIOLATION], 1, "but noticed");
    IS_INT(scene->violation.error, PROTO_E_MEMBER, "as what it is");
    send_text(scene, "same", "same", "both");
    IS_INT(scene->events[CONVERSATION_EVENT_TEXT], 1, "one whose ids are the same is");
}

static void test_same_id(struct scene *scene) {
    send_text(scene, "a", "a", "one");
    IS_INT(conversation_flush(scene->adam), PROTO_OK, "receipts go");
    IS_INT(open_all(scene, MESSAGE_RECEIPT), 1, "a text has its receipt");
    send_text(scene, "a", "a", "another");
    IS_INT(conversation_flush(scene->adam), PROTO_OK, "receipts go");
    IS_INT(open_all(scene, MESSAGE_RECEIPT), 1, "another under its id has one too");
    OK(span_equal(buffer_span(&scene->texts), SPAN("one\n")), "but is not handed on");
}

static void test_same_id_before(struct scene *scene) {
    scene->holds = true;
    send_text(scene, "a", "a", "one");
    send_text(scene, "a", "a", "another");
    OK(span_equal(buffer_span(&scene->texts), SPAN("one\n")), "a second text under an id waits for the first");
    IS_INT(conversation_flush(scene->adam), PROTO_OK, "receipts would go");
    IS_INT(open_all(scene, MESSAGE_RECEIPT), 0, "but there is none before a text was handed on");
    require(conversation_handed_on(scene->adam, scene->text.fingerprint, scene->text.id, NOW) == PROTO_OK, "it is");
    IS_INT(conversation_flush(scene->adam), PROTO_OK, "receipts go");
    IS_INT(open_all(scene, MESSAGE_RECEIPT), 1, "then there is one");
}

static void test_not_json(struct scene *scene) {
    static const char *const texts[] = {"",
                                        "no JSON",
                                        "{\"type\":\"text\",\"id\":\"a\",\"time\":1}",
                                        "{\"type\":\"text\",\"id\":\"a\",\"time\":1,\"body\":\"\\u0000\"}",
                                        "{\"type\":\"text\",\"id\":\"a\",\"time\":-1,\"body\":\"\"}",
                                        "{\"type\":\"text\",\"id\":\"\",\"time\":1,\"body\":\"\"}"};

    for (size_t i = 0; i < COUNT(texts); i++) {
        send_raw(scene, "a", texts[i]);
        IS_INT(scene->events[CONVERSATION_EVENT_VIOLATION], i + 1, "%s is noticed", texts[i]);
    }
    IS_INT(scene->events[CONVERSATION_EVENT_TEXT], 0, "and none is handed on");
    OK(conversation_is_ready(scene->adam), "the session goes on");
}

/* ---- receipts ---- */

static void test_receipt_for_nothing(struct scene *scene) {
    char next[MESSAGE_ID_MAX + 1];
    char *digits;
    unsigned long number;

    /* The last of a window and one that must wait. */
    for (unsigned i = 1; i <= CONVERSATION_WINDOW; i++)
        send(scene, 1 + i, "x");
    take_events(scene);
    IS_INT(open_all(scene, MESSAGE_TEXT), CONVERSATION_WINDOW - 1, "a window of texts has come");
    memcpy(next, scene->last_id, sizeof(next));
    digits = strrchr(next, '-') + 1;
    number = strtoul(digits, NULL, 10);
    (void)snprintf(digits, sizeof(next) - (size_t)(digits - next), "%lu", number + 1);
    send_receipt(scene, next);
    IS_INT(scene->events[CONVERSATION_EVENT_DELIVERED], 0, "a receipt for what was not sent yet counts for nothing");
    send_receipt(scene, "nobody-knows-it");
    IS_INT(scene->events[CONVERSATION_EVENT_DELIVERED], 0, "nor does one for what never will be");
    send_receipt(scene, scene->last_id);
    IS_INT(scene->events[CONVERSATION_EVENT_DELIVERED], 1, "one for what was sent does");
    send_receipt(scene, scene->last_id);
    IS_INT(scene->events[CONVERSATION_EVENT_DELIVERED], 1, "once");
}

static void test_receipt_of_no_meaning(struct scene *scene) {
    char text[200];

    (void)snprintf(text, sizeof(text), "{\"type\":\"receipt\",\"ids\":[\"%s\"],\"status\":\"eaten\"}", scene->last_id);
    send_raw(scene, "r", text);
    IS_INT(scene->events[CONVERSATION_EVENT_DELIVERED] + scene->events[CONVERSATION_EVENT_FAILED], 0,
           "a receipt of a status that nobody knows settles nothing");
    (void)snprintf(text, sizeof(text), "{\"type\":\"receipt\",\"ids\":[\"%s\"],\"status\":\"unsupported\"}",
                   scene->last_id);
    send_raw(scene, "s", text);
    IS_INT(scene->events[CONVERSATION_EVENT_FAILED], 1, "one that says unsupported does");
    IS_INT(scene->failed.failure, FAILURE_UNSUPPORTED, "as that");
}

/* ---- files ---- */

static void test_hostile_files(struct scene *scene) {
    static const char *const steps[] = {
        "{\"type\":\"file-offer\",\"id\":\"a\",\"file\":\"f\",\"name\":\"x\",\"size\":-1,\"sha256\":\"AA==\"}",
        "{\"type\":\"file-offer\",\"id\":\"b\",\"file\":\"../f\",\"name\":\"x\",\"size\":1}",
        "{\"type\":\"file-answer\",\"id\":\"a\",\"file\":\"f\",\"status\":1}",
        "{\"type\":\"file-data\",\"id\":\"a\",\"file\":\"f\",\"offset\":0,\"data\":\"\"}",
        "{\"type\":\"file-data\",\"id\":\"a\",\"file\":\"f\",\"offset\":0,\"data\":\"=AAA\"}",
        "{\"type\":\"file-data\",\"id\":\"a\",\"file\":\"f\",\"offset\":1e9,\"data\":\"AA==\"}",
        "{\"type\":\"file-data\",\"id\":\"b\",\"file\":\"f\",\"offset\":0,\"data\":\"AA==\"}",
        "{\"type\":\"file-end\",\"id\":\"b\",\"file\":\"f\",\"status\":\"verified\"}",
        "{\"type\":\"file-end\",\"id\":\"a\",\"file\":\"\",\"status\":\"verified\"}",
    };

    for (size_t i = 0; i < COUNT(steps); i++) {
        send_raw(scene, "a", steps[i]);
        IS_INT(scene->events[CONVERSATION_EVENT_VIOLATION], i + 1, "%s is noticed", steps[i]);
    }
    IS_INT(scene->events[CONVERSATION_EVENT_FILE], 0, "and none is given to the program");
}

/* ---- pings ---- */

static void test_hostile_pings(struct scene *scene) {
    static const char *const pings[] = {"{\"type\":\"ping\"}",
                                        "{\"type\":\"ping\",\"id\":\"\"}",
                                        "{\"type\":\"ping\",\"id\":7}",
                                        "{\"type\":\"ping\",\"id\":\"b\"}",
                                        "{\"type\":\"ping\",\"id\":\"\\u0000\"}",
                                        "{\"type\":\"pong\"}",
                                        "{\"type\":\"pong\",\"id\":\" \"}",
                                        "{\"type\":\"pong\",\"id\":null}"};

    for (size_t i = 0; i < COUNT(pings); i++) {
        send_raw(scene, "a", pings[i]);
        IS_INT(scene->events[CONVERSATION_EVENT_VIOLATION], i + 1, "%s is noticed", pings[i]);
    }
    IS_INT(open_all(scene, MESSAGE_PEER_PONG), 0, "and none is answered");
    send_raw(scene, "a", "{\"type\":\"ping\",\"id\":\"a\"}");
    IS_INT(open_all(scene, MESSAGE_PEER_PONG), 1, "one that is as it should be is");
}

static void test_pongs_for_nothing(struct scene *scene) {
    char id[MESSAGE_ID_MAX + 1], pong[100];

    send_raw(scene, "p", "{\"type\":\"pong\",\"id\":\"nobody-asked\"}");
    send_status(scene, "nobody-asked", RECEIPT_UNSUPPORTED);
    IS_INT(scene->events[CONVERSATION_EVENT_PONG], 0, "what nobody asked for is no answer");
    IS_INT(conversation_ping(scene->adam, id), PROTO_OK, "a ping");
    IS_INT(open_all(scene, MESSAGE_PEER_PING), 1, "comes");
    send_receipt(scene, id);
    IS_INT(scene->events[CONVERSATION_EVENT_PONG] + scene->events[CONVERSATION_EVENT_DELIVERED], 0,
           "pings are not delivered");
    (void)snprintf(pong, sizeof(pong), "{\"type\":\"pong\",\"id\":\"%s\"}", id);
    send_raw(scene, "q", pong);
    send_raw(scene, "r", pong);
    send_status(scene, id, RECEIPT_UNSUPPORTED);
    IS_INT(scene->events[CONVERSATION_EVENT_PONG], 1, "one answer is one, and no more come after it");
}

static void test_hostile_presence(struct scene *scene) {
    static const char *const told[] = {"{\"type\":\"presence\"}",
                                       "{\"type\":\"presence\",\"id\":\"a\"}",
                                       "{\"type\":\"presence\",\"id\":\"b\",\"state\":\"away\"}",
                                       "{\"type\":\"presence\",\"state\":\"away\"}",
                                       "{\"type\":\"presence\",\"id\":\"a\",\"state\":true}",
                                       "{\"type\":\"presence\",\"id\":\"a\",\"state\":\"away\",\"text\":7}",
                                       "{\"type\":\"presence\",\"id\":\"a\",\"state\":\"away\",\"text\":\"\\u0000\"}"};
    char longest[MESSAGE_PRESENCE_MAX + 100];
    size_t count = 0;

    for (; count < COUNT(told); count++) {
        send_raw(scene, "a", told[count]);
        IS_INT(scene->events[CONVERSATION_EVENT_VIOLATION], count + 1, "%s is noticed", told[count]);
    }
    (void)snprintf(longest, sizeof(longest),
                   "{\"type\":\"presence\",\"id\":\"a\",\"state\":\"away\",\"text\":\"%0*d\"}",
                   MESSAGE_PRESENCE_MAX + 1, 0);
    send_raw(scene, "a", longest);
    IS_INT(scene->events[CONVERSATION_EVENT_VIOLATION], count + 1, "a text that is too long is noticed");
    send_raw(scene, "a", "{\"type\":\"presence\",\"id\":\"a\",\"state\":\"on the moon\"}");
    IS_INT(scene->events[CONVERSATION_EVENT_VIOLATION], count + 1, "a state of another version is not");
    IS_INT(scene->events[CONVERSATION_EVENT_PRESENCE], 0, "and nothing is told of any");
    send_raw(scene, "a", "{\"type\":\"presence\",\"id\":\"a\",\"state\":\"away\"}");
    IS_INT(scene->events[CONVERSATION_EVENT_PRESENCE], 1, "one that is as it should be is told");
}

/* A peer from before there were pings. */
static void test_unsupported_ping(struct scene *scene) {
    char id[MESSAGE_ID_MAX + 1];

    IS_INT(conversation_ping(scene->adam, id), PROTO_OK, "a ping");
    IS_INT(open_all(scene, MESSAGE_PEER_PING), 1, "comes");
    send_status(scene, id, RECEIPT_UNSUPPORTED);
    IS_INT(scene->events[CONVERSATION_EVENT_PONG], 1, "who says that it knows no pings has answered");
    IS_INT(scene->events[CONVERSATION_EVENT_FAILED], 0, "and nothing has failed");
}

/* ---- offers ---- */

static void give_phase1(struct scene *scene, const char *pem) {
    static const uint8_t nonce[MESSAGE_NONCE_SIZE], dh[CSC_X25519_SIZE] = {9};
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    const struct handshake_header header = {.peer = true, .src = SPAN("Eve"), .dst = SPAN("Adam")};
    const struct handshake_offer offer = {.id = nonce, .ciphers = all, .pem = pem, .dh = dh};

    require(message_write_phase1(&payload, &header, &offer) == PROTO_OK, "an offer");
    give(scene, &payload);
    buffer_free(&payload);
}

static void test_bad_offer(struct scene *scene) {
    give_phase1(scene, "no key");
    IS_INT(scene->events[CONVERSATION_EVENT_VIOLATION], 1, "an offer with no key is noticed");
    OK(conversation_is_ready(scene->adam), "the session goes on");
    IS_INT(conversation_output(scene->adam)->size, 0, "and whoever made it up learns nothing");
}

static void test_after_the_end(struct scene *scene) {
    struct buffer *output = conversation_output(scene->adam);

    require(conversation_close(scene->adam) == PROTO_OK, "a goodbye");
    buffer_consume(output, output->size);
    take_events(scene);
    memset(scene->events, 0, sizeof(scene->events));
    give_phase1(scene, mallory.pem);
    send_text(scene, "late", "late", "too late");
    IS_INT(output->size, 0, "after the end nothing is answered");
    IS_INT(scene->events[CONVERSATION_EVENT_KEY] + scene->events[CONVERSATION_EVENT_TEXT], 0, "nor is anything asked");
}

/* A peer may say first that a text is delivered, and later that it is read. */
static void test_read_later(struct scene *scene) {
    send_status(scene, "nobody-knows-it", RECEIPT_READ);
    IS_INT(scene->events[CONVERSATION_EVENT_READ], 0, "nobody reads what was never sent");
    send_receipt(scene, scene->last_id);
    send_status(scene, scene->last_id, RECEIPT_READ);
    IS_INT(scene->events[CONVERSATION_EVENT_READ], 1, "what was delivered is read later");
    send_status(scene, scene->last_id, RECEIPT_READ);
    IS_INT(scene->events[CONVERSATION_EVENT_READ], 1, "once");
}

static void run(const char *name, void (*test)(struct scene *)) {
    struct scene scene;

    tap_diag("%s", name);
    scene_make(&scene);
    test(&scene);
    scene_free(&scene);
}

#define RUN(test) run(#test, test)

int main(void) {
    identity_load(&adam, "adam");
    identity_load(&mallory, "mallory");
    RUN(test_inner_id);
    RUN(test_same_id);
    RUN(test_same_id_before);
    RUN(test_not_json);
    RUN(test_receipt_for_nothing);
    RUN(test_receipt_of_no_meaning);
    RUN(test_read_later);
    RUN(test_hostile_files);
    RUN(test_hostile_pings);
    RUN(test_hostile_presence);
    RUN(test_pongs_for_nothing);
    RUN(test_unsupported_ping);
    RUN(test_bad_offer);
    RUN(test_after_the_end);
    identity_free(&adam);
    identity_free(&mallory);
    return tap_done();
}
