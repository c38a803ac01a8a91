/*
 * proto/handshake.c used and fed out of turn: every call and every phase in every step, lists of suites that nothing
 * follows from, confirms that are nearly right.  Both sides are honest; what goes between them is changed here.
 */
#include <config.h>

#include "proto/error.h"
#include "proto/handshake.h"
#include "t/proto_fixture.h"
#include "t/pump.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

enum action { START, READ_1, READ_2, ACCEPT, READ_3, VERIFY, FINISH, READ_4, ACTIONS };

static const char *const action_names[] = {"start",        "read phase 1", "read phase 2", "accept",
                                           "read phase 3", "verify",       "finish",       "read phase 4"};

/* What each role does, in this order. */
static const enum action initiator_way[] = {START, READ_2, ACCEPT, READ_4},
                         responder_way[] = {READ_1, ACCEPT, READ_3, VERIFY, FINISH};

static struct identity adam, eve;
static const struct suite_list all = SUITE_LIST_ALL, strong = {{SUITE_AES_256}, 1}, weak = {{SUITE_AES_128}, 1};

/* Two sides and the last phase that each wrote, 1 to 4. */
struct pair {
    bool peer; /* client-connect */
    struct handshake *initiator, *responder;
    struct buffer phases[5];
};

static struct handshake *make(const struct pair *pair, enum handshake_role role, const struct suite_list *suites) {
    const bool initiator = role == HANDSHAKE_INITIATOR;
    const struct identity *identity = initiator ? &adam : &eve;
    struct handshake *made = NULL;

    require(handshake_new(&made, &(struct handshake_config){.role = role,
                                                            .use = pair->peer ? HANDSHAKE_PEER : HANDSHAKE_CONNECT,
                                                            .identity = identity->key,
                                                            .identity_pem = identity->pem,
                                                            .self = initiator ? "Adam" : "Eve",
                                                            .peer = !pair->peer ? NULL
                                                                    : initiator ? "Eve"
                                                                                : "Adam",
                                                            .suites = suites}) == PROTO_OK,
            "a handshake");
    return made;
}

static void pair_make(struct pair *pair, bool peer, const struct suite_list *initiator,
                      const struct suite_list *responder) {
    memset(pair, 0, sizeof(*pair));
    pair->peer = peer;
    pair->initiator = make(pair, HANDSHAKE_INITIATOR, initiator);
    pair->responder = make(pair, HANDSHAKE_RESPONDER, responder);
    for (size_t i = 0; i < COUNT(pair->phases); i++)
        pair->phases[i] = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
}

static void pair_free(struct pair *pair) {
    handshake_free(pair->initiator);
    handshake_free(pair->responder);
    for (size_t i = 0; i < COUNT(pair->phases); i++)
        buffer_free(&pair->phases[i]);
}

static int parse(const struct pair *pair, struct message *message, unsigned phase, const struct buffer *text) {
    enum message_place place = phase % 2 == 1 ? PLACE_LINE_TO_SERVER : PLACE_LINE_TO_CLIENT;

    if (pair->peer || phase == 4)
        place = PLACE_TO_CLIENT;
    return message_parse(message, place, (char *)buffer_data(text), text->size);
}

static int read_text(const struct pair *pair, struct handshake *handshake, unsigned phase, const struct buffer *text) {
    struct message message;
    int error;

    require(parse(pair, &message, phase, text) == PROTO_OK, "a phase can be parsed");
    error = handshake_read(handshake, &message, buffer_span(text));
    message_free(&message);
    return error;
}

/* Does ACTION to HANDSHAKE; what it writes goes to PAIR, what it reads comes from WRITTEN. */
static int act(struct pair *pair, struct handshake *handshake, enum action action, const struct pair *written) {
    const bool initiator = handshake == pair->initiator;

    switch (action) {
    case START:
        return handshake_start(handshake, &pair->phases[1]);
    case ACCEPT:
        return handshake_accept(handshake, &pair->phases[initiator ? 3 : 2]);
    case VERIFY:
        return handshake_verify(handshake);
    case FINISH:
        return handshake_finish(handshake, 7, &pair->phases[4]);
    default: {
        const unsigned phase = action == READ_1 ? 1 : action == READ_2 ? 2 : action == READ_3 ? 3 : 4;

        return read_text(written, handshake, phase, &written->phases[phase]);
    }
    }
}

/* Takes both sides COUNT steps along the whole way. */
static void go(struct pair *pair, size_t count) {
    static const struct {
        enum action action;
        bool initiator;
    } way[] = {{START, true},   {READ_1, false}, {ACCEPT, false}, {READ_2, true}, {ACCEPT, true},
               {READ_3, false}, {VERIFY, false}, {FINISH, false}, {READ_4, true}};

    for (size_t i = 0; i < count; i++)
        require(act(pair, way[i].initiator ? pair->initiator : pair->responder, way[i].action, pair) == PROTO_OK,
                "a step of an honest handshake");
}

/* The steps of the whole way after which each role is due to do the next of its own. */
static const size_t initiator_steps[] = {0, 3, 4, 8, 9}, responder_steps[] = {1, 2, 5, 6, 7, 8};

/* ---- every action in every step --------------------------------------------------------------------- */

static void check_step(bool peer, bool initiator, size_t step, const struct pair *written) {
    const enum action *way = initiator ? initiator_way : responder_way;
    const size_t steps = initiator ? COUNT(initiator_way) : COUNT(responder_way);

    for (enum action action = START; action < ACTIONS; action++) {
        struct handshake *handshake;
        struct pair pair;

        if (step < steps && way[step] == action)
            continue;
        pair_make(&pair, peer, &all, &all);
        go(&pair, initiator ? initiator_steps[step] : responder_steps[step]);
        handshake = initiator ? pair.initiator : pair.responder;
        IS_INT(act(&pair, handshake, action, written), PROTO_E_STATE, "%s, %s after %zu steps: to %s is out of turn",
               peer ? "client-connect" : "connect", initiator ? "initiator" : "responder", step, action_names[action]);
        if (step < steps)
            IS_INT(act(&pair, handshake, way[step], &pair), PROTO_E_STATE, "and the end of it");
        OK(!handshake_is_complete(handshake), "which nobody takes for a good one");
        pair_free(&pair);
    }
}

static void test_steps(bool peer) {
    struct pair written;

    pair_make(&written, peer, &all, &all);
    go(&written, 9);
    OK(handshake_is_complete(written.initiator) && handshake_is_complete(written.responder), "in turn, all is well");
    for (size_t step = 0; step <= COUNT(initiator_way); step++)
        check_step(peer, true, step, &written);
    for (size_t step = 0; step <= COUNT(responder_way); step++)
        check_step(peer, false, step, &written);
    pair_free(&written);
}

/* ---- suites -------------------------------------------------------------------------------------------- */

#define A256 "\"RSA-OAEP-SHA256_AES-256-CBC_HMAC-SHA256\""
#define A128 "\"RSA-OAEP-SHA256_AES-128-CBC_HMAC-SHA256\""

/* Puts CIPHERS in the place of the list in TEXT. */
static void replace_ciphers(struct buffer *text, const char *ciphers) {
    struct buffer made = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    const char *begin = (const char *)buffer_data(text);
    const char *list = memmem(begin, text->size, "\"ciphers\":[", 11);
    const char *end = list ? memchr(list, ']', text->size - (size_t)(list - begin)) : NULL;

    require(list != NULL && end != NULL, "a list of suites");
    require(buffer_append(&made, begin, (size_t)(list - begin) + 11) == PROTO_OK &&
                buffer_append(&made, ciphers, strlen(ciphers)) == PROTO_OK &&
                buffer_append(&made, end, text->size - (size_t)(end - begin)) == PROTO_OK,
            "room for another");
    buffer_free(text);
    *text = made;
}

static void test_suites(bool peer) {
    static const struct {
        unsigned phase;
        const struct suite_list *offered;
        const char *ciphers;
        int want;
        const char *what;
    } cases[] = {
        {1, &all, "\"ROT13\"", PROTO_E_SUITE, "an offer of nothing known"},
        {1, &all, A128, PROTO_E_SUITE, "an offer of nothing in common"},
        {1, &all, "\"ROT13\"," A256, PROTO_OK, "an offer of what is known and what is not"},
        {1, &all, A128 "," A128 "," A256, PROTO_OK, "an offer that says one twice"},
        {2, &all, A256 ",\"ROT13\"", PROTO_E_SUITE, "an answer that has what nobody knows"},
        {2, &all, "\"ROT13\"", PROTO_E_SUITE, "an answer of nothing known"},
        {2, &weak, A256, PROTO_E_SUITE, "an answer of what was not offered"},
        {2, &strong, A256 "," A128, PROTO_E_SUITE, "an answer of more than was offered"},
        {3, &all, A128, PROTO_E_SUITE, "a choice of what is not the first"},
        {3, &all, A256 "," A128, PROTO_E_SUITE, "a choice of two"},
        {3, &all, A256 ",\"ROT13\"", PROTO_E_SUITE, "a choice that has what nobody knows"},
        {3, &all, A256, PROTO_OK, "the choice that follows"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const unsigned phase = cases[i].phase;
        struct pair pair;

        /* Phase 1 meets one that takes the stronger suite alone; in phase 2 the answer is to what was offered. */
        pair_make(&pair, peer, cases[i].offered, phase == 1 ? &strong : &all);
        go(&pair, phase == 1 ? 1 : phase == 2 ? 3 : 5);
        replace_ciphers(&pair.phases[phase], cases[i].ciphers);
        IS_INT(read_text(&pair, phase == 2 ? pair.initiator : pair.responder, phase, &pair.phases[phase]),
               cases[i].want, "phase %u, %s", phase, cases[i].what);
        pair_free(&pair);
    }
}

/* ---- confirms -------------------------------------------------------------------------------------------- */

/* Reads a phase whose confirm has one bit changed; what the check of it says. */
static int read_with_bit(struct pair *pair, unsigned phase, size_t bit) {
    struct handshake *handshake = phase == 3 ? pair->responder : pair->initiator;
    struct message message;
    int error;

    require(parse(pair, &message, phase, &pair->phases[phase]) == PROTO_OK, "a proof");
    message.confirm[bit / 8] ^= (uint8_t)(1u << bit % 8);
    error = handshake_read(handshake, &message, buffer_span(&pair->phases[phase]));
    if (error == PROTO_OK && phase == 3)
        error = handshake_verify(handshake);
    message_free(&message);
    return error;
}

static void test_confirms(bool peer) {
    static const size_t bits[] = {0, 7, 63, 127, 128, 200, 255};

    for (unsigned phase = 3; phase <= 4; phase++) {
        unsigned taken = 0;

        for (size_t i = 0; i < COUNT(bits); i++) {
            struct pair pair;

            pair_make(&pair, peer, &all, &all);
            go(&pair, phase == 3 ? 5 : 8);
            taken += read_with_bit(&pair, phase, bits[i]) != PROTO_E_HANDSHAKE;
            pair_free(&pair);
        }
        IS_INT(taken, 0, "phase %u with any bit of its confirm changed is refused", phase);
    }
}

/* The initiator's own proof as the responder's. */
static void test_reflection(bool peer) {
    struct message own, message;
    struct pair pair;

    pair_make(&pair, peer, &all, &all);
    go(&pair, 8);
    require(parse(&pair, &own, 3, &pair.phases[3]) == PROTO_OK &&
                parse(&pair, &message, 4, &pair.phases[4]) == PROTO_OK,
            "two proofs");
    memcpy(message.confirm, own.confirm, sizeof(message.confirm));
    IS_INT(handshake_read(pair.initiator, &message, buffer_span(&pair.phases[4])), PROTO_E_HANDSHAKE,
           "a confirm that is sent back is no proof");
    message_free(&own);
    message_free(&message);
    pair_free(&pair);
}

/* ---- what is hashed, and what comes of it ---------------------------------------------------------------------- */

static void test_space(bool peer) {
    struct buffer spaced = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct pair pair;

    pair_make(&pair, peer, &all, &all);
    go(&pair, 1);
    for (unsigned phase = 1; phase <= 2; phase++) {
        buffer_truncate(&spaced, 0);
        require(buffer_append(&spaced, " \t", 2) == PROTO_OK &&
                    buffer_append(&spaced, buffer_data(&pair.phases[phase]), pair.phases[phase].size) == PROTO_OK &&
                    buffer_append(&spaced, " \r", 2) == PROTO_OK,
                "white space around a phase");
        IS_INT(read_text(&pair, phase == 1 ? pair.responder : pair.initiator, phase, &spaced), PROTO_OK,
               "phase %u with white space around it is read", phase);
        if (phase == 1)
            require(act(&pair, pair.responder, ACCEPT, &pair) == PROTO_OK, "an answer");
    }
    require(act(&pair, pair.initiator, ACCEPT, &pair) == PROTO_OK, "a proof");
    IS_INT(act(&pair, pair.responder, READ_3, &pair), PROTO_OK, "its sender has hashed none");
    IS_INT(act(&pair, pair.responder, VERIFY, &pair), PROTO_OK, "and its receiver neither");
    buffer_free(&spaced);
    pair_free(&pair);
}

static void test_channels(bool peer) {
    struct channel_sender *sender = NULL;
    struct channel_receiver *receiver = NULL;
    unsigned early = 0;
    struct pair pair;

    for (size_t steps = 0; steps <= 9; steps++) {
        pair_make(&pair, peer, &all, &all);
        go(&pair, steps);
        if (peer || steps < 5 || steps > 8)
            early += handshake_channels(pair.initiator, &sender, &receiver) != PROTO_E_STATE;
        if (peer || steps != 7)
            early += handshake_channels(pair.responder, &sender, &receiver) != PROTO_E_STATE;
        pair_free(&pair);
    }
    IS_INT(early, 0, "there are no channels but in their time");
    if (peer)
        return;
    pair_make(&pair, peer, &all, &all);
    go(&pair, 7);
    IS_INT(handshake_channels(pair.responder, &sender, &receiver), PROTO_OK, "then there are, for the responder");
    IS_INT(handshake_channels(pair.responder, &sender, &receiver), PROTO_E_STATE, "once");
    channel_sender_free(sender);
    channel_receiver_free(receiver);
    IS_INT(handshake_channels(pair.initiator, &sender, &receiver), PROTO_OK, "and for the initiator");
    IS_INT(handshake_channels(pair.initiator, &sender, &receiver), PROTO_E_STATE, "once");
    channel_sender_free(sender);
    channel_receiver_free(receiver);
    pair_free(&pair);
}

int main(void) {
    identity_load(&adam, "adam");
    identity_load(&eve, "eve");
    for (int peer = 0; peer < 2; peer++) {
        test_steps(peer);
        test_suites(peer);
        test_confirms(peer);
        test_reflection(peer);
        test_space(peer);
        test_channels(peer);
    }
    identity_free(&adam);
    identity_free(&eve);
    return tap_done();
}
