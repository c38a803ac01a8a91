/*
 * ratchet: the Double Ratchet between two clients.
 *
 * Signal's algorithm (Perrin, Marlinspike, revision of 2016-11-20) with X25519, HKDF-SHA256 and
 * AES-CBC with HMAC.  Made by a handshake, used by a conversation.
 * State moves only when a MAC holds: a failed ratchet_open() leaves everything as it was.
 * Keys for messages that are late are kept, at most RATCHET_SKIPPED_MAX of them, the oldest forgotten
 * first.  Every key is wiped when it has been used.  Single owner.
 *
 * chatsecure-protocol(7), "The ratchet".
 */
#ifndef PROTO_RATCHET_H
#define PROTO_RATCHET_H

#include "crypto/cscrypto.h"
#include "proto/buffer.h"
#include "proto/message.h"

/* Also the most that a message may run ahead: more would let a peer order a million hashes. */
#define RATCHET_SKIPPED_MAX 1000

struct ratchet;

struct ratchet_config {
    enum suite suite;
    const uint8_t *transcript; /* TH, 32 bytes */
    const uint8_t *root;       /* 32 bytes, secret */
    const uint8_t *secret;     /* own first ratchet key, 32 bytes, secret; its public half travelled */
    const uint8_t *peer;       /* the peer's, 32 bytes */
    bool initiator;
};

/* Copies all it needs.  PROTO_E_MEMORY, PROTO_E_CRYPTO, PROTO_E_HANDSHAKE (a peer's key of low order). */
int ratchet_new(struct ratchet **ratchet, const struct ratchet_config *config) __attribute__((warn_unused_result));

/* Wipes.  NULL is legal. */
void ratchet_free(struct ratchet *ratchet);

/* The first bytes of TH, by which messages name the session. */
const uint8_t *ratchet_session(const struct ratchet *ratchet);

/* Encrypts INNER and appends a whole client-com with SRC, DST and ID to OUT.
 * PROTO_E_EXHAUSTED, PROTO_E_FULL, PROTO_E_MEMORY. */
int ratchet_seal(struct ratchet *ratchet, struct span src, struct span dst, struct span id, struct span inner,
                 struct buffer *out) __attribute__((warn_unused_result));

/* Opens a client-com and appends the inner text to OUT.
 *   PROTO_E_SESSION    it names another session
 *   PROTO_E_REPLAY     its key was used already, or is no longer kept
 *   PROTO_E_INTEGRITY  anything else that is wrong with it
 *   PROTO_E_CRYPTO, PROTO_E_MEMORY, PROTO_E_FULL  this side's trouble */
int ratchet_open(struct ratchet *ratchet, const struct message *com, struct buffer *out)
    __attribute__((warn_unused_result));

#endif
