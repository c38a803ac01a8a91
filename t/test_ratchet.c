/* proto/ratchet.c: late, lost, repeated and changed messages. */
#include <config.h>

#include "proto/error.h"
#include "proto/ratchet.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

static const uint8_t transcript[CSC_SHA256_SIZE] = "a transcript's hash, 32 bytes...";
static const uint8_t root[CSC_SHA256_SIZE] = "a root key of thirty-two bytes..";

struct pair {
    struct ratchet *adam, *eve; /* initiator and responder */
};

static void pair_make(struct pair *pair, enum suite suite) {
    uint8_t secrets[2][CSC_X25519_SIZE], publics[2][CSC_X25519_SIZE];
    struct ratchet_config config = {.suite = suite, .transcript = transcript, .root = root};

    require(csc_x25519_generate(secrets[0], publics[0]) == CSC_OK &&
                csc_x25519_generate(secrets[1], publics[1]) == CSC_OK,
            "two pairs");
    config.secret = secrets[0];
    config.peer = publics[1];
    config.initiator = true;
    require(ratchet_new(&pair->adam, &config) == PROTO_OK, "the initiator's ratchet");
    config.secret = secrets[1];
    config.peer = publics[0];
    config.initiator = false;
    require(ratchet_new(&pair->eve, &config) == PROTO_OK, "the responder's ratchet");
}

static void pair_free(struct pair *pair) {
    ratchet_free(pair->adam);
    ratchet_free(pair->eve);
}

/* A sealed message, parsed. */
static void seal(struct ratchet *ratchet, struct span text, struct message *message) {
    struct buffer out = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    require(ratchet_seal(ratchet, SPAN("Adam"), SPAN("Eve"), SPAN("id"), text, &out) == PROTO_OK, "a text is sealed");
    require(message_parse(message, PLACE_TO_CLIENT, (char *)buffer_data(&out), out.size) == PROTO_OK, "and parsed");
    buffer_free(&out);
}

/* Seals COUNT texts that are lost. */
static void lose(struct ratchet *ratchet, unsigned count) {
    while (count-- > 0) {
        struct message message;

        seal(ratchet, SPAN("lost"), &message);
        message_free(&message);
    }
}

/* Opens MESSAGE; it is an error too if the text is not TEXT, or an error leaves something in the buffer. */
static int open_text(struct ratchet *ratchet, const struct message *message, struct span text) {
    struct buffer out = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error;

    require(buffer_append(&out, "before", 6) == PROTO_OK, "a text before");
    error = ratchet_open(ratchet, message, &out);
    if (error != PROTO_OK && out.size != 6)
        error = 1;
    if (error == PROTO_OK && !span_equal((struct span){(char *)buffer_data(&out) + 6, out.size - 6}, text))
        error = 2;
    buffer_free(&out);
    return error;
}

/* Sends TEXT at once. */
static int pass(struct ratchet *from, struct ratchet *to, struct span text) {
    struct message message;
    int error;

    seal(from, text, &message);
    error = open_text(to, &message, text);
    message_free(&message);
    return error;
}

static void test_talk(enum suite suite) {
    static const char longest[MESSAGE_INNER_MAX] = "{";
    struct pair pair;
    struct message both[2];
    unsigned wrong = 0;

    pair_make(&pair, suite);
    IS_MEM(ratchet_session(pair.adam), transcript, MESSAGE_SESSION_SIZE, "%s: a session is named by its transcript",
           suite_short_name(suite));
    seal(pair.adam, SPAN("from Adam"), &both[0]);
    seal(pair.eve, SPAN("from Eve"), &both[1]);
    IS_INT(open_text(pair.eve, &both[0], SPAN("from Adam")), PROTO_OK, "both may speak first");
    IS_INT(open_text(pair.adam, &both[1], SPAN("from Eve")), PROTO_OK, "at once");
    message_free(&both[0]);
    message_free(&both[1]);
    for (int i = 0; i < 20; i++) {
        wrong += pass(pair.adam, pair.eve, SPAN("there")) != PROTO_OK;
        wrong += pass(pair.eve, pair.adam, SPAN("and back")) != PROTO_OK;
        wrong += pass(pair.eve, pair.adam, SPAN("")) != PROTO_OK;
    }
    IS_INT(wrong, 0, "and then talk");
    IS_INT(pass(pair.adam, pair.eve, (struct span){longest, sizeof(longest)}), PROTO_OK, "the longest text passes");
    pair_free(&pair);
}

/* Adam's ratchet key changes with every turn, and nothing else in what travels tells the chains apart. */
static void test_turns(void) {
    struct pair pair;
    struct message one, two, three;

    pair_make(&pair, SUITE_AES_256);
    seal(pair.adam, SPAN("1"), &one);
    seal(pair.adam, SPAN("2"), &two);
    IS_MEM(one.dh, two.dh, CSC_X25519_SIZE, "one chain has one key");
    OK(one.n == 0 && two.n == 1 && one.pn == 0, "and counts its messages");
    IS_INT(open_text(pair.eve, &two, SPAN("2")), PROTO_OK, "an answer");
    IS_INT(pass(pair.eve, pair.adam, SPAN("3")), PROTO_OK, "makes a turn");
    seal(pair.adam, SPAN("4"), &three);
    OK(memcmp(three.dh, one.dh, CSC_X25519_SIZE) != 0, "the next chain has another key");
    OK(three.n == 0 && three.pn == 2, "counts anew, and tells how long the last was");
    IS_INT(open_text(pair.eve, &three, SPAN("4")), PROTO_OK, "it is read");
    IS_INT(open_text(pair.eve, &one, SPAN("1")), PROTO_OK, "and after it what came late from the chain before");
    message_free(&one);
    message_free(&two);
    message_free(&three);
    pair_free(&pair);
}

/* ---- late and lost ------------------------------------------------------------------------------------ */

static void test_skipped(void) {
    struct pair pair;
    struct message first, last, over;

    pair_make(&pair, SUITE_AES_256);
    seal(pair.adam, SPAN("first"), &first);
    lose(pair.adam, RATCHET_SKIPPED_MAX - 1);
    seal(pair.adam, SPAN("last"), &last);
    seal(pair.adam, SPAN("over"), &over);
    IS_INT(open_text(pair.eve, &over, SPAN("over")), PROTO_E_INTEGRITY, "1,001 messages cannot be skipped");
    IS_INT(open_text(pair.eve, &last, SPAN("last")), PROTO_OK, "1,000 can, also after that");
    IS_INT(open_text(pair.eve, &first, SPAN("first")), PROTO_OK, "and are kept");
    IS_INT(open_text(pair.eve, &first, SPAN("first")), PROTO_E_REPLAY, "once");
    IS_INT(open_text(pair.eve, &over, SPAN("over")), PROTO_OK, "the next in order follows");
    IS_INT(open_text(pair.eve, &last, SPAN("last")), PROTO_E_REPLAY, "none is taken twice");
    message_free(&first);
    message_free(&last);
    message_free(&over);
    pair_free(&pair);
}

/* Of more than 1,000 that were skipped by and by the oldest are forgotten. */
static void test_forgotten(void) {
    struct pair pair;
    struct message early[4], late;

    pair_make(&pair, SUITE_AES_256);
    for (int i = 0; i < 4; i++)
        seal(pair.adam, SPAN("early"), &early[i]);
    lose(pair.adam, RATCHET_SKIPPED_MAX - 4);
    IS_INT(pass(pair.adam, pair.eve, SPAN("x")), PROTO_OK, "1,000 are skipped");
    lose(pair.adam, 2);
    IS_INT(pass(pair.adam, pair.eve, SPAN("x")), PROTO_OK, "and 2 more");
    IS_INT(open_text(pair.eve, &early[0], SPAN("early")), PROTO_E_REPLAY, "the oldest is forgotten");
    IS_INT(open_text(pair.eve, &early[1], SPAN("early")), PROTO_E_REPLAY, "and the next");
    IS_INT(open_text(pair.eve, &early[2], SPAN("early")), PROTO_OK, "no more than had to be");
    seal(pair.adam, SPAN("late"), &late);
    IS_INT(pass(pair.adam, pair.eve, SPAN("x")), PROTO_OK, "a place is free again");
    IS_INT(open_text(pair.eve, &early[3], SPAN("early")), PROTO_OK, "and nothing is forgotten for it");
    IS_INT(open_text(pair.eve, &late, SPAN("late")), PROTO_OK, "whatever the order");
    for (int i = 0; i < 4; i++)
        message_free(&early[i]);
    message_free(&late);
    pair_free(&pair);
}

/* Messages missing at the end of one chain and at the start of the next count together. */
static void test_skipped_in_two_chains(unsigned first, unsigned second, int want) {
    struct pair pair;
    struct message old, message;

    pair_make(&pair, SUITE_AES_128);
    IS_INT(pass(pair.adam, pair.eve, SPAN("x")), PROTO_OK, "a first chain");
    seal(pair.adam, SPAN("old"), &old);
    lose(pair.adam, first - 1);
    IS_INT(pass(pair.eve, pair.adam, SPAN("x")), PROTO_OK, "a turn");
    lose(pair.adam, second);
    seal(pair.adam, SPAN("text"), &message);
    IS_INT(open_text(pair.eve, &message, SPAN("text")), want, "%u and %u messages missing", first, second);
    IS_INT(open_text(pair.eve, &old, SPAN("old")), PROTO_OK, "the old chain goes on either way");
    message_free(&old);
    message_free(&message);
    pair_free(&pair);
}

/* A message that came before is refused, whichever chain it is from, and does no harm. */
static void test_replay(void) {
    struct pair pair;
    struct message old, next;

    pair_make(&pair, SUITE_AES_256);
    seal(pair.adam, SPAN("old"), &old);
    IS_INT(open_text(pair.eve, &old, SPAN("old")), PROTO_OK, "a message");
    IS_INT(open_text(pair.eve, &old, SPAN("old")), PROTO_E_REPLAY, "and again");
    for (int turn = 1; turn <= 3; turn++) {
        IS_INT(pass(pair.eve, pair.adam, SPAN("x")), PROTO_OK, "an answer");
        IS_INT(pass(pair.adam, pair.eve, SPAN("y")), PROTO_OK, "and one to it");
        IS_INT(open_text(pair.eve, &old, SPAN("old")), PROTO_E_REPLAY, "and again after %d turns", turn);
    }
    seal(pair.adam, SPAN("next"), &next);
    IS_INT(open_text(pair.eve, &next, SPAN("next")), PROTO_OK, "what follows is read all the same");
    message_free(&old);
    message_free(&next);
    pair_free(&pair);
}

/* ---- what was changed ----------------------------------------------------------------------------------- */

/* Flips every bit of FIELD of MESSAGE, of SIZE bytes; counts how often it opens, and how often with another error. */
static void flip(struct ratchet *ratchet, const struct message *message, void *field, size_t size, unsigned *opened,
                 unsigned *others) {
    uint8_t *bytes = field;

    for (size_t bit = 0; bit < 8 * size; bit++) {
        int error;

        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        error = open_text(ratchet, message, SPAN("text"));
        *opened += error >= 0;
        *others += error != PROTO_E_INTEGRITY && error != PROTO_E_SESSION && error != PROTO_E_REPLAY;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void test_flips_of(struct ratchet *ratchet, struct message *message, const char *which) {
    unsigned opened = 0, others = 0;

    flip(ratchet, message, message->session, sizeof(message->session), &opened, &others);
    flip(ratchet, message, message->dh, sizeof(message->dh), &opened, &others);
    flip(ratchet, message, &message->pn, sizeof(message->pn), &opened, &others);
    flip(ratchet, message, &message->n, sizeof(message->n), &opened, &others);
    flip(ratchet, message, message->hmac, sizeof(message->hmac), &opened, &others);
    flip(ratchet, message, buffer_data(&message->decoded), message->decoded.size, &opened, &others);
    IS_INT(opened, 0, "%s with one bit changed does not open", which);
    IS_INT(others, 0, "and is told from this side's trouble");
    IS_INT(open_text(ratchet, message, SPAN("text")), PROTO_OK, "as it was it opens");
}

static void test_flips(void) {
    struct pair pair;
    struct message late, next, turned;

    pair_make(&pair, SUITE_AES_256);
    seal(pair.adam, SPAN("text"), &late);
    IS_INT(pass(pair.adam, pair.eve, SPAN("x")), PROTO_OK, "one message overtakes another");
    seal(pair.adam, SPAN("text"), &next);
    test_flips_of(pair.eve, &next, "the next message");
    test_flips_of(pair.eve, &late, "a late one");
    IS_INT(pass(pair.eve, pair.adam, SPAN("x")), PROTO_OK, "an answer");
    lose(pair.adam, 1);
    seal(pair.adam, SPAN("text"), &turned);
    test_flips_of(pair.eve, &turned, "the first of a new chain");
    IS_INT(pass(pair.eve, pair.adam, SPAN("x")), PROTO_OK, "and both sides still talk");
    IS_INT(pass(pair.adam, pair.eve, SPAN("x")), PROTO_OK, "both ways");
    message_free(&late);
    message_free(&next);
    message_free(&turned);
    pair_free(&pair);
}

static void test_numbers(void) {
    static const uint32_t numbers[] = {1, 2, 999, 1000, 1001, UINT32_MAX - 1, UINT32_MAX};
    struct pair pair;
    struct message message;
    unsigned opened = 0;

    pair_make(&pair, SUITE_AES_256);
    seal(pair.adam, SPAN("text"), &message);
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t j = 0; j < COUNT(numbers); j++) {
            message.n = numbers[i];
            message.pn = numbers[j];
            opened += open_text(pair.eve, &message, SPAN("text")) != PROTO_E_INTEGRITY;
            message.dh[0] ^= 1;
            opened += open_text(pair.eve, &message, SPAN("text")) != PROTO_E_INTEGRITY;
            message.dh[0] ^= 1;
        }
    IS_INT(opened, 0, "no numbers but its own open a message, however large");
    message.n = message.pn = 0;
    IS_INT(open_text(pair.eve, &message, SPAN("text")), PROTO_OK, "with its own it opens");
    message_free(&message);
    pair_free(&pair);
}

static void test_low_order(void) {
    /* The points of RFC 7748's curve whose products are all zero: 0, 1, p, p + 1, and the two of order 8. */
    static const uint8_t points[][CSC_X25519_SIZE] = {
        {0},
        {1},
        {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
        {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
         0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
         0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
    };
    struct ratchet_config config = {.suite = SUITE_AES_256, .transcript = transcript, .root = root, .secret = root};
    struct ratchet *ratchet = NULL;
    struct pair pair;
    struct message message;
    uint8_t dh[CSC_X25519_SIZE];

    pair_make(&pair, SUITE_AES_256);
    seal(pair.adam, SPAN("text"), &message);
    memcpy(dh, message.dh, sizeof(dh));
    for (size_t i = 0; i < COUNT(points); i++) {
        memcpy(message.dh, points[i], sizeof(dh));
        IS_INT(open_text(pair.eve, &message, SPAN("text")), PROTO_E_INTEGRITY, "point %zu of low order in a message",
               i);
        config.peer = points[i];
        config.initiator = i % 2 == 0;
        IS_INT(ratchet_new(&ratchet, &config), PROTO_E_HANDSHAKE, "and as the peer's first key");
    }
    OK(ratchet == NULL, "no ratchet comes of it");
    memcpy(message.dh, dh, sizeof(dh));
    IS_INT(open_text(pair.eve, &message, SPAN("text")), PROTO_OK, "the message with its own key opens");
    message_free(&message);
    pair_free(&pair);
}

/* Messages of another session, of the other direction, and for a peer with another root. */
static void test_others(void) {
    static const uint8_t other_transcript[CSC_SHA256_SIZE] = "a transcript's hash, but another";
    struct ratchet_config config = {.suite = SUITE_AES_256, .transcript = other_transcript, .root = root};
    uint8_t secret[CSC_X25519_SIZE], public_key[CSC_X25519_SIZE];
    struct ratchet *same_prefix = NULL;
    struct pair pair;
    struct message message;

    pair_make(&pair, SUITE_AES_256);
    seal(pair.adam, SPAN("text"), &message);
    OK(open_text(pair.adam, &message, SPAN("text")) == PROTO_E_INTEGRITY, "a message sent back does not open");
    require(csc_x25519_generate(secret, public_key) == CSC_OK, "a pair");
    config.secret = secret;
    config.peer = message.dh;
    require(ratchet_new(&same_prefix, &config) == PROTO_OK, "a ratchet whose session has the same name");
    IS_INT(open_text(same_prefix, &message, SPAN("text")), PROTO_E_INTEGRITY, "nor in another session of that name");
    message.session[0] ^= 1;
    IS_INT(open_text(pair.eve, &message, SPAN("text")), PROTO_E_SESSION, "one for another session is told so");
    message.session[0] ^= 1;
    IS_INT(open_text(pair.eve, &message, SPAN("text")), PROTO_OK, "the right one opens it");
    ratchet_free(same_prefix);
    ratchet_free(NULL);
    message_free(&message);
    pair_free(&pair);
}

/* ---- lack of room ---------------------------------------------------------------------------------------- */

static void test_full(void) {
    struct buffer out = BUFFER_INIT(100);
    struct pair pair;
    struct message message;

    pair_make(&pair, SUITE_AES_256);
    IS_INT(ratchet_seal(pair.adam, SPAN("Adam"), SPAN("Eve"), SPAN("id"), SPAN("text"), &out), PROTO_E_FULL,
           "no room for a message");
    IS_INT(out.size, 0, "nothing is written");
    seal(pair.adam, SPAN("text"), &message);
    IS_INT(message.n, 0, "nor counted");
    out.limit = 8;
    IS_INT(ratchet_open(pair.eve, &message, &out), PROTO_E_FULL, "no room for the text");
    IS_INT(open_text(pair.eve, &message, SPAN("text")), PROTO_OK, "it opens where there is");
    message_free(&message);
    buffer_free(&out);
    pair_free(&pair);
}

/* ---- everything at once ------------------------------------------------------------------------------------ */

#define IN_FLIGHT_MAX 24

/* What is on its way to one side, and some of what has arrived. */
struct flight {
    struct message messages[IN_FLIGHT_MAX];
    char texts[IN_FLIGHT_MAX][24];
    size_t count;
    struct message arrived; /* zeroed: none */
};

/* Takes message INDEX out of FLIGHT; it replaces what had arrived before. */
static void land(struct flight *flight, size_t index) {
    message_free(&flight->arrived);
    flight->arrived = flight->messages[index];
    flight->count--;
    flight->messages[index] = flight->messages[flight->count];
    memcpy(flight->texts[index], flight->texts[flight->count], sizeof(flight->texts[0]));
}

static void test_random(uint64_t seed) {
    const unsigned steps = (unsigned)(3000 / test_scale());
    struct flight flights[2] = {{.count = 0}, {.count = 0}};
    struct prng prng = {seed};
    unsigned wrong = 0, taken = 0, replayed = 0, number = 0;
    struct pair pair;

    pair_make(&pair, seed % 2 ? SUITE_AES_256 : SUITE_AES_128);
    for (unsigned step = 0; step < steps; step++) {
        const size_t side = prng_below(&prng, 2);
        struct flight *flight = &flights[side];
        struct ratchet *from = side ? pair.eve : pair.adam, *to = side ? pair.adam : pair.eve;
        size_t index;

        switch (prng_below(&prng, 6)) {
        case 0:
        case 1:
        case 2:
            if (flight->count == IN_FLIGHT_MAX)
                break;
            snprintf(flight->texts[flight->count], sizeof(flight->texts[0]), "text %u", number++);
            seal(from, span_of(flight->texts[flight->count]), &flight->messages[flight->count]);
            flight->count++;
            break;
        case 3:
        case 4:
            if (flight->count == 0)
                break;
            index = prng_below(&prng, flight->count);
            /* One bit changed first, then as it is. */
            flight->messages[index].hmac[step % CSC_SHA256_SIZE] ^= 1;
            wrong += open_text(to, &flight->messages[index], SPAN("")) != PROTO_E_INTEGRITY;
            flight->messages[index].hmac[step % CSC_SHA256_SIZE] ^= 1;
            wrong += open_text(to, &flight->messages[index], span_of(flight->texts[index])) != PROTO_OK;
            land(flight, index);
            taken++;
            break;
        default:
            if (flight->arrived.root == NULL)
                break;
            wrong += open_text(to, &flight->arrived, SPAN("")) >= 0;
            replayed++;
        }
    }
    IS_INT(wrong, 0, "%u messages in any order, %u of them again, some changed", taken, replayed);
    for (int side = 0; side < 2; side++) {
        while (flights[side].count > 0)
            land(&flights[side], 0);
        message_free(&flights[side].arrived);
    }
    pair_free(&pair);
}

int main(void) {
    test_talk(SUITE_AES_256);
    test_talk(SUITE_AES_128);
    test_turns();
    test_skipped();
    test_forgotten();
    test_skipped_in_two_chains(600, 400, PROTO_OK);
    test_skipped_in_two_chains(600, 401, PROTO_E_INTEGRITY);
    test_skipped_in_two_chains(1, RATCHET_SKIPPED_MAX, PROTO_E_INTEGRITY);
    test_replay();
    test_flips();
    test_numbers();
    test_low_order();
    test_others();
    test_full();
    for (uint64_t seed = 1; seed <= 4; seed++)
        test_random(seed);
    return tap_done();
}
