/*
 * What protects messages, under keys that are known: the first byte says whether the rest is a line for a channel, a
 * payload to seal and open, a client-com for a ratchet, or the text inside one.
 */
#include <config.h>

#include "proto/channel.h"
#include "proto/error.h"
#include "proto/ratchet.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "secure";

static const uint8_t key[CSC_SYMKEY_SIZE] = "a key of thirty-two bytes......",
                     secrets[2][CSC_X25519_SIZE] = {{8}, {16}};

static int open_line(const char *line, size_t size, struct span want, bool *same) {
    struct channel_receiver *receiver = NULL;
    char *copy = copy_exact(line, size), *payload = NULL;
    size_t payload_size = 0;
    int error;

    require(channel_receiver_new(&receiver, SUITE_AES_256, key, key) == PROTO_OK, "a receiver");
    error = channel_open(receiver, copy, size, &payload, &payload_size);
    *same = error == PROTO_OK && span_equal((struct span){payload, payload_size}, want);
    if (error == PROTO_OK)
        FUZZ_MUST(payload >= copy && payload + payload_size <= copy + size);
    channel_receiver_free(receiver);
    free(copy);
    return error;
}

static void seal_and_open(struct span payload) {
    struct channel_sender *sender = NULL;
    struct buffer line = BUFFER_INIT(1 << 18);
    bool same;
    int error;

    require(channel_sender_new(&sender, SUITE_AES_256, key, key) == PROTO_OK, "a sender");
    error = channel_seal(sender, payload, &line);
    FUZZ_MUST(error == (payload.size > MESSAGE_PAYLOAD_MAX ? PROTO_E_TOO_LARGE : PROTO_OK));
    if (error == PROTO_OK) {
        FUZZ_MUST(line.size == channel_line_size(payload.size));
        FUZZ_MUST(open_line((char *)buffer_data(&line), line.size - 1, payload, &same) == PROTO_OK && same);
    }
    buffer_free(&line);
    channel_sender_free(sender);
}

static struct ratchet *make_ratchet(bool initiator) {
    struct ratchet *ratchet = NULL;
    uint8_t peer[CSC_X25519_SIZE];
    const struct ratchet_config config = {.suite = SUITE_AES_128,
                                          .transcript = key,
                                          .root = key,
                                          .secret = secrets[initiator],
                                          .peer = peer,
                                          .initiator = initiator};

    csc_x25519_public(peer, secrets[!initiator]);
    require(ratchet_new(&ratchet, &config) == PROTO_OK, "a ratchet");
    return ratchet;
}

/* Opens COM, a payload, with RATCHET; the error of parsing it, or of opening. */
static int open_com(struct ratchet *ratchet, struct span com, struct buffer *text) {
    struct message message;
    int error = message_parse(&message, PLACE_TO_CLIENT, com.data, com.size);

    if (error == PROTO_OK && message.type != MESSAGE_COM)
        error = PROTO_E_STATE;
    else if (error == PROTO_OK)
        error = ratchet_open(ratchet, &message, text);
    message_free(&message);
    return error;
}

/* Whatever is wrong with a client-com, the ratchet goes on afterwards. */
static void try_ratchet(struct span made, struct span inner) {
    struct ratchet *adam = make_ratchet(true), *eve = make_ratchet(false);
    struct buffer com = BUFFER_INIT(MESSAGE_PAYLOAD_MAX), text = BUFFER_INIT(1 << 17);
    int error = open_com(eve, made, &text);

    FUZZ_MUST(error != PROTO_E_MEMORY && error != PROTO_E_CRYPTO && error != PROTO_E_FULL);
    FUZZ_MUST(error == PROTO_OK || text.size == 0);
    /* One that opens is Adam's first message, made with the same keys: his next is then the second. */
    if (error == PROTO_OK)
        require(ratchet_seal(adam, SPAN("Adam"), SPAN("Eve"), SPAN("id"), SPAN("first"), &com) == PROTO_OK,
                "the first");
    buffer_truncate(&com, 0);
    buffer_truncate(&text, 0);
    error = ratchet_seal(adam, SPAN("Adam"), SPAN("Eve"), SPAN("id"), inner, &com);
    FUZZ_MUST(error == PROTO_OK || error == PROTO_E_FULL);
    if (error == PROTO_OK)
        FUZZ_MUST(open_com(eve, buffer_span(&com), &text) == PROTO_OK && span_equal(buffer_span(&text), inner));
    buffer_free(&com);
    buffer_free(&text);
    ratchet_free(adam);
    ratchet_free(eve);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    const uint8_t what = fuzz_byte(&input);
    const struct span rest = {(const char *)input.data, input.size};
    bool same;
    int error;

    fuzz_reset_random();
    switch (what % 4) {
    case 0:
        error = open_line(rest.data, rest.size, rest, &same);
        FUZZ_MUST(error == PROTO_OK || error == PROTO_E_INTEGRITY || error == PROTO_E_JSON || error == PROTO_E_MEMBER ||
                  error == PROTO_E_STATE);
        break;
    case 1:
        seal_and_open(rest);
        break;
    case 2:
        try_ratchet(rest, SPAN("text"));
        break;
    default:
        try_ratchet(SPAN(""), rest);
    }
    return 0;
}
