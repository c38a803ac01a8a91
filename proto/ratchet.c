/*
 * The names follow the paper: RK the root key, CKs and CKr the chain keys, DHs the own pair, DHr the
 * peer's public key, Ns and Nr message numbers, PN the length of the previous sending chain.
 */
#include <config.h>

#include "proto/error.h"
#include "proto/ratchet.h"

#include <assert.h>
#include <stdlib.h>

#define KEY_SIZE 32

/* Keys of the peer's that are remembered after it turned: a message under one of them is late, and then its key is
 * among the skipped, or it is a replay.  Without them a replay would look like a new turn that fails. */
#define RETIRED_MAX 64

/* What the MAC covers before the ciphertext: TH || dh || pn || n. */
#define HEADER_SIZE (CSC_SHA256_SIZE + CSC_X25519_SIZE + 4 + 4)

/* The key of a message that has not come yet. */
struct skipped {
    uint8_t dh[CSC_X25519_SIZE];
    uint32_t n;
    uint8_t mk[KEY_SIZE];
};

struct chain {
    uint8_t ck[KEY_SIZE];
    uint32_t n;  /* of the next message */
    bool exists; /* `ck` is a key */
};

/* What a message may change, so that it can be changed in a copy and thrown away. */
struct state {
    uint8_t rk[KEY_SIZE];
    uint8_t dh_secret[CSC_X25519_SIZE]; /* DHs */
    uint8_t dh_public[CSC_X25519_SIZE];
    uint8_t dh_peer[CSC_X25519_SIZE]; /* DHr */
    struct chain sending, receiving;
    uint32_t pn;
};

struct ratchet {
    enum suite suite;
    uint8_t transcript[CSC_SHA256_SIZE];
    struct state state;
    struct skipped *skipped; /* oldest first */
    size_t skipped_count, skipped_capacity;
    uint8_t retired[RETIRED_MAX][CSC_X25519_SIZE]; /* the oldest is overwritten */
    size_t retired_next;
    size_t retired_count;
};

/* Keys of messages skipped while one message is opened: kept only if its MAC holds. */
struct skip_list {
    struct skipped *keys;
    size_t count, capacity;
};

static void skip_list_free(struct skip_list *list) {
    if (list->keys != NULL)
        csc_wipe(list->keys, list->capacity * sizeof(list->keys[0]));
    free(list->keys);
}

/* Makes room for COUNT more keys, in wiped memory of its own. */
static int grow_skipped(struct skipped **keys, size_t used, size_t *capacity, size_t count) {
    struct skipped *larger;

    if (count <= *capacity - used)
        return PROTO_OK;
    if ((larger = calloc(used + count, sizeof(*larger))) == NULL)
        return PROTO_E_MEMORY;
    if (*keys != NULL) {
        memcpy(larger, *keys, used * sizeof(*larger));
        csc_wipe(*keys, *capacity * sizeof(*larger));
        free(*keys);
    }
    *keys = larger;
    *capacity = used + count;
    return PROTO_OK;
}

/* KDF_RK: moves the root key on and starts CHAIN with the shared secret of SECRET and PEER. */
static int start_chain(struct state *state, struct chain *chain, const uint8_t *secret, const uint8_t *peer) {
    static const char info[] = "chatsecure/1 root";
    uint8_t shared[CSC_X25519_SIZE], prk[CSC_SHA256_SIZE], keys[2 * KEY_SIZE];
    int error = PROTO_E_CRYPTO;

    if (csc_x25519(shared, secret, peer) != CSC_OK) {
        error = PROTO_E_HANDSHAKE;
        goto out;
    }
    csc_hkdf_extract(prk, state->rk, KEY_SIZE, shared, sizeof(shared));
    if (csc_hkdf_expand(keys, sizeof(keys), prk, info, sizeof(info) - 1) != CSC_OK)
        goto out;
    memcpy(state->rk, keys, KEY_SIZE);
    memcpy(chain->ck, keys + KEY_SIZE, KEY_SIZE);
    chain->n = 0;
    chain->exists = true;
    error = PROTO_OK;
out:
    csc_wipe(shared, sizeof(shared));
    csc_wipe(prk, sizeof(prk));
    csc_wipe(keys, sizeof(keys));
    return error;
}

/* KDF_CK: the key of the chain's next message. */
static void next_key(struct chain *chain, uint8_t mk[static KEY_SIZE]) {
    static const uint8_t message_step = 1, chain_step = 2;
    uint8_t next[KEY_SIZE];

    csc_hmac_sha256(mk, chain->ck, KEY_SIZE, &(struct csc_part){&message_step, 1}, 1);
    csc_hmac_sha256(next, chain->ck, KEY_SIZE, &(struct csc_part){&chain_step, 1}, 1);
    memcpy(chain->ck, next, KEY_SIZE);
    csc_wipe(next, sizeof(next));
    chain->n++;
}

/* keys(mk): what encrypts one message. */
static int message_key(const struct ratchet *ratchet, const uint8_t *mk, csc_symkey **key,
                       uint8_t iv[static CSC_CBC_IV]) {
    static const char info[] = "chatsecure/1 message";
    uint8_t prk[CSC_SHA256_SIZE], keys[2 * CSC_SYMKEY_SIZE + CSC_CBC_IV];
    int error = PROTO_E_CRYPTO;

    /* No salt is a salt of 32 zero bytes (RFC 5869 section 2.2). */
    csc_hkdf_extract(prk, NULL, 0, mk, KEY_SIZE);
    if (csc_hkdf_expand(keys, sizeof(keys), prk, info, sizeof(info) - 1) == CSC_OK)
        error = csc_symkey_new(key, suite_cipher(ratchet->suite), keys, keys + CSC_SYMKEY_SIZE) == CSC_OK
                    ? PROTO_OK
                    : PROTO_E_MEMORY;
    if (error == PROTO_OK)
        memcpy(iv, keys + 2 * CSC_SYMKEY_SIZE, CSC_CBC_IV);
    csc_wipe(prk, sizeof(prk));
    csc_wipe(keys, sizeof(keys));
    return error;
}

static void put_number(uint8_t *at, uint32_t number) {
    for (size_t i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> 8 * (3 - i));
}

static void put_header(const struct ratchet *ratchet, uint8_t header[static HEADER_SIZE], const uint8_t *dh,
                       uint32_t pn, uint32_t n) {
    memcpy(header, ratchet->transcript, CSC_SHA256_SIZE);
    memcpy(header + CSC_SHA256_SIZE, dh, CSC_X25519_SIZE);
    put_number(header + CSC_SHA256_SIZE + CSC_X25519_SIZE, pn);
    put_number(header + CSC_SHA256_SIZE + CSC_X25519_SIZE + 4, n);
}

/* The second half of a DH ratchet step, and the responder's start: a new own pair and a sending chain
 * from it. */
static int turn_sending(struct state *state) {
    state->pn = state->sending.n;
    if (csc_x25519_generate(state->dh_secret, state->dh_public) != CSC_OK)
        return PROTO_E_CRYPTO;
    return start_chain(state, &state->sending, state->dh_secret, state->dh_peer);
}

int ratchet_new(struct ratchet **ratchet, const struct ratchet_config *config) {
    struct ratchet *made = calloc(1, sizeof(*made));
    struct state *state;
    int error;

    if (made == NULL)
        return PROTO_E_MEMORY;
    made->suite = config->suite;
    memcpy(made->transcript, config->transcript, CSC_SHA256_SIZE);
    state = &made->state;
    memcpy(state->rk, config->root, KEY_SIZE);
    memcpy(state->dh_secret, config->secret, CSC_X25519_SIZE);
    csc_x25519_public(state->dh_public, state->dh_secret);
    memcpy(state->dh_peer, config->peer, CSC_X25519_SIZE);

    error =
        start_chain(state, config->initiator ? &state->sending : &state->receiving, state->dh_secret, state->dh_peer);
    if (error == PROTO_OK && !config->initiator)
        error = turn_sending(state);
    if (error != PROTO_OK) {
        ratchet_free(made);
        return error;
    }
    *ratchet = made;
    return PROTO_OK;
}

void ratchet_free(struct ratchet *ratchet) {
    if (ratchet == NULL)
        return;
    skip_list_free(&(struct skip_list){ratchet->skipped, ratchet->skipped_count, ratchet->skipped_capacity});
    csc_wipe(ratchet, sizeof(*ratchet));
    free(ratchet);
}

const uint8_t *ratchet_session(const struct ratchet *ratchet) {
    return ratchet->transcript;
}

int ratchet_seal(struct ratchet *ratchet, struct span src, struct span dst, struct span id, struct span inner,
                 struct buffer *out) {
    struct state *state = &ratchet->state;
    struct chain chain = state->sending;
    struct buffer sealed = BUFFER_INIT(CSC_CBC_LENGTH(inner.size));
    uint8_t mk[KEY_SIZE], iv[CSC_CBC_IV], header[HEADER_SIZE], hmac[CSC_SHA256_SIZE], *room;
    csc_symkey *key = NULL;
    int error = PROTO_E_EXHAUSTED;

    if (chain.n == UINT32_MAX)
        goto out;
    next_key(&chain, mk);
    if ((error = message_key(ratchet, mk, &key, iv)) != PROTO_OK ||
        (error = buffer_reserve(&sealed, CSC_CBC_LENGTH(inner.size), &room)) != PROTO_OK)
        goto out;
    put_header(ratchet, header, state->dh_public, state->pn, state->sending.n);
    csc_symkey_encrypt(key, iv, header, sizeof(header), inner.data, inner.size, room, hmac);
    buffer_commit(&sealed, CSC_CBC_LENGTH(inner.size));
    error = message_write_com(out, &(struct com_fields){
                                       .src = src,
                                       .dst = dst,
                                       .id = id,
                                       .session = ratchet_session(ratchet),
                                       .dh = state->dh_public,
                                       .pn = state->pn,
                                       .n = state->sending.n,
                                       .payload = buffer_span(&sealed),
                                       .hmac = hmac,
                                   });
    if (error == PROTO_OK)
        state->sending = chain;
out:
    csc_symkey_free(key);
    buffer_free(&sealed);
    csc_wipe(mk, sizeof(mk));
    csc_wipe(iv, sizeof(iv));
    csc_wipe(&chain, sizeof(chain));
    return error;
}

/* SkipMessageKeys: collects the keys of the receiving chain up to, not including, message UNTIL. */
static int skip_keys(struct state *state, struct skip_list *list, uint32_t until) {
    struct chain *chain = &state->receiving;
    uint32_t count;
    int error;

    if (!chain->exists || until <= chain->n)
        return PROTO_OK;
    count = until - chain->n;
    if (count > RATCHET_SKIPPED_MAX - list->count)
        return PROTO_E_INTEGRITY;
    if ((error = grow_skipped(&list->keys, list->count, &list->capacity, count)) != PROTO_OK)
        return error;
    assert(list->keys != NULL);
    while (chain->n < until) {
        struct skipped *skipped = &list->keys[list->count++];

        memcpy(skipped->dh, state->dh_peer, CSC_X25519_SIZE);
        skipped->n = chain->n;
        next_key(chain, skipped->mk);
    }
    return PROTO_OK;
}

/* Checks COM with MK and appends its text to OUT. */
static int open_with(const struct ratchet *ratchet, const uint8_t *mk, const struct message *com, struct buffer *out) {
    uint8_t header[HEADER_SIZE], iv[CSC_CBC_IV], *room;
    csc_symkey *key = NULL;
    size_t size;
    int error;

    if ((error = message_key(ratchet, mk, &key, iv)) != PROTO_OK ||
        (error = buffer_reserve(out, com->payload.size, &room)) != PROTO_OK)
        goto out;
    put_header(ratchet, header, com->dh, com->pn, com->n);
    if (csc_symkey_decrypt(key, iv, header, sizeof(header), com->payload.data, com->payload.size, com->hmac, room,
                           &size) != CSC_OK)
        error = PROTO_E_INTEGRITY;
    else
        buffer_commit(out, size);
out:
    csc_symkey_free(key);
    csc_wipe(iv, sizeof(iv));
    return error;
}

/* Adds what LIST collected to the keys that are kept, and forgets the oldest over the limit. */
static int keep_skipped(struct ratchet *ratchet, const struct skip_list *list) {
    size_t excess;
    int error;

    if (list->count == 0)
        return PROTO_OK;
    error = grow_skipped(&ratchet->skipped, ratchet->skipped_count, &ratchet->skipped_capacity, list->count);
    if (error != PROTO_OK)
        return error;
    memcpy(ratchet->skipped + ratchet->skipped_count, list->keys, list->count * sizeof(list->keys[0]));
    ratchet->skipped_count += list->count;
    if (ratchet->skipped_count > RATCHET_SKIPPED_MAX) {
        excess = ratchet->skipped_count - RATCHET_SKIPPED_MAX;
        memmove(ratchet->skipped, ratchet->skipped + excess, RATCHET_SKIPPED_MAX * sizeof(ratchet->skipped[0]));
        csc_wipe(ratchet->skipped + RATCHET_SKIPPED_MAX, excess * sizeof(ratchet->skipped[0]));
        ratchet->skipped_count = RATCHET_SKIPPED_MAX;
    }
    return PROTO_OK;
}

static struct skipped *find_skipped(const struct ratchet *ratchet, const struct message *com) {
    for (size_t i = 0; i < ratchet->skipped_count; i++) {
        struct skipped *skipped = &ratchet->skipped[i];

        if (skipped->n == com->n && memcmp(skipped->dh, com->dh, CSC_X25519_SIZE) == 0)
            return skipped;
    }
    return NULL;
}

static void forget_skipped(struct ratchet *ratchet, struct skipped *skipped) {
    size_t behind = (size_t)(ratchet->skipped + ratchet->skipped_count - (skipped + 1));

    memmove(skipped, skipped + 1, behind * sizeof(*skipped));
    csc_wipe(&ratchet->skipped[--ratchet->skipped_count], sizeof(*skipped));
}

static bool is_retired(const struct ratchet *ratchet, const uint8_t *dh) {
    for (size_t i = 0; i < ratchet->retired_count; i++)
        if (memcmp(ratchet->retired[i], dh, CSC_X25519_SIZE) == 0)
            return true;
    return false;
}

/* STATE takes the place of the present one. */
static void commit(struct ratchet *ratchet, const struct state *state) {
    if (memcmp(state->dh_peer, ratchet->state.dh_peer, CSC_X25519_SIZE) != 0) {
        memcpy(ratchet->retired[ratchet->retired_next], ratchet->state.dh_peer, CSC_X25519_SIZE);
        ratchet->retired_next = (ratchet->retired_next + 1) % RETIRED_MAX;
        if (ratchet->retired_count < RETIRED_MAX)
            ratchet->retired_count++;
    }
    ratchet->state = *state;
}

/* Moves STATE to where COM's key is and takes it. */
static int advance(struct state *state, struct skip_list *list, const struct message *com,
                   uint8_t mk[static KEY_SIZE]) {
    bool turn = memcmp(com->dh, state->dh_peer, CSC_X25519_SIZE) != 0 || !state->receiving.exists;
    int error;

    if (!turn && com->n < state->receiving.n)
        return PROTO_E_REPLAY;
    if (turn) {
        /* DHRatchet of the paper. */
        if ((error = skip_keys(state, list, com->pn)) != PROTO_OK)
            return error;
        memcpy(state->dh_peer, com->dh, CSC_X25519_SIZE);
        if ((error = start_chain(state, &state->receiving, state->dh_secret, state->dh_peer)) != PROTO_OK ||
            (error = turn_sending(state)) != PROTO_OK)
            return error == PROTO_E_HANDSHAKE ? PROTO_E_INTEGRITY : error;
    }
    if ((error = skip_keys(state, list, com->n)) != PROTO_OK)
        return error;
    if (state->receiving.n == UINT32_MAX)
        return PROTO_E_INTEGRITY;
    next_key(&state->receiving, mk);
    return PROTO_OK;
}

/* A message of the current chain or a new one: tried on a copy of the state. */
static int open_next(struct ratchet *ratchet, const struct message *com, struct buffer *out) {
    struct state state = ratchet->state;
    struct skip_list list = {NULL, 0, 0};
    size_t before = out->size;
    uint8_t mk[KEY_SIZE];
    int error;

    if ((error = advance(&state, &list, com, mk)) == PROTO_OK &&
        (error = open_with(ratchet, mk, com, out)) == PROTO_OK && (error = keep_skipped(ratchet, &list)) == PROTO_OK)
        commit(ratchet, &state);
    else
        buffer_truncate(out, before);
    skip_list_free(&list);
    csc_wipe(mk, sizeof(mk));
    csc_wipe(&state, sizeof(state));
    return error;
}

int ratchet_open(struct ratchet *ratchet, const struct message *com, struct buffer *out) {
    struct skipped *late;
    int error;

    if (memcmp(com->session, ratchet_session(ratchet), MESSAGE_SESSION_SIZE) != 0)
        return PROTO_E_SESSION;
    if ((late = find_skipped(ratchet, com)) != NULL) {
        if ((error = open_with(ratchet, late->mk, com, out)) == PROTO_OK)
            forget_skipped(ratchet, late);
        return error;
    }
    if (is_retired(ratchet, com->dh))
        return PROTO_E_REPLAY;
    return open_next(ratchet, com, out);
}
