/*
 * Every allocation fails in turn: nothing crashes, nothing is lost, the error says what it is, and what can go on after
 * it does.
 */
#include <config.h>

#include "proto/error.h"
#include "proto/id_set.h"
#include "t/failing_malloc.h"
#include "t/message_samples.h"
#include "t/proto_fixture.h"
#include "t/pump.h"
#include "t/tap.h"

#include <stdlib.h>

_Static_assert((int)PROTO_E_MEMORY == (int)CSC_ERR_MEMORY, "lack of memory has one code");

static struct identity adam, eve;
static const struct suite_list all = SUITE_LIST_ALL;

/* One run of what is tried: makes all it needs, frees all, and returns 0 or the first error.  Only one allocation
 * fails, so that it may try again. */
typedef int run_fn(void);

/* Gives up after so many allocations: what takes more is not bounded. */
#define ALLOCATIONS_MAX 5000

/* Fails the first allocation of RUN, then the second, until RUN gets by without. */
static void sweep(const char *name, run_fn *run) {
    unsigned wrong = 0, leaks = 0;
    unsigned long number = 0;
    bool failed;

    do {
        const unsigned long before = failing_malloc_live();
        int error;

        failing_malloc_set(++number);
        error = run();
        failed = failing_malloc_failed();
        failing_malloc_set(0);
        if (error != (failed ? PROTO_E_MEMORY : PROTO_OK) && wrong++ < 5)
            tap_diag("allocation %lu: %d", number, error);
        if (failing_malloc_live() != before && leaks++ < 5)
            tap_diag("allocation %lu: %ld blocks left", number, (long)(failing_malloc_live() - before));
    } while (failed && number < ALLOCATIONS_MAX);
    IS_INT(wrong, 0, "%s: each of %lu allocations fails with its error, and without that all is well", name,
           number - 1);
    IS_INT(leaks, 0, "%s: nothing is left behind", name);
    OK(number > 1 && number < ALLOCATIONS_MAX, "%s: it does allocate", name);
}

/* ERROR, or FAULT if the condition, which must hold whatever failed, does not. */
#define FAULT                   (-1000)
#define HOLDS(condition, error) ((condition) ? (error) : FAULT)

/* ---- keys --------------------------------------------------------------------------------------------- */

/* Written by main(). */
static char private_pem[CSC_PEM_MAX], encrypted_pem[CSC_PEM_MAX];

static int import_private(void) {
    csc_private_key *key = NULL;
    int error = csc_private_key_from_pem(&key, private_pem, strlen(private_pem), NULL);

    csc_private_key_free(key);
    return HOLDS(error == CSC_OK || key == NULL, error);
}

static int import_encrypted(void) {
    csc_private_key *key = NULL;
    int error = csc_private_key_from_pem(&key, encrypted_pem, strlen(encrypted_pem), "password");

    csc_private_key_free(key);
    return HOLDS(error == CSC_OK || key == NULL, error);
}

static int import_public(void) {
    csc_public_key *key = NULL;
    int error = csc_public_key_from_pem(&key, adam.pem, strlen(adam.pem));

    csc_public_key_free(key);
    return HOLDS(error == CSC_OK || key == NULL, error);
}

static int export_keys(void) {
    static char pem[CSC_PEM_MAX];
    size_t size = sizeof(pem);
    csc_public_key *key = NULL;
    int error = csc_private_key_public(adam.key, &key);

    if (error == CSC_OK)
        error = csc_public_key_to_pem(key, pem, &size);
    size = sizeof(pem);
    if (error == CSC_OK)
        error = csc_private_key_to_pem(adam.key, pem, &size, "password");
    csc_public_key_free(key);
    return error;
}

static int transport_secret(void) {
    const uint8_t secret[48] = {1, 2, 3};
    uint8_t back[48] = {0}, ciphertext[CSC_RSA_MAX_SIZE];
    csc_public_key *key = NULL;
    int error = csc_private_key_public(eve.key, &key);

    if (error == CSC_OK)
        error = csc_oaep_encrypt(key, "label", 5, secret, sizeof(secret), ciphertext);
    if (error == CSC_OK)
        error = csc_oaep_decrypt_secret(eve.key, "label", 5, ciphertext, csc_public_key_size(key), back, sizeof(back));
    csc_public_key_free(key);
    return HOLDS(error != CSC_OK || memcmp(secret, back, sizeof(back)) == 0, error);
}

/* ---- messages ------------------------------------------------------------------------------------------- */

static enum message_type sample_type;
static struct buffer sample = BUFFER_INIT(1 << 16);

static int parse_sample(void) {
    static const enum message_place places[] = {PLACE_LINE_TO_SERVER, PLACE_LINE_TO_CLIENT, PLACE_TO_CLIENT,
                                                PLACE_INNER, PLACE_TO_SERVER};
    struct message message;
    int error = PROTO_E_STATE;

    for (size_t i = 0; i < COUNT(places) && (error == PROTO_E_STATE || error == PROTO_E_MEMBER); i++) {
        error = message_parse(&message, places[i], (char *)buffer_data(&sample), sample.size);
        message_free(&message);
    }
    return error;
}

static int write_texts(void) {
    struct buffer out = BUFFER_INIT(1 << 16);
    static char body[3000];
    size_t before = 0;
    int error;

    memset(body, 'x', sizeof(body));
    do {
        before = out.size;
        error =
            message_write_text(&out, &(struct text_fields){.id = SPAN("id"), .time = 1, .body = {body, sizeof(body)}});
    } while (error == PROTO_OK && out.size < 16384);
    error = HOLDS(error == PROTO_OK || out.size == before, error);
    buffer_free(&out);
    return error;
}

static int remember_ids(void) {
    struct id_set set = {0};
    int error = PROTO_OK;
    bool known = true;

    for (unsigned i = 0; i < 5000 && error == PROTO_OK; i++) {
        const char id[] = {(char)('a' + i % 26), (char)('a' + i / 26 % 26), (char)('a' + i / 676)};
        const struct span span = {id, sizeof(id)};

        error = id_set_note(&set, SPAN("owner"), span, ID_DONE);
        if (error != PROTO_OK) {
            known = id_set_note(&set, SPAN("owner"), span, ID_SEEN) == PROTO_OK &&
                    id_set_find(&set, SPAN("owner"), span) == ID_SEEN;
        }
    }
    id_set_free(&set);
    return HOLDS(known, error);
}

/* ---- channel and ratchet: what fails leaves them as they were ---------------------------------------------- */

static int pass_secure(void) {
    static const uint8_t key[CSC_SYMKEY_SIZE] = {1};
    struct channel_sender *sender = NULL;
    struct channel_receiver *receiver = NULL;
    struct buffer out = BUFFER_INIT(1 << 16);
    char *payload = NULL;
    size_t size = 0;
    int error = channel_sender_new(&sender, SUITE_AES_256, key, key), second;

    if (error == PROTO_OK)
        error = channel_receiver_new(&receiver, SUITE_AES_256, key, key);
    if (error == PROTO_OK) {
        /* Sealed again where it failed, and the receiver counts as the sender does. */
        if ((error = channel_seal(sender, SPAN("payload"), &out)) != PROTO_OK) {
            second = channel_seal(sender, SPAN("payload"), &out);
            error = HOLDS(second == PROTO_OK, error);
        }
        second = channel_open(receiver, (char *)buffer_data(&out), out.size - 1, &payload, &size);
        error = HOLDS(second == PROTO_OK && span_equal((struct span){payload, size}, SPAN("payload")), error);
    }
    buffer_free(&out);
    channel_sender_free(sender);
    channel_receiver_free(receiver);
    return error;
}

struct ratchets {
    struct ratchet *adam, *eve;
};

static int ratchets_make(struct ratchets *ratchets) {
    static const uint8_t secrets[2][CSC_X25519_SIZE] = {{8, 1}, {8, 2}}, root[CSC_SHA256_SIZE] = {3};
    uint8_t publics[2][CSC_X25519_SIZE];
    struct ratchet_config config = {.suite = SUITE_AES_128, .transcript = root, .root = root, .initiator = true};
    int error;

    *ratchets = (struct ratchets){NULL, NULL};
    csc_x25519_public(publics[0], secrets[0]);
    csc_x25519_public(publics[1], secrets[1]);
    config.secret = secrets[0];
    config.peer = publics[1];
    if ((error = ratchet_new(&ratchets->adam, &config)) != PROTO_OK)
        return error;
    config.secret = secrets[1];
    config.peer = publics[0];
    config.initiator = false;
    return ratchet_new(&ratchets->eve, &config);
}

/* Seals in FROM and opens in TO, each again with memory if it fails for lack of it; all but the last of COUNT messages
 * are lost.  The first error, or FAULT if it fails again. */
static int pass_ratchet(struct ratchet *from, struct ratchet *to, unsigned count) {
    struct buffer com = BUFFER_INIT(MESSAGE_PAYLOAD_MAX), text = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct message message;
    int first = PROTO_OK, error;

    while (count-- > 0) {
        buffer_truncate(&com, 0);
        error = ratchet_seal(from, SPAN("Adam"), SPAN("Eve"), SPAN("id"), SPAN("text"), &com);
        if (error != PROTO_OK) {
            first = HOLDS(com.size == 0, error);
            if (ratchet_seal(from, SPAN("Adam"), SPAN("Eve"), SPAN("id"), SPAN("text"), &com) != PROTO_OK)
                first = FAULT;
        }
    }
    error = message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&com), com.size);
    if (error != PROTO_OK) {
        first = error;
        error = message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&com), com.size);
    }
    if (error == PROTO_OK && (error = ratchet_open(to, &message, &text)) != PROTO_OK) {
        first = HOLDS(text.size == 0, error);
        error = ratchet_open(to, &message, &text);
    }
    first = HOLDS(error == PROTO_OK && span_equal(buffer_span(&text), SPAN("text")), first);
    message_free(&message);
    buffer_free(&com);
    buffer_free(&text);
    return first;
}

static int talk_ratchet(void) {
    struct ratchets ratchets;
    int error = ratchets_make(&ratchets);

    if (error == PROTO_OK)
        error = pass_ratchet(ratchets.adam, ratchets.eve, 3);
    if (error == PROTO_OK)
        error = pass_ratchet(ratchets.eve, ratchets.adam, 1);
    if (error == PROTO_OK)
        error = pass_ratchet(ratchets.adam, ratchets.eve, 5);
    ratchet_free(ratchets.adam);
    ratchet_free(ratchets.eve);
    return error;
}

/* ---- handshakes --------------------------------------------------------------------------------------------- */

static int make_handshake(struct handshake **handshake, enum handshake_role role, enum handshake_use use) {
    const bool initiator = role == HANDSHAKE_INITIATOR, peer = use == HANDSHAKE_PEER;
    const struct handshake_config config = {.role = role,
                                            .use = use,
                                            .identity = initiator ? adam.key : eve.key,
                                            .identity_pem = initiator ? adam.pem : eve.pem,
                                            .self = initiator ? "Adam" : "Eve",
                                            .peer = peer ? (initiator ? "Eve" : "Adam") : NULL,
                                            .suites = &all};

    return handshake_new(handshake, &config);
}

/* Reads the phase in TEXT, which is emptied. */
static int read_phase(struct handshake *handshake, enum message_place place, struct buffer *text) {
    struct message message;
    int error = message_parse(&message, place, (char *)buffer_data(text), text->size);

    if (error == PROTO_OK)
        error = handshake_read(handshake, &message, buffer_span(text));
    message_free(&message);
    buffer_truncate(text, 0);
    return error;
}

static int shake_hands(enum handshake_use use) {
    const bool peer = use == HANDSHAKE_PEER;
    struct handshake *initiator = NULL, *responder = NULL;
    struct channel_sender *senders[2] = {NULL, NULL};
    struct channel_receiver *receivers[2] = {NULL, NULL};
    struct ratchets ratchets = {NULL, NULL};
    struct buffer text = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error = make_handshake(&initiator, HANDSHAKE_INITIATOR, use);

    if (error != PROTO_OK || (error = make_handshake(&responder, HANDSHAKE_RESPONDER, use)) != PROTO_OK ||
        (error = handshake_start(initiator, &text)) != PROTO_OK ||
        (error = read_phase(responder, peer ? PLACE_TO_CLIENT : PLACE_LINE_TO_SERVER, &text)) != PROTO_OK ||
        (error = handshake_accept(responder, &text)) != PROTO_OK ||
        (error = read_phase(initiator, peer ? PLACE_TO_CLIENT : PLACE_LINE_TO_CLIENT, &text)) != PROTO_OK ||
        (error = handshake_accept(initiator, &text)) != PROTO_OK ||
        (error = read_phase(responder, peer ? PLACE_TO_CLIENT : PLACE_LINE_TO_SERVER, &text)) != PROTO_OK ||
        (error = handshake_verify(responder)) != PROTO_OK)
        goto out;
    if (!peer && ((error = handshake_channels(initiator, &senders[0], &receivers[0])) != PROTO_OK ||
                  (error = handshake_channels(responder, &senders[1], &receivers[1])) != PROTO_OK))
        goto out;
    if ((error = handshake_finish(responder, 7, &text)) != PROTO_OK ||
        (error = read_phase(initiator, PLACE_TO_CLIENT, &text)) != PROTO_OK)
        goto out;
    if (peer && ((error = handshake_ratchet(initiator, &ratchets.adam)) != PROTO_OK ||
                 (error = handshake_ratchet(responder, &ratchets.eve)) != PROTO_OK))
        goto out;
out:
    for (int i = 0; i < 2; i++) {
        channel_sender_free(senders[i]);
        channel_receiver_free(receivers[i]);
    }
    ratchet_free(ratchets.adam);
    ratchet_free(ratchets.eve);
    handshake_free(initiator);
    handshake_free(responder);
    buffer_free(&text);
    return error;
}

static int shake_hands_connect(void) {
    return shake_hands(HANDSHAKE_CONNECT);
}

static int shake_hands_peer(void) {
    return shake_hands(HANDSHAKE_PEER);
}

/* ---- link -------------------------------------------------------------------------------------------------------- */

static int make_link(struct link **link, enum link_role role) {
    static const struct certificates chain = {.count = 1, .sizes = {100}};
    static const struct attest attest = {.statement_size = 10, .signature_size = 64, .chain = {1, {100}, {0}}};
    const bool client = role == LINK_CLIENT;
    const struct link_config config = {.role = role,
                                       .identity = client ? adam.key : eve.key,
                                       .identity_pem = client ? adam.pem : eve.pem,
                                       .name = client ? "Adam" : "relay",
                                       .suites = &all,
                                       .chain = client ? NULL : &chain,
                                       .attest = client ? &attest : NULL};

    return link_new(link, &config);
}

/* Moves FROM into LINK and takes one event, which must be WANT; -EVENT would be another. */
static int take_event(struct link *link, struct buffer *from, enum link_event_type want) {
    struct link_event event;
    uint8_t *room;
    size_t size;
    int result;

    while (from->size > 0) {
        if ((result = link_reserve(link, &room, &size)) != PROTO_OK)
            return result;
        size = size < from->size ? size : from->size;
        memcpy(room, buffer_data(from), size);
        link_commit(link, size);
        buffer_consume(from, size);
    }
    result = link_next(link, &event);
    return result == 1 && event.type == want ? PROTO_OK : result == 1 ? FAULT : result;
}

static int connect_link(void) {
    struct link *client = NULL, *server = NULL;
    struct buffer there = BUFFER_INIT(1 << 17), back = BUFFER_INIT(1 << 17);
    int error = make_link(&client, LINK_CLIENT);

    if (error != PROTO_OK || (error = make_link(&server, LINK_SERVER)) != PROTO_OK ||
        (error = link_start(client, &there)) != PROTO_OK ||
        (error = take_event(server, &there, LINK_EVENT_OFFER)) != PROTO_OK ||
        (error = link_accept(server, &back)) != PROTO_OK ||
        (error = take_event(client, &back, LINK_EVENT_OFFER)) != PROTO_OK ||
        (error = link_accept(client, &there)) != PROTO_OK ||
        (error = take_event(server, &there, LINK_EVENT_PROOF)) != PROTO_OK ||
        (error = link_verify(server)) != PROTO_OK || (error = link_register(server, 7, &back)) != PROTO_OK ||
        (error = take_event(client, &back, LINK_EVENT_ESTABLISHED)) != PROTO_OK ||
        (error = link_seal(client, SPAN("{\"type\":\"ping\"}"), &there)) != PROTO_OK)
        goto out;
    error = take_event(server, &there, LINK_EVENT_PAYLOAD);
out:
    link_free(client);
    link_free(server);
    buffer_free(&there);
    buffer_free(&back);
    return error;
}

/* ---- conversation -------------------------------------------------------------------------------------------- */

#define BODY    "a text that is confidential"
#define TIMEOUT 30000

/* One side; what it has seen. */
struct side {
    struct conversation *conversation;
    unsigned texts, delivered, failed, wrong;
};

struct room {
    struct side adam, eve;
    uint64_t now;
    int error; /* the first */
};

static void note(struct room *room, int error) {
    if (room->error == PROTO_OK)
        room->error = error;
}

static void take_events(struct room *room, struct side *side) {
    struct conversation_event event;

    while (conversation_next_event(side->conversation, &event))
        switch (event.type) {
        case CONVERSATION_EVENT_KEY:
            note(room, conversation_trust(side->conversation, event.fingerprint, true, room->now));
            break;
        case CONVERSATION_EVENT_TEXT:
            side->texts++;
            side->wrong += !span_equal((struct span){event.body, event.body_size}, SPAN(BODY));
            note(room, conversation_handed_on(side->conversation, event.fingerprint, event.id, room->now));
            break;
        case CONVERSATION_EVENT_DELIVERED:
            side->delivered++;
            break;
        case CONVERSATION_EVENT_FAILED:
            side->failed++;
            break;
        default:
            break;
        }
}

/* Carries the oldest payload of FROM to TO.  False if there is none. */
static bool carry(struct room *room, struct side *from, struct side *to) {
    struct buffer *output = conversation_output(from->conversation);
    const char *payload = (const char *)buffer_data(output), *end = memchr(payload ? payload : "", '\n', output->size);
    struct message message;
    int error;

    if (end == NULL)
        return false;
    error = message_parse(&message, PLACE_TO_CLIENT, payload, (size_t)(end - payload));
    if (error == PROTO_OK)
        error = conversation_receive(to->conversation, &message, (struct span){payload, (size_t)(end - payload)},
                                     room->now);
    note(room, error);
    message_free(&message);
    buffer_consume(output, (size_t)(end - payload) + 1);
    take_events(room, to);
    return true;
}

static void carry_all(struct room *room) {
    while (carry(room, &room->adam, &room->eve) || carry(room, &room->eve, &room->adam))
        ;
    note(room, conversation_flush(room->adam.conversation));
    note(room, conversation_flush(room->eve.conversation));
    while (carry(room, &room->adam, &room->eve) || carry(room, &room->eve, &room->adam))
        ;
}

static int enter(struct side *side, const struct identity *identity, const char *self, const char *peer) {
    return conversation_new(&side->conversation, &(struct conversation_config){.identity = identity->key,
                                                                               .identity_pem = identity->pem,
                                                                               .self = self,
                                                                               .peer = peer,
                                                                               .suites = &all,
                                                                               .timeout = TIMEOUT});
}

/* A text there and one back.  After the allocation that fails there is memory again and the two go on, as long as it
 * may take: every text that was taken for sending ends in one event, and is there if that says so. */
static int converse(void) {
    struct room room = {.now = 1000};
    unsigned accepted = 0, sent = 0;
    bool good;

    note(&room, enter(&room.adam, &adam, "Adam", "Eve"));
    if (room.error == PROTO_OK)
        note(&room, enter(&room.eve, &eve, "Eve", "Adam"));
    if (room.adam.conversation != NULL && room.eve.conversation != NULL) {
        for (; sent < 3; sent++) {
            int error = conversation_send(
                room.adam.conversation,
                &(struct conversation_text){.token = sent, .body = SPAN(BODY), .time = 1, .sign = sent == 1}, room.now);

            accepted += error == PROTO_OK;
            note(&room, error);
            carry_all(&room);
        }
        for (int i = 0; i < 8 && conversation_pending(room.adam.conversation) > 0; i++) {
            room.now += TIMEOUT / 4;
            note(&room, conversation_tick(room.adam.conversation, room.now));
            note(&room, conversation_tick(room.eve.conversation, room.now));
            take_events(&room, &room.adam);
            carry_all(&room);
        }
        good = room.adam.wrong + room.eve.wrong == 0 && room.adam.delivered + room.adam.failed == accepted &&
               room.eve.texts >= room.adam.delivered && room.eve.texts <= sent;
        if (!good)
            tap_diag("%u taken, %u delivered, %u failed, %u texts", accepted, room.adam.delivered, room.adam.failed,
                     room.eve.texts);
        room.error = HOLDS(good, room.error);
        note(&room, conversation_close(room.adam.conversation));
        carry_all(&room);
    }
    conversation_free(room.adam.conversation);
    conversation_free(room.eve.conversation);
    return room.error;
}

/* ---- all of it ------------------------------------------------------------------------------------------------- */

static void prepare(void) {
    size_t size = sizeof(private_pem);

    identity_load(&adam, "adam");
    identity_load(&eve, "eve");
    require(csc_private_key_to_pem(adam.key, private_pem, &size, NULL) == CSC_OK, "a private key in PEM");
    size = sizeof(encrypted_pem);
    require(csc_private_key_to_pem(adam.key, encrypted_pem, &size, "password") == CSC_OK, "and encrypted");
}

static void sweep_samples(void) {
    for (size_t type = 0; type < SAMPLE_TYPES; type++) {
        sample_type = (enum message_type)type;
        buffer_truncate(&sample, 0);
        sample_write(&sample, sample_type);
        /* Only a payload and what json-c, which is not seen here, allocates need memory. */
        if (sample_type == MESSAGE_COM)
            sweep(message_type_name(sample_type), parse_sample);
    }
    buffer_free(&sample);
}

int main(void) {
    prepare();
    sweep("a private key", import_private);
    sweep("an encrypted private key", import_encrypted);
    sweep("a public key", import_public);
    sweep("keys in PEM", export_keys);
    sweep("RSA-OAEP", transport_secret);
    sweep_samples();
    sweep("texts", write_texts);
    sweep("ids", remember_ids);
    sweep("secure messages", pass_secure);
    sweep("ratchet", talk_ratchet);
    sweep("handshake, connect", shake_hands_connect);
    sweep("handshake, client-connect", shake_hands_peer);
    sweep("link", connect_link);
    (void)failing_malloc_unwiped(BODY);
    sweep("conversation", converse);
    IS_INT(failing_malloc_unwiped(NULL), 0, "no text was in memory when that was freed");
    identity_free(&adam);
    identity_free(&eve);
    IS_INT(failing_malloc_live(), 0, "all is freed in the end");
    return tap_done();
}
