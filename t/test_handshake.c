/*
 * proto/handshake.c against a peer made by hand, which may send what a handshake never would: each value that only the
 * MACs, the schedule or the ratchet can find fault with.  Handshakes of two honest sides are in t/test_link.c and
 * t/test_conversation*.c.
 */
#include <config.h>

#include "proto/error.h"
#include "proto/handshake.h"
#include "proto/schedule.h"
#include "t/proto_fixture.h"
#include "t/pump.h"
#include "t/tap.h"

#include <stdlib.h>

static struct identity eve, mallory;
static const struct suite_list all = SUITE_LIST_ALL, strong = {{SUITE_AES_256}, 1};

/* What the peer made by hand does otherwise; a zeroed one does all right. */
struct malice {
    const char *name;
    bool weak_dh;          /* of the offer */
    bool weak_ratchet;     /* client-connect, phase 3 */
    bool wrong_label;      /* of its secret */
    bool secret_of_zeros;  /* a ciphertext that is none */
    size_t secret_size;    /* of the ciphertext; 0: as it should be */
    size_t message_size;   /* of what is encrypted; 0: SCHEDULE_SECRET_SIZE */
    bool wrong_confirm;    /* its own */
    bool other_suite;      /* phase 3 names one that is not the first; phase 2 names one that was not offered */
    const char *key;       /* PEM; NULL: its own */
    int read, accept, end; /* what is wanted: of reading its offer, of accepting it, and at the end */
};

/* One side made by hand. */
struct hand {
    const struct malice *malice;
    bool peer; /* client-connect */
    const struct identity *identity;
    uint8_t dh_secret[CSC_X25519_SIZE], dh[CSC_X25519_SIZE];
    uint8_t secret[SCHEDULE_SECRET_SIZE + 1];
    uint8_t ciphertext[CSC_RSA_MAX_SIZE];
    size_t ciphertext_size;
    uint8_t ratchet[CSC_X25519_SIZE];
    uint8_t nonce[MESSAGE_NONCE_SIZE];
    struct buffer m1, m2, m3, m4;
    struct schedule_keys keys;
};

static void hand_make(struct hand *hand, const struct malice *malice, bool peer) {
    uint8_t ratchet_secret[CSC_X25519_SIZE];

    memset(hand, 0, sizeof(*hand));
    hand->malice = malice;
    hand->peer = peer;
    hand->identity = &mallory;
    hand->m1 = hand->m2 = hand->m3 = hand->m4 = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    require(csc_x25519_generate(hand->dh_secret, hand->dh) == CSC_OK &&
                csc_x25519_generate(ratchet_secret, hand->ratchet) == CSC_OK &&
                csc_random_secret(hand->secret, sizeof(hand->secret)) == CSC_OK,
            "keys made by hand");
    if (malice->weak_dh)
        memset(hand->dh, 0, sizeof(hand->dh));
    if (malice->weak_ratchet)
        memset(hand->ratchet, 0, sizeof(hand->ratchet));
}

static void hand_free(struct hand *hand) {
    buffer_free(&hand->m1);
    buffer_free(&hand->m2);
    buffer_free(&hand->m3);
    buffer_free(&hand->m4);
}

static struct handshake_header header(const struct hand *hand) {
    return (struct handshake_header){
        .peer = hand->peer, .name = SPAN("Mallory"), .src = SPAN("Mallory"), .dst = SPAN("Eve")};
}

static struct handshake_offer offer(const struct hand *hand, struct suite_list ciphers) {
    return (struct handshake_offer){.id = hand->nonce,
                                    .ciphers = ciphers,
                                    .pem = hand->malice->key ? hand->malice->key : hand->identity->pem,
                                    .dh = hand->dh};
}

static struct span label(const struct hand *hand) {
    return hand->peer != hand->malice->wrong_label ? SPAN("chatsecure/1 client-connect") : SPAN("chatsecure/1 connect");
}

/* Encrypts the secret for the owner of PEM. */
static void encrypt(struct hand *hand, struct span pem) {
    const struct malice *malice = hand->malice;
    csc_public_key *key = NULL;

    require(csc_public_key_from_pem(&key, pem.data, pem.size) == CSC_OK, "the key of the other side");
    require(csc_oaep_encrypt(key, label(hand).data, label(hand).size, hand->secret,
                             malice->message_size ? malice->message_size : SCHEDULE_SECRET_SIZE,
                             hand->ciphertext) == CSC_OK,
            "a ciphertext");
    hand->ciphertext_size = malice->secret_size ? malice->secret_size : csc_public_key_size(key);
    if (malice->secret_of_zeros)
        memset(hand->ciphertext, 0, sizeof(hand->ciphertext));
    csc_public_key_free(key);
}

/* Derives the keys as one who sent what it sent: from the other side's OFFERED dh and THEIRS, its secret. */
static void derive(struct hand *hand, bool initiator, const struct message *offered, struct span c3, struct span theirs,
                   enum suite suite) {
    uint8_t received[SCHEDULE_SECRET_SIZE] = {0}, shared[CSC_X25519_SIZE] = {0};
    const struct span own_label = hand->peer ? SPAN("chatsecure/1 client-connect") : SPAN("chatsecure/1 connect");
    struct schedule_input input = {
        .m1 = buffer_span(&hand->m1),
        .m2 = buffer_span(&hand->m2),
        .suite = suite,
        .c3 = c3,
        .d3 = {(char *)hand->ratchet, hand->peer ? sizeof(hand->ratchet) : 0},
        .initiator_secret = initiator ? hand->secret : received,
        .responder_secret = initiator ? received : hand->secret,
        .shared = shared,
    };

    require(csc_oaep_decrypt_secret(hand->identity->key, own_label.data, own_label.size, (uint8_t *)theirs.data,
                                    theirs.size, received, sizeof(received)) == CSC_OK,
            "the other side's secret");
    if (!hand->malice->weak_dh)
        require(csc_x25519(shared, hand->dh_secret, offered->dh) == CSC_OK, "a shared secret");
    require(schedule_derive(&hand->keys, hand->peer, &input) == PROTO_OK, "the keys");
}

static int parse(struct message *message, bool peer, bool to_server, const struct buffer *text) {
    enum message_place place = peer ? PLACE_TO_CLIENT : to_server ? PLACE_LINE_TO_SERVER : PLACE_LINE_TO_CLIENT;

    /* Phase 4 of connect travels as a secure message. */
    if (memmem(buffer_data(text), text->size, "\"phase\":4", 9) != NULL)
        place = PLACE_TO_CLIENT;
    return message_parse(message, place, (char *)buffer_data(text), text->size);
}

/* Gives TEXT to HANDSHAKE; what parsing or reading says. */
static int give(struct handshake *handshake, bool peer, bool to_server, const struct buffer *text) {
    struct message message;
    int error = parse(&message, peer, to_server, text);

    if (error == PROTO_OK)
        error = handshake_read(handshake, &message, buffer_span(text));
    message_free(&message);
    return error;
}

static struct handshake *make_handshake(enum handshake_role role, bool peer, const struct suite_list *suites) {
    struct handshake *handshake = NULL;
    const struct handshake_config config = {.role = role,
                                            .use = peer ? HANDSHAKE_PEER : HANDSHAKE_CONNECT,
                                            .identity = eve.key,
                                            .identity_pem = eve.pem,
                                            .self = "Eve",
                                            .peer = peer ? "Mallory" : NULL,
                                            .suites = suites};

    require(handshake_new(&handshake, &config) == PROTO_OK, "a handshake");
    return handshake;
}

/* ---- an initiator made by hand ------------------------------------------------------------------------- */

static const struct malice initiators[] = {
    {.name = "an honest initiator"},
    {.name = "a dh of low order", .weak_dh = true, .end = PROTO_E_HANDSHAKE},
    {.name = "a ratchet key of low order", .weak_ratchet = true, .end = PROTO_E_HANDSHAKE},
    {.name = "a secret under another label", .wrong_label = true, .end = PROTO_E_HANDSHAKE},
    {.name = "a ciphertext of zeros", .secret_of_zeros = true, .end = PROTO_E_HANDSHAKE},
    {.name = "a ciphertext too short", .secret_size = 255, .end = PROTO_E_HANDSHAKE},
    {.name = "a ciphertext of one byte", .secret_size = 1, .end = PROTO_E_HANDSHAKE},
    {.name = "a ciphertext too long", .secret_size = 257, .end = PROTO_E_HANDSHAKE},
    {.name = "the longest ciphertext", .secret_size = CSC_RSA_MAX_SIZE, .end = PROTO_E_HANDSHAKE},
    {.name = "a secret of 47 bytes", .message_size = SCHEDULE_SECRET_SIZE - 1, .end = PROTO_E_HANDSHAKE},
    {.name = "a secret of 49 bytes", .message_size = SCHEDULE_SECRET_SIZE + 1, .end = PROTO_E_HANDSHAKE},
    {.name = "a wrong confirm", .wrong_confirm = true, .end = PROTO_E_HANDSHAKE},
    {.name = "a suite that is not the first", .other_suite = true, .end = PROTO_E_SUITE},
    {.name = "a key that is none", .key = "-----BEGIN PUBLIC KEY-----\n", .read = PROTO_E_KEY},
    {.name = "an empty key", .key = "", .read = PROTO_E_KEY},
};

static void write_phase1(struct hand *hand) {
    const struct handshake_header head = header(hand);
    const struct handshake_offer made = offer(hand, all);

    require(message_write_phase1(&hand->m1, &head, &made) == PROTO_OK, "phase 1");
}

/* Answers the phase 2 in hand->m2. */
static void write_phase3(struct hand *hand) {
    const struct handshake_header head = header(hand);
    const enum suite suite = hand->malice->other_suite ? SUITE_AES_128 : SUITE_AES_256;
    struct handshake_proof proof;
    struct message message;

    require(parse(&message, hand->peer, false, &hand->m2) == PROTO_OK, "phase 2 is read");
    encrypt(hand, message.key);
    proof = (struct handshake_proof){hand->ciphertext, hand->ciphertext_size, hand->keys.confirm_initiator,
                                     hand->peer ? hand->ratchet : NULL};
    derive(hand, true, &message, (struct span){(char *)hand->ciphertext, hand->ciphertext_size},
           (struct span){(char *)message.secret, message.secret_size}, suite);
    hand->keys.confirm_initiator[31] ^= hand->malice->wrong_confirm;
    require(message_write_phase3(&hand->m3, &head, suite, &proof) == PROTO_OK, "phase 3");
    message_free(&message);
}

/* Runs a responder against HAND to its end, or its first error, which is PHASE's. */
static int run_responder(struct handshake *responder, struct hand *hand, int *phase) {
    int error;

    *phase = 1;
    write_phase1(hand);
    if ((error = give(responder, hand->peer, true, &hand->m1)) != PROTO_OK)
        return error;
    *phase = 2;
    if ((error = handshake_accept(responder, &hand->m2)) != PROTO_OK)
        return error;
    *phase = 3;
    write_phase3(hand);
    if ((error = give(responder, hand->peer, true, &hand->m3)) != PROTO_OK ||
        (error = handshake_verify(responder)) != PROTO_OK)
        return error;
    *phase = 4;
    return handshake_finish(responder, 5, &hand->m4);
}

static int wanted(const struct malice *malice, int *phase) {
    *phase = malice->read != PROTO_OK ? 1 : malice->accept != PROTO_OK ? 2 : malice->end != PROTO_OK ? 3 : 4;
    return malice->read != PROTO_OK ? malice->read : malice->accept != PROTO_OK ? malice->accept : malice->end;
}

static void test_responder(const struct malice *malice, bool peer) {
    struct handshake *responder = make_handshake(HANDSHAKE_RESPONDER, peer, &all);
    struct channel_sender *sender = NULL;
    struct channel_receiver *receiver = NULL;
    struct ratchet *ratchet = NULL;
    int phase, want, want_phase;
    struct hand hand;

    hand_make(&hand, malice, peer);
    want = wanted(malice, &want_phase);
    IS_INT(run_responder(responder, &hand, &phase), want, "%s, %s", malice->name, peer ? "client-connect" : "connect");
    IS_INT(phase, want_phase, "is found in phase %d", want_phase);
    IS_INT(handshake_is_complete(responder), want == PROTO_OK, "and only a good handshake is complete");
    if (want == PROTO_OK) {
        IS_STR(handshake_peer_fingerprint(responder), mallory.fingerprint, "with the key of the initiator");
        IS_INT(handshake_channels(responder, &sender, &receiver), PROTO_E_STATE, "it has no channels at its end");
        IS_INT(handshake_ratchet(responder, &ratchet), peer ? PROTO_OK : PROTO_E_STATE, "a ratchet for client-connect");
        IS_INT(handshake_ratchet(responder, &ratchet), PROTO_E_STATE, "but once");
    } else {
        IS_INT(handshake_verify(responder), PROTO_E_STATE, "after an error nothing is legal");
        IS_INT(handshake_finish(responder, 5, &hand.m4), PROTO_E_STATE, "least of all to finish");
        IS_INT(handshake_ratchet(responder, &ratchet), PROTO_E_STATE, "and there are no keys");
        IS_INT(handshake_channels(responder, &sender, &receiver), PROTO_E_STATE, "of either kind");
    }
    ratchet_free(ratchet);
    hand_free(&hand);
    handshake_free(responder);
}

/* ---- a responder made by hand ----------------------------------------------------------------------------- */

static const struct malice responders[] = {
    {.name = "an honest responder"},
    {.name = "a dh of low order", .weak_dh = true, .accept = PROTO_E_HANDSHAKE},
    {.name = "a secret under another label", .wrong_label = true, .end = PROTO_E_HANDSHAKE},
    {.name = "a ciphertext of zeros", .secret_of_zeros = true, .end = PROTO_E_HANDSHAKE},
    {.name = "a ciphertext too short", .secret_size = 255, .end = PROTO_E_HANDSHAKE},
    {.name = "the longest ciphertext", .secret_size = CSC_RSA_MAX_SIZE, .end = PROTO_E_HANDSHAKE},
    {.name = "a secret of 47 bytes", .message_size = SCHEDULE_SECRET_SIZE - 1, .end = PROTO_E_HANDSHAKE},
    {.name = "a wrong confirm", .wrong_confirm = true, .end = PROTO_E_HANDSHAKE},
    {.name = "a key that is none", .key = "no key", .read = PROTO_E_KEY},
    {.name = "a suite that was not offered", .other_suite = true, .read = PROTO_E_SUITE},
};

static void write_phase2(struct hand *hand) {
    const struct handshake_header head = header(hand);
    const struct handshake_offer made = offer(hand, all);
    struct message message;

    require(parse(&message, hand->peer, true, &hand->m1) == PROTO_OK, "phase 1 is read");
    encrypt(hand, message.key);
    require(message_write_phase2(&hand->m2, &head, &made, hand->ciphertext, hand->ciphertext_size) == PROTO_OK,
            "phase 2");
    message_free(&message);
}

static void write_phase4(struct hand *hand) {
    const struct handshake_header head = header(hand);
    struct message first, third;

    require(parse(&first, hand->peer, true, &hand->m1) == PROTO_OK, "phase 1 is read again");
    require(parse(&third, hand->peer, true, &hand->m3) == PROTO_OK, "phase 3 is read");
    memcpy(hand->ratchet, third.dh, sizeof(hand->ratchet));
    derive(hand, false, &first, (struct span){(char *)third.secret, third.secret_size},
           (struct span){(char *)third.secret, third.secret_size}, third.ciphers.suites[0]);
    hand->keys.confirm_responder[0] ^= hand->malice->wrong_confirm;
    require(message_write_phase4(&hand->m4, &head, hand->keys.confirm_responder, 5) == PROTO_OK, "phase 4");
    message_free(&first);
    message_free(&third);
}

static int run_initiator(struct handshake *initiator, struct hand *hand, int *phase) {
    int error;

    *phase = 1;
    require(handshake_start(initiator, &hand->m1) == PROTO_OK, "a handshake begins");
    write_phase2(hand);
    if ((error = give(initiator, hand->peer, false, &hand->m2)) != PROTO_OK)
        return error;
    *phase = 2;
    if ((error = handshake_accept(initiator, &hand->m3)) != PROTO_OK)
        return error;
    *phase = 3;
    write_phase4(hand);
    if ((error = give(initiator, hand->peer, false, &hand->m4)) != PROTO_OK)
        return error;
    *phase = 4;
    return PROTO_OK;
}

static void test_initiator(const struct malice *malice, bool peer) {
    struct handshake *initiator = make_handshake(HANDSHAKE_INITIATOR, peer, malice->other_suite ? &strong : &all);
    struct ratchet *ratchet = NULL;
    int phase, want, want_phase;
    struct hand hand;

    hand_make(&hand, malice, peer);
    want = wanted(malice, &want_phase);
    IS_INT(run_initiator(initiator, &hand, &phase), want, "%s, %s", malice->name, peer ? "client-connect" : "connect");
    IS_INT(phase, want_phase, "is found in phase %d", want_phase);
    IS_INT(handshake_is_complete(initiator), want == PROTO_OK, "and only a good handshake is complete");
    IS_INT(handshake_ratchet(initiator, &ratchet), peer && want == PROTO_OK ? PROTO_OK : PROTO_E_STATE,
           "and has a ratchet, in client-connect");
    ratchet_free(ratchet);
    hand_free(&hand);
    handshake_free(initiator);
}

/* ---- the same against a conversation: what the peer does wrong is never told as this side's trouble -------- */

#define NOW 1000

static int receive(struct conversation *conversation, const struct buffer *text) {
    struct message message;
    int error;

    require(parse(&message, true, true, text) == PROTO_OK, "a phase is read");
    error = conversation_receive(conversation, &message, buffer_span(text), NOW);
    message_free(&message);
    return error;
}

/* The types of all events that wait, as bits; the error of the last violation. */
static unsigned take_events(struct conversation *conversation, int *violation) {
    struct conversation_event event;
    unsigned types = 0;

    *violation = PROTO_OK;
    while (conversation_next_event(conversation, &event)) {
        types |= 1u << event.type;
        if (event.type == CONVERSATION_EVENT_VIOLATION)
            *violation = event.error;
    }
    return types;
}

/* Moves the one payload that waits to OUT. */
static void take_output(struct conversation *conversation, struct buffer *out) {
    struct buffer *output = conversation_output(conversation);

    require(output->size > 0 && buffer_data(output)[output->size - 1] == '\n', "a payload waits");
    require(buffer_append(out, buffer_data(output), output->size - 1) == PROTO_OK, "it is taken");
    buffer_consume(output, output->size);
}

static void test_conversation(const struct malice *malice) {
    struct conversation *conversation = NULL;
    const struct conversation_config config = {.identity = eve.key,
                                               .identity_pem = eve.pem,
                                               .self = "Eve",
                                               .peer = "Mallory",
                                               .suites = &all,
                                               .timeout = 30000};
    int violation, want, want_phase;
    struct hand hand;

    hand_make(&hand, malice, true);
    want = wanted(malice, &want_phase);
    require(conversation_new(&conversation, &config) == PROTO_OK, "a conversation");
    write_phase1(&hand);
    IS_INT(receive(conversation, &hand.m1), PROTO_OK, "%s: phase 1 is taken", malice->name);
    if (take_events(conversation, &violation) & 1u << CONVERSATION_EVENT_KEY) {
        IS_INT(conversation_trust(conversation, mallory.fingerprint, true, NOW), PROTO_OK, "its key is trusted");
        take_output(conversation, &hand.m2);
        write_phase3(&hand);
        IS_INT(receive(conversation, &hand.m3), PROTO_OK, "phase 3 is taken");
        take_events(conversation, &violation);
    }
    IS_INT(conversation_is_ready(conversation), want == PROTO_OK, "only a good handshake makes a session");
    if (want != PROTO_E_SUITE)
        IS_INT(violation, want, "what is wrong is an event");
    take_output(conversation, &hand.m4);
    OK((memmem(buffer_data(&hand.m4), hand.m4.size, "client-disconnect", 17) != NULL) == (want != PROTO_OK),
       "and the peer is told");
    hand_free(&hand);
    conversation_free(conversation);
}

int main(void) {
    identity_load(&eve, "eve");
    identity_load(&mallory, "mallory");
    for (int peer = 0; peer < 2; peer++) {
        for (size_t i = 0; i < COUNT(initiators); i++)
            if (peer || !initiators[i].weak_ratchet)
                test_responder(&initiators[i], peer);
        for (size_t i = 0; i < COUNT(responders); i++)
            test_initiator(&responders[i], peer);
    }
    for (size_t i = 0; i < COUNT(initiators); i++)
        test_conversation(&initiators[i]);
    identity_free(&eve);
    identity_free(&mallory);
    return tap_done();
}
