/*
 * schedule: the key schedule of the handshake, from what was exchanged to the keys.
 *
 * Apart from the handshake so that it can be held against known answers.  Pure.
 *
 * chatsecure-protocol(7), "The key schedule".
 */
#ifndef PROTO_SCHEDULE_H
#define PROTO_SCHEDULE_H

#include "crypto/cscrypto.h"
#include "proto/span.h"
#include "proto/suite.h"

/* A 32-byte password and a 16-byte IV: what each side sends the other under RSA-OAEP. */
#define SCHEDULE_SECRET_SIZE 48

struct schedule_input {
    struct span m1, m2; /* the exact bytes of phases 1 and 2 */
    enum suite suite;
    struct span c3;                  /* phase 3's secret, still encrypted */
    struct span d3;                  /* phase 3's dh; empty in connect */
    const uint8_t *initiator_secret; /* SCHEDULE_SECRET_SIZE bytes each, secret */
    const uint8_t *responder_secret;
    const uint8_t *shared; /* the X25519 result, CSC_X25519_SIZE bytes, secret */
};

struct schedule_keys {
    uint8_t transcript[CSC_SHA256_SIZE]; /* TH */
    union {
        struct {
            uint8_t initiator_key[CSC_SYMKEY_SIZE], initiator_mac[CSC_SYMKEY_SIZE]; /* what I sends under */
            uint8_t responder_key[CSC_SYMKEY_SIZE], responder_mac[CSC_SYMKEY_SIZE];
        } connect;
        struct {
            uint8_t root[CSC_SHA256_SIZE];
        } peer;
    };
    uint8_t confirm_initiator[CSC_SHA256_SIZE]; /* the values that travel, not their keys */
    uint8_t confirm_responder[CSC_SHA256_SIZE];
};

/* Derives KEYS, which are secret but for the transcript, for connect or (PEER) client-connect.  The caller wipes them.
 */
int schedule_derive(struct schedule_keys *keys, bool peer, const struct schedule_input *input)
    __attribute__((warn_unused_result));

#endif
