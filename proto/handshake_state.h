/*
 * handshake_state: what the two files of handshake share.
 *
 * handshake.c goes from phase to phase; handshake_result.c tells what is known so far and hands out what comes of it.
 * Only these two include this.
 */
#ifndef PROTO_HANDSHAKE_STATE_H
#define PROTO_HANDSHAKE_STATE_H

#include "proto/handshake.h"
#include "proto/schedule.h"

/* What is due next. */
enum step {
    STEP_START,  /* I: handshake_start() */
    STEP_READ_1, /* R */
    STEP_READ_2, /* I */
    STEP_DECIDE, /* handshake_accept() */
    STEP_READ_3, /* R */
    STEP_VERIFY, /* R: handshake_verify() */
    STEP_FINISH, /* R: handshake_finish() */
    STEP_READ_4, /* I */
    STEP_COMPLETE,
    STEP_FAILED,
};

/* Wiped as soon as the keys stand, or the handshake fails. */
struct ephemeral {
    uint8_t dh_secret[CSC_X25519_SIZE];
    uint8_t secret[SCHEDULE_SECRET_SIZE]; /* what this side chose: s_I or s_R */
};

struct handshake {
    enum handshake_role role;
    enum handshake_use use;
    enum step step;
    const csc_private_key *identity;
    const char *identity_pem;
    char self[NAME_SIZE];
    char peer[NAME_SIZE];
    struct suite_list suites; /* accepted here; from phase 1 or 2 on, those in common */
    enum suite suite;

    struct ephemeral ephemeral;
    struct buffer m1, m2;
    uint8_t peer_dh[CSC_X25519_SIZE];
    csc_public_key *peer_key;
    const struct certificates *own_chain; /* shown with the key, or NULL */
    const struct attest *own_attest;
    struct certificates *peer_chain; /* what the peer showed, or NULL */
    struct attest *peer_attest;
    char fingerprint[CSC_FINGERPRINT_SIZE];
    char id[CSC_BASE64_LENGTH(MESSAGE_NONCE_SIZE) + 1];       /* of the phase 1 or 2 written here */
    char offer_id[CSC_BASE64_LENGTH(MESSAGE_NONCE_SIZE) + 1]; /* of phase 1, whoever wrote it */

    uint8_t received_secret[CSC_RSA_MAX_SIZE]; /* the peer's, encrypted: phase 2's or 3's */
    size_t received_secret_size;
    uint8_t received_confirm[CSC_SHA256_SIZE]; /* phase 3's */

    struct schedule_keys keys;               /* from phase 3 on */
    uint8_t ratchet_secret[CSC_X25519_SIZE]; /* client-connect: own first ratchet key, and the peer's */
    uint8_t ratchet_peer[CSC_X25519_SIZE];
    bool handed_out; /* the keys are gone */
};

/* Wipes the keys that were derived, and the secret half of the first ratchet key. */
void handshake_wipe_keys(struct handshake *handshake);

#endif
