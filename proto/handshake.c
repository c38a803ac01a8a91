#include <config.h>

#include "proto/handshake_state.h"

#include <stdlib.h>

/* Phases 1 and 2 are kept until the transcript is hashed.  A message of connect is a line before the session, one of
 * client-connect a payload. */
#define TRANSCRIPT_LIMIT MESSAGE_PAYLOAD_MAX

static struct span label(const struct handshake *handshake) {
    return handshake->use == HANDSHAKE_PEER ? SPAN("chatsecure/1 client-connect") : SPAN("chatsecure/1 connect");
}

static struct handshake_header header(const struct handshake *handshake) {
    return (struct handshake_header){
        .peer = handshake->use == HANDSHAKE_PEER,
        .name = span_of(handshake->self),
        .src = span_of(handshake->self),
        .dst = span_of(handshake->peer),
        .offer = span_of(handshake->offer_id),
    };
}

static void wipe_ephemeral(struct handshake *handshake) {
    csc_wipe(&handshake->ephemeral, sizeof(handshake->ephemeral));
    buffer_free(&handshake->m1);
    buffer_free(&handshake->m2);
}

void handshake_wipe_keys(struct handshake *handshake) {
    csc_wipe(&handshake->keys, sizeof(handshake->keys));
    csc_wipe(handshake->ratchet_secret, sizeof(handshake->ratchet_secret));
}

/* The end of a handshake that failed: nothing secret stays. */
static int fail(struct handshake *handshake, int error) {
    wipe_ephemeral(handshake);
    handshake_wipe_keys(handshake);
    handshake->step = STEP_FAILED;
    return error;
}

int handshake_new(struct handshake **handshake, const struct handshake_config *config) {
    struct handshake *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return PROTO_E_MEMORY;
    made->role = config->role;
    made->use = config->use;
    made->step = config->role == HANDSHAKE_INITIATOR ? STEP_START : STEP_READ_1;
    made->identity = config->identity;
    made->identity_pem = config->identity_pem;
    name_copy(made->self, span_of(config->self));
    if (config->peer != NULL)
        name_copy(made->peer, span_of(config->peer));
    made->suites = *config->suites;
    made->own_chain = config->chain;
    made->own_attest = config->attest;
    made->m1 = made->m2 = BUFFER_INIT(TRANSCRIPT_LIMIT);
    *handshake = made;
    return PROTO_OK;
}

void handshake_free(struct handshake *handshake) {
    if (handshake == NULL)
        return;
    wipe_ephemeral(handshake);
    csc_public_key_free(handshake->peer_key);
    free(handshake->peer_chain);
    free(handshake->peer_attest);
    csc_wipe(handshake, sizeof(*handshake));
    free(handshake);
}

/* ---- phases 1 and 2: offers ------------------------------------------------------------------ */

/* Makes this side's fresh pair and its offer. */
static int make_offer(struct handshake *handshake, struct handshake_offer *offer, uint8_t id[static MESSAGE_NONCE_SIZE],
                      uint8_t dh[static CSC_X25519_SIZE]) {
    if (csc_random_nonce(id, MESSAGE_NONCE_SIZE) != CSC_OK ||
        csc_x25519_generate(handshake->ephemeral.dh_secret, dh) != CSC_OK)
        return PROTO_E_CRYPTO;
    *offer = (struct handshake_offer){id, handshake->suites,    handshake->identity_pem,
                                      dh, handshake->own_chain, handshake->own_attest};
    return PROTO_OK;
}

/* Keeps the bytes of phase 1 or 2 that were appended to OUT from BEFORE on. */
static int keep_written(struct buffer *kept, const struct buffer *out, size_t before) {
    return buffer_append(kept, buffer_data(out) + before, out->size - before);
}

int handshake_start(struct handshake *handshake, struct buffer *out) {
    const struct handshake_header head = header(handshake);
    struct handshake_offer offer;
    uint8_t id[MESSAGE_NONCE_SIZE], dh[CSC_X25519_SIZE];
    size_t before = out->size;
    int error;

    if (handshake->step != STEP_START)
        return fail(handshake, PROTO_E_STATE);
    if ((error = make_offer(handshake, &offer, id, dh)) != PROTO_OK ||
        (error = message_write_phase1(out, &head, &offer)) != PROTO_OK ||
        (error = keep_written(&handshake->m1, out, before)) != PROTO_OK) {
        buffer_truncate(out, before);
        return fail(handshake, error);
    }
    csc_base64_encode(handshake->id, id, sizeof(id));
    memcpy(handshake->offer_id, handshake->id, sizeof(handshake->id));
    handshake->step = STEP_READ_2;
    return PROTO_OK;
}

/* The object in RAW without white space around it: what is hashed. */
static struct span trim(struct span raw) {
    while (raw.size > 0 && raw.data[0] != '{')
        raw = (struct span){raw.data + 1, raw.size - 1};
    while (raw.size > 0 && raw.data[raw.size - 1] != '}')
        raw.size--;
    return raw;
}

/* Keeps the certificates that the peer shows. */
static int read_certificates(struct handshake *handshake, const struct message *message) {
    if (message->chain != NULL && (handshake->peer_chain = malloc(sizeof(*message->chain))) == NULL)
        return PROTO_E_MEMORY;
    if (message->attest != NULL && (handshake->peer_attest = malloc(sizeof(*message->attest))) == NULL)
        return PROTO_E_MEMORY;
    if (message->chain != NULL)
        *handshake->peer_chain = *message->chain;
    if (message->attest != NULL)
        *handshake->peer_attest = *message->attest;
    return PROTO_OK;
}

/* What phases 1 and 2 have in common: the peer's key, its fresh X25519 key, and certificates. */
static int read_offer(struct handshake *handshake, const struct message *message, struct span raw,
                      struct buffer *kept) {
    int error = csc_public_key_from_pem(&handshake->peer_key, message->key.data, message->key.size);

    if (error != CSC_OK)
        return error == CSC_ERR_MEMORY ? PROTO_E_MEMORY : PROTO_E_KEY;
    csc_public_key_fingerprint(handshake->peer_key, handshake->fingerprint);
    memcpy(handshake->peer_dh, message->dh, CSC_X25519_SIZE);
    if ((error = read_certificates(handshake, message)) != PROTO_OK)
        return error;
    raw = trim(raw);
    return buffer_append(kept, raw.data, raw.size);
}

static int read_phase1(struct handshake *handshake, const struct message *message, struct span raw) {
    /* In this side's order of preference, whatever the initiator's was. */
    struct suite_list common = suite_list_common(&handshake->suites, &message->ciphers);
    int error;

    memcpy(handshake->offer_id, message->id.data, sizeof(handshake->offer_id) - 1);
    if (common.count == 0)
        return PROTO_E_SUITE;
    if ((error = read_offer(handshake, message, raw, &handshake->m1)) != PROTO_OK)
        return error;
    handshake->suites = common;
    if (handshake->use == HANDSHAKE_CONNECT)
        name_copy(handshake->peer, message->name);
    handshake->step = STEP_DECIDE;
    return PROTO_OK;
}

static int read_phase2(struct handshake *handshake, const struct message *message, struct span raw) {
    struct suite_list common = suite_list_common(&message->ciphers, &handshake->suites);
    int error;

    /* A list that is not a subset of the offer was not made from the offer. */
    if (message->unknown_ciphers || common.count == 0 || common.count != message->ciphers.count)
        return PROTO_E_SUITE;
    if ((error = read_offer(handshake, message, raw, &handshake->m2)) != PROTO_OK)
        return error;
    memcpy(handshake->received_secret, message->secret, message->secret_size);
    handshake->received_secret_size = message->secret_size;
    handshake->suite = common.suites[0];
    if (handshake->use == HANDSHAKE_CONNECT)
        name_copy(handshake->peer, message->name);
    handshake->step = STEP_DECIDE;
    return PROTO_OK;
}

/* ---- phases 3 and 4: proofs -------------------------------------------------------------------- */

/* Encrypts this side's fresh secret for the peer. */
static int encrypt_secret(struct handshake *handshake, uint8_t out[static CSC_RSA_MAX_SIZE]) {
    int error;

    if (csc_random_secret(handshake->ephemeral.secret, SCHEDULE_SECRET_SIZE) != CSC_OK)
        return PROTO_E_CRYPTO;
    error = csc_oaep_encrypt(handshake->peer_key, label(handshake).data, label(handshake).size,
                             handshake->ephemeral.secret, SCHEDULE_SECRET_SIZE, out);
    if (error == CSC_OK)
        return PROTO_OK;
    return error == CSC_ERR_MEMORY ? PROTO_E_MEMORY : PROTO_E_CRYPTO;
}

/* Derives the keys, once phase 3's ciphertext C3 and dh D3 are known, and wipes what they are made of. */
static int derive(struct handshake *handshake, struct span c3, struct span d3) {
    struct ephemeral *ephemeral = &handshake->ephemeral;
    const bool initiator = handshake->role == HANDSHAKE_INITIATOR;
    uint8_t theirs[SCHEDULE_SECRET_SIZE], shared[CSC_X25519_SIZE];
    int error = PROTO_E_CRYPTO;

    /* A bad ciphertext gives random bytes here, and fails at `confirm` like any other wrong key. */
    if (csc_oaep_decrypt_secret(handshake->identity, label(handshake).data, label(handshake).size,
                                handshake->received_secret, handshake->received_secret_size, theirs,
                                sizeof(theirs)) != CSC_OK)
        goto out;
    if (csc_x25519(shared, ephemeral->dh_secret, handshake->peer_dh) != CSC_OK) {
        error = PROTO_E_HANDSHAKE;
        goto out;
    }
    error = schedule_derive(&handshake->keys, handshake->use == HANDSHAKE_PEER,
                            &(struct schedule_input){
                                .m1 = buffer_span(&handshake->m1),
                                .m2 = buffer_span(&handshake->m2),
                                .suite = handshake->suite,
                                .c3 = c3,
                                .d3 = d3,
                                .initiator_secret = initiator ? ephemeral->secret : theirs,
                                .responder_secret = initiator ? theirs : ephemeral->secret,
                                .shared = shared,
                            });
out:
    csc_wipe(theirs, sizeof(theirs));
    csc_wipe(shared, sizeof(shared));
    return error;
}

static int accept_phase1(struct handshake *handshake, struct buffer *out) {
    const struct handshake_header head = header(handshake);
    struct handshake_offer offer;
    uint8_t id[MESSAGE_NONCE_SIZE], dh[CSC_X25519_SIZE], secret[CSC_RSA_MAX_SIZE];
    size_t before = out->size;
    int error;

    if ((error = make_offer(handshake, &offer, id, dh)) != PROTO_OK ||
        (error = encrypt_secret(handshake, secret)) != PROTO_OK ||
        (error = message_write_phase2(out, &head, &offer, secret, csc_public_key_size(handshake->peer_key))) !=
            PROTO_OK ||
        (error = keep_written(&handshake->m2, out, before)) != PROTO_OK)
        return error;
    /* The responder's handshake pair is its first ratchet pair. */
    memcpy(handshake->ratchet_secret, handshake->ephemeral.dh_secret, CSC_X25519_SIZE);
    csc_base64_encode(handshake->id, id, sizeof(id));
    handshake->step = STEP_READ_3;
    return PROTO_OK;
}

static int accept_phase2(struct handshake *handshake, struct buffer *out) {
    const struct handshake_header head = header(handshake);
    const bool peer = handshake->use == HANDSHAKE_PEER;
    struct handshake_proof proof;
    uint8_t secret[CSC_RSA_MAX_SIZE], ratchet[CSC_X25519_SIZE];
    int error;

    if (peer && csc_x25519_generate(handshake->ratchet_secret, ratchet) != CSC_OK)
        return PROTO_E_CRYPTO;
    if ((error = encrypt_secret(handshake, secret)) != PROTO_OK)
        return error;
    proof = (struct handshake_proof){
        .secret = secret,
        .secret_size = csc_public_key_size(handshake->peer_key),
        .confirm = handshake->keys.confirm_initiator,
        .dh = peer ? ratchet : NULL,
    };
    if ((error = derive(handshake, (struct span){(char *)secret, proof.secret_size},
                        (struct span){(char *)ratchet, peer ? sizeof(ratchet) : 0})) != PROTO_OK ||
        (error = message_write_phase3(out, &head, handshake->suite, &proof)) != PROTO_OK)
        return error;
    memcpy(handshake->ratchet_peer, handshake->peer_dh, CSC_X25519_SIZE);
    wipe_ephemeral(handshake);
    handshake->step = STEP_READ_4;
    return PROTO_OK;
}

int handshake_accept(struct handshake *handshake, struct buffer *out) {
    size_t before = out->size;
    int error;

    if (handshake->step != STEP_DECIDE)
        return fail(handshake, PROTO_E_STATE);
    error = handshake->role == HANDSHAKE_INITIATOR ? accept_phase2(handshake, out) : accept_phase1(handshake, out);
    if (error == PROTO_OK)
        return PROTO_OK;
    buffer_truncate(out, before);
    return fail(handshake, error);
}

static int read_phase3(struct handshake *handshake, const struct message *message) {
    /* One suite, the first that phase 2 listed: nothing else follows from it. */
    if (message->unknown_ciphers || message->ciphers.count != 1 ||
        message->ciphers.suites[0] != handshake->suites.suites[0])
        return PROTO_E_SUITE;
    handshake->suite = message->ciphers.suites[0];
    memcpy(handshake->received_secret, message->secret, message->secret_size);
    handshake->received_secret_size = message->secret_size;
    memcpy(handshake->received_confirm, message->confirm, CSC_SHA256_SIZE);
    memcpy(handshake->ratchet_peer, message->dh, CSC_X25519_SIZE);
    handshake->step = STEP_VERIFY;
    return PROTO_OK;
}

/* True unless phase 3's first ratchet key is of low order: the ratchet could not begin with it. */
static bool ratchet_key_is_good(const struct handshake *handshake) {
    uint8_t shared[CSC_X25519_SIZE];
    int error = csc_x25519(shared, handshake->ratchet_secret, handshake->ratchet_peer);

    csc_wipe(shared, sizeof(shared));
    return error == CSC_OK;
}

int handshake_verify(struct handshake *handshake) {
    const struct span c3 = {(char *)handshake->received_secret, handshake->received_secret_size};
    const struct span d3 = {(char *)handshake->ratchet_peer,
                            handshake->use == HANDSHAKE_PEER ? sizeof(handshake->ratchet_peer) : 0};
    int error;

    if (handshake->step != STEP_VERIFY)
        return fail(handshake, PROTO_E_STATE);
    if ((error = derive(handshake, c3, d3)) != PROTO_OK)
        return fail(handshake, error);
    if (!csc_equal(handshake->received_confirm, handshake->keys.confirm_initiator, CSC_SHA256_SIZE) ||
        (handshake->use == HANDSHAKE_PEER && !ratchet_key_is_good(handshake)))
        return fail(handshake, PROTO_E_HANDSHAKE);
    wipe_ephemeral(handshake);
    handshake->step = STEP_FINISH;
    return PROTO_OK;
}

int handshake_finish(struct handshake *handshake, uint64_t session_id, struct buffer *out) {
    const struct handshake_header head = header(handshake);
    int error;

    if (handshake->step != STEP_FINISH)
        return fail(handshake, PROTO_E_STATE);
    error = message_write_phase4(out, &head, handshake->keys.confirm_responder, session_id);
    if (error != PROTO_OK)
        return fail(handshake, error);
    handshake->step = STEP_COMPLETE;
    return PROTO_OK;
}

static int read_phase4(struct handshake *handshake, const struct message *message) {
    if (!csc_equal(message->confirm, handshake->keys.confirm_responder, CSC_SHA256_SIZE))
        return PROTO_E_HANDSHAKE;
    handshake->step = STEP_COMPLETE;
    return PROTO_OK;
}

int handshake_read(struct handshake *handshake, const struct message *message, struct span raw) {
    const bool peer = handshake->use == HANDSHAKE_PEER;
    enum message_type due;
    int error;

    switch (handshake->step) {
    case STEP_READ_1:
        due = peer ? MESSAGE_PEER_1 : MESSAGE_CONNECT_1;
        break;
    case STEP_READ_2:
        due = peer ? MESSAGE_PEER_2 : MESSAGE_CONNECT_2;
        break;
    case STEP_READ_3:
        due = peer ? MESSAGE_PEER_3 : MESSAGE_CONNECT_3;
        break;
    case STEP_READ_4:
        due = peer ? MESSAGE_PEER_4 : MESSAGE_CONNECT_4;
        break;
    default:
        return fail(handshake, PROTO_E_STATE);
    }
    if (message->type != due)
        return fail(handshake, PROTO_E_STATE);
    switch (handshake->step) {
    case STEP_READ_1:
        error = read_phase1(handshake, message, raw);
        break;
    case STEP_READ_2:
        error = read_phase2(handshake, message, raw);
        break;
    case STEP_READ_3:
        error = read_phase3(handshake, message);
        break;
    default:
        error = read_phase4(handshake, message);
    }
    return error == PROTO_OK ? PROTO_OK : fail(handshake, error);
}
