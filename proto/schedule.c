#include <config.h>

#include "proto/error.h"
#include "proto/prefixed.h"
#include "proto/schedule.h"

static void hash_transcript(uint8_t transcript[static CSC_SHA256_SIZE], const struct schedule_input *input) {
    const struct prefixed pieces[] = {
        prefix(SPAN("chatsecure/1 handshake")),    prefix(input->m1), prefix(input->m2),
        prefix(span_of(suite_name(input->suite))), prefix(input->c3), prefix(input->d3),
    };
    enum { PIECES = sizeof(pieces) / sizeof(pieces[0]) };
    struct csc_part parts[2 * PIECES];

    prefixed_parts(parts, pieces, PIECES);
    csc_sha256(transcript, parts, 2 * PIECES);
}

static void confirm(uint8_t out[static CSC_SHA256_SIZE], const uint8_t key[static CSC_SHA256_SIZE],
                    const uint8_t transcript[static CSC_SHA256_SIZE]) {
    csc_hmac_sha256(out, key, CSC_SHA256_SIZE, &(struct csc_part){transcript, CSC_SHA256_SIZE}, 1);
}

int schedule_derive(struct schedule_keys *keys, bool peer, const struct schedule_input *input) {
    const struct span info = peer ? SPAN("chatsecure/1 ratchet") : SPAN("chatsecure/1 session");
    /* The session's keys or the root, then the two keys of the confirms. */
    const size_t keys_size = peer ? sizeof(keys->peer) : sizeof(keys->connect);
    uint8_t ikm[2 * SCHEDULE_SECRET_SIZE + CSC_X25519_SIZE], prk[CSC_SHA256_SIZE];
    uint8_t okm[sizeof(keys->connect) + 2 * CSC_SHA256_SIZE];
    int error = PROTO_E_CRYPTO;

    hash_transcript(keys->transcript, input);
    memcpy(ikm, input->initiator_secret, SCHEDULE_SECRET_SIZE);
    memcpy(ikm + SCHEDULE_SECRET_SIZE, input->responder_secret, SCHEDULE_SECRET_SIZE);
    memcpy(ikm + 2 * SCHEDULE_SECRET_SIZE, input->shared, CSC_X25519_SIZE);
    csc_hkdf_extract(prk, keys->transcript, CSC_SHA256_SIZE, ikm, sizeof(ikm));
    if (csc_hkdf_expand(okm, keys_size + 2 * CSC_SHA256_SIZE, prk, info.data, info.size) == CSC_OK) {
        if (peer)
            memcpy(&keys->peer, okm, keys_size);
        else
            memcpy(&keys->connect, okm, keys_size);
        confirm(keys->confirm_initiator, okm + keys_size, keys->transcript);
        confirm(keys->confirm_responder, okm + keys_size + CSC_SHA256_SIZE, keys->transcript);
        error = PROTO_OK;
    }
    csc_wipe(ikm, sizeof(ikm));
    csc_wipe(prk, sizeof(prk));
    csc_wipe(okm, sizeof(okm));
    return error;
}
