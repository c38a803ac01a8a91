/*
 * Known answers of the whole protocol, t/vectors/protocol-1.json: key schedule, secure messages and ratchet, step by
 * step, with the private values that the vectors show.  What is random in the program comes from the vectors here:
 * csc_x25519_generate() is replaced at link time.
 */
#include <config.h>

#include "proto/channel.h"
#include "proto/line.h"
#include "proto/message.h"
#include "proto/ratchet.h"
#include "proto/schedule.h"
#include "t/tap.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

int __wrap_csc_x25519_generate(uint8_t secret[static CSC_X25519_SIZE], uint8_t public_key[static CSC_X25519_SIZE]);

/* The secret that the next generated pair has. */
static uint8_t next_pair[CSC_X25519_SIZE];
static unsigned pairs_made;

int __wrap_csc_x25519_generate(uint8_t secret[static CSC_X25519_SIZE], uint8_t public_key[static CSC_X25519_SIZE]) {
    memcpy(secret, next_pair, CSC_X25519_SIZE);
    csc_x25519_public(public_key, secret);
    pairs_made++;
    return CSC_OK;
}

static struct json_object *get(struct json_object *object, const char *name) {
    struct json_object *value = NULL;

    json_object_object_get_ex(object, name, &value);
    return value;
}

static struct span text_of(struct json_object *object, const char *name) {
    struct json_object *value = get(object, name);

    if (value == NULL)
        return (struct span){NULL, 0};
    return (struct span){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

/* The hexadecimal member NAME, SIZE bytes of it, or as many as it has. */
static void hex_of(struct json_object *object, const char *name, uint8_t *out, size_t size) {
    struct span text = text_of(object, name);

    for (size_t i = 0; i < size && 2 * i + 1 < text.size; i++) {
        char pair[3] = {text.data[2 * i], text.data[2 * i + 1], '\0'};

        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

static enum suite suite_of(struct json_object *handshake) {
    enum suite suite = SUITE_COUNT;

    suite_from_name(text_of(handshake, "suite"), &suite);
    return suite;
}

/* One side's private values. */
struct side {
    csc_private_key *identity;
    uint8_t dh[CSC_X25519_SIZE];
    uint8_t secret[SCHEDULE_SECRET_SIZE];
    uint8_t ratchet[CSC_X25519_SIZE];
};

static void read_side(struct side *side, struct json_object *object) {
    struct span pem = text_of(object, "identity");
    csc_public_key *public_key = NULL;
    char fingerprint[CSC_FINGERPRINT_SIZE] = "";

    memset(side, 0, sizeof(*side));
    OK(csc_private_key_from_pem(&side->identity, pem.data, pem.size, NULL) == CSC_OK, "the identity loads");
    if (csc_private_key_public(side->identity, &public_key) == CSC_OK)
        csc_public_key_fingerprint(public_key, fingerprint);
    IS_STR(fingerprint, text_of(object, "fingerprint").data, "its fingerprint");
    csc_public_key_free(public_key);
    hex_of(object, "dh", side->dh, sizeof(side->dh));
    hex_of(object, "secret", side->secret, sizeof(side->secret));
    hex_of(object, "ratchet", side->ratchet, sizeof(side->ratchet));
}

static void check_phase(struct message *message, enum message_place place, struct span text, const char *what) {
    IS_INT(message_parse(message, place, text.data, text.size), PROTO_OK, "%s parses", what);
}

/* The 48 bytes in MESSAGE decrypt to what the other side chose. */
static void check_secret(const struct side *reader, const struct message *message, bool peer, const uint8_t *wanted) {
    const struct span label = peer ? SPAN("chatsecure/1 client-connect") : SPAN("chatsecure/1 connect");
    uint8_t got[SCHEDULE_SECRET_SIZE] = {0};
    size_t size = sizeof(got);

    IS_INT(
        csc_oaep_decrypt(reader->identity, label.data, label.size, message->secret, message->secret_size, got, &size),
        CSC_OK, "the secret decrypts");
    IS_MEM(got, wanted, sizeof(got), "to the one that was chosen");
}

static void check_secure(struct json_object *handshake, const struct schedule_keys *keys, enum suite suite) {
    struct channel_sender *senders[2] = {NULL, NULL};
    struct channel_receiver *receivers[2] = {NULL, NULL};
    struct json_object *messages = get(handshake, "secure");

    OK(channel_sender_new(&senders[0], suite, keys->connect.initiator_key, keys->connect.initiator_mac) == 0 &&
           channel_sender_new(&senders[1], suite, keys->connect.responder_key, keys->connect.responder_mac) == 0 &&
           channel_receiver_new(&receivers[0], suite, keys->connect.initiator_key, keys->connect.initiator_mac) == 0 &&
           channel_receiver_new(&receivers[1], suite, keys->connect.responder_key, keys->connect.responder_mac) == 0,
       "the channels of both sides");
    for (size_t i = 0; i < json_object_array_length(messages); i++) {
        struct json_object *message = json_object_array_get_idx(messages, i);
        const size_t from = span_equal(text_of(message, "from"), SPAN("I")) ? 0 : 1;
        const struct span payload = text_of(message, "payload"), line = text_of(message, "line");
        struct buffer out = BUFFER_INIT(LINE_INPUT_LIMIT);
        uint8_t iv[CSC_CBC_IV];
        char *opened = NULL;
        size_t opened_size = 0;

        hex_of(message, "iv", iv, sizeof(iv));
        IS_INT(channel_seal_iv(senders[from], payload, iv, &out), PROTO_OK, "secure message %zu is sealed", i);
        OK(out.size == line.size + 1 && memcmp(buffer_data(&out), line.data, line.size) == 0, "as the known line");
        IS_INT(channel_open(receivers[from], (char *)buffer_data(&out), line.size, &opened, &opened_size), PROTO_OK,
               "and opened");
        OK(span_equal((struct span){opened, opened_size}, payload), "to the payload");
        buffer_free(&out);
    }
    for (size_t i = 0; i < 2; i++) {
        channel_sender_free(senders[i]);
        channel_receiver_free(receivers[i]);
    }
}

/* The client-com around the known `data`, parsed. */
static void parse_com(struct message *message, struct json_object *object) {
    struct json_object *com = json_object_new_object();
    const char *text;

    json_object_object_add(com, "type", json_object_new_string("client-com"));
    json_object_object_add(com, "src", json_object_new_string("A"));
    json_object_object_add(com, "dst", json_object_new_string("B"));
    json_object_object_add(com, "id", json_object_new_string("x"));
    json_object_object_add(com, "data", json_object_get(get(object, "data")));
    text = json_object_to_json_string(com);
    check_phase(message, PLACE_TO_CLIENT, span_of(text), "a client-com");
    json_object_put(com);
}

static void check_opened(struct ratchet *ratchet, struct json_object *object, size_t index) {
    const struct span inner = text_of(object, "inner");
    struct buffer out = BUFFER_INIT(MESSAGE_INNER_MAX + CSC_CBC_BLOCK);
    struct message com;

    parse_com(&com, object);
    hex_of(object, "new_ratchet", next_pair, sizeof(next_pair));
    IS_INT(ratchet_open(ratchet, &com, &out), PROTO_OK, "ratchet message %zu opens", index);
    OK(out.size % MESSAGE_INNER_MULTIPLE == 0 && out.size >= inner.size &&
           memcmp(buffer_data(&out), inner.data, inner.size) == 0,
       "to the inner text, filled");
    out.size = 0;
    OK(ratchet_open(ratchet, &com, &out) < 0 && out.size == 0, "once only");
    buffer_free(&out);
    message_free(&com);
}

static void check_sealed(struct ratchet *ratchet, struct json_object *object, size_t index) {
    const struct span text = text_of(object, "inner");
    size_t filled = (text.size + MESSAGE_INNER_MULTIPLE - 1) / MESSAGE_INNER_MULTIPLE * MESSAGE_INNER_MULTIPLE;
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX), out = BUFFER_INIT(LINE_INPUT_LIMIT);
    struct message known, made;

    parse_com(&known, object);
    if (buffer_append(&inner, text.data, text.size) == PROTO_OK)
        while (inner.size < filled && buffer_append(&inner, " ", 1) == PROTO_OK)
            ;
    IS_INT(ratchet_seal(ratchet, SPAN("A"), SPAN("B"), SPAN("x"), buffer_span(&inner), &out), PROTO_OK,
           "ratchet message %zu is sealed", index);
    check_phase(&made, PLACE_TO_CLIENT, buffer_span(&out), "it");
    IS_MEM(made.session, known.session, sizeof(known.session), "session");
    IS_MEM(made.dh, known.dh, sizeof(known.dh), "dh");
    OK(made.pn == known.pn && made.n == known.n, "pn and n");
    OK(span_equal(made.payload, known.payload), "payload");
    IS_MEM(made.hmac, known.hmac, sizeof(known.hmac), "hmac");
    message_free(&made);
    message_free(&known);
    buffer_free(&inner);
    buffer_free(&out);
}

static bool is_opened_later(struct json_object *message) {
    return get(message, "opened_after_next") != NULL;
}

/* Each message is sealed by its sender, in order, and opened by the other, in the order the vectors say. */
static void check_messages(struct json_object *handshake, struct ratchet *ratchets[2]) {
    struct json_object *messages = get(handshake, "messages"), *late = NULL;

    for (size_t i = 0; i < json_object_array_length(messages); i++) {
        struct json_object *message = json_object_array_get_idx(messages, i);
        const size_t from = span_equal(text_of(message, "from"), SPAN("I")) ? 0 : 1;

        check_sealed(ratchets[from], message, i);
        if (is_opened_later(message)) {
            late = message;
            continue;
        }
        check_opened(ratchets[1 - from], message, i);
        if (late != NULL)
            check_opened(ratchets[1 - from], late, i - 1);
        late = NULL;
    }
}

static void check_ratchet(struct json_object *handshake, const struct schedule_keys *keys, enum suite suite,
                          const struct side *initiator, const struct side *responder) {
    uint8_t initiator_public[CSC_X25519_SIZE], responder_public[CSC_X25519_SIZE];
    struct ratchet *ratchets[2] = {NULL, NULL};

    csc_x25519_public(initiator_public, initiator->ratchet);
    csc_x25519_public(responder_public, responder->dh);
    memcpy(next_pair, responder->ratchet, sizeof(next_pair));
    OK(ratchet_new(&ratchets[0], &(struct ratchet_config){suite, keys->transcript, keys->peer.root, initiator->ratchet,
                                                          responder_public, true}) == PROTO_OK &&
           ratchet_new(&ratchets[1], &(struct ratchet_config){suite, keys->transcript, keys->peer.root, responder->dh,
                                                              initiator_public, false}) == PROTO_OK,
       "the ratchets of both sides");
    check_messages(handshake, ratchets);
    OK(pairs_made > 2, "the ratchets turned");
    ratchet_free(ratchets[0]);
    ratchet_free(ratchets[1]);
}

static void check_keys(struct json_object *handshake, const struct schedule_keys *keys, enum suite suite) {
    static const char *const names[] = {"enc_I", "mac_I", "enc_R", "mac_R"};
    const uint8_t *const got[] = {keys->connect.initiator_key, keys->connect.initiator_mac, keys->connect.responder_key,
                                  keys->connect.responder_mac};
    uint8_t wanted[CSC_SYMKEY_SIZE];

    for (size_t i = 0; i < 4; i++) {
        bool half = suite == SUITE_AES_128 && i % 2 == 0;

        hex_of(get(handshake, "keys"), names[i], wanted, sizeof(wanted));
        IS_MEM(got[i], wanted, half ? 16 : 32, "%s", names[i]);
    }
}

static void check_handshake(struct json_object *handshake) {
    const bool peer = span_equal(text_of(handshake, "kind"), SPAN("client-connect"));
    const enum message_place to_r = peer ? PLACE_TO_CLIENT : PLACE_LINE_TO_SERVER;
    const enum message_place to_i = peer ? PLACE_TO_CLIENT : PLACE_LINE_TO_CLIENT;
    const enum suite suite = suite_of(handshake);
    struct side initiator, responder;
    struct message m1, m2, m3, m4;
    struct schedule_keys keys;
    uint8_t shared[CSC_X25519_SIZE], wanted[CSC_SHA256_SIZE];

    tap_diag("%s with %s", text_of(handshake, "kind").data, suite_name(suite));
    read_side(&initiator, get(handshake, "initiator"));
    read_side(&responder, get(handshake, "responder"));
    check_phase(&m1, to_r, text_of(handshake, "phase1"), "phase 1");
    check_phase(&m2, to_i, text_of(handshake, "phase2"), "phase 2");
    check_phase(&m3, to_r, text_of(handshake, "phase3"), "phase 3");
    check_phase(&m4, PLACE_TO_CLIENT, text_of(handshake, "phase4"), "phase 4");
    check_secret(&initiator, &m2, peer, responder.secret);
    check_secret(&responder, &m3, peer, initiator.secret);
    IS_INT(csc_x25519(shared, initiator.dh, m2.dh), CSC_OK, "X25519");
    IS_INT(schedule_derive(&keys, peer,
                           &(struct schedule_input){
                               .m1 = text_of(handshake, "phase1"),
                               .m2 = text_of(handshake, "phase2"),
                               .suite = suite,
                               .c3 = {(char *)m3.secret, m3.secret_size},
                               .d3 = {(char *)m3.dh, peer ? sizeof(m3.dh) : 0},
                               .initiator_secret = initiator.secret,
                               .responder_secret = responder.secret,
                               .shared = shared,
                           }),
           PROTO_OK, "the key schedule");
    hex_of(handshake, "transcript_hash", wanted, sizeof(wanted));
    IS_MEM(keys.transcript, wanted, sizeof(wanted), "the transcript hash");
    IS_MEM(keys.confirm_initiator, m3.confirm, CSC_SHA256_SIZE, "phase 3's confirm");
    IS_MEM(keys.confirm_responder, m4.confirm, CSC_SHA256_SIZE, "phase 4's confirm");
    if (peer) {
        hex_of(handshake, "root", wanted, sizeof(wanted));
        IS_MEM(keys.peer.root, wanted, sizeof(wanted), "the root key");
        check_ratchet(handshake, &keys, suite, &initiator, &responder);
    } else {
        check_keys(handshake, &keys, suite);
        check_secure(handshake, &keys, suite);
    }
    message_free(&m1);
    message_free(&m2);
    message_free(&m3);
    message_free(&m4);
    csc_private_key_free(initiator.identity);
    csc_private_key_free(responder.identity);
}

int main(void) {
    const char *srcdir = getenv("top_srcdir");
    char path[4096];
    struct json_object *vectors, *handshakes;

    snprintf(path, sizeof(path), "%s/t/vectors/protocol-1.json", srcdir ? srcdir : ".");
    vectors = json_object_from_file(path);
    if (!OK(vectors != NULL, "%s is read", path))
        return tap_done();
    handshakes = get(vectors, "handshakes");
    for (size_t i = 0; i < json_object_array_length(handshakes); i++)
        check_handshake(json_object_array_get_idx(handshakes, i));
    json_object_put(vectors);
    return tap_done();
}
