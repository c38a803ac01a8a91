/*
 * handshake: four messages that leave two parties with shared keys and each with the other's proven
 * identity.
 *
 * One machine for both roles (initiator, responder) and both uses (client to server, client to
 * client); role and use are data.  Messages go in parsed and out as JSON objects; who carries them, in
 * what, is the caller's.  Used by link (connect) and conversation (client-connect).
 * Wipes its ephemeral secrets as soon as the keys stand, and on every error; after an error it can
 * only be asked what was known before, and freed.
 * Single owner.  Errors: PROTO_E_STATE for a call or message out of order, PROTO_E_SUITE, PROTO_E_KEY,
 * PROTO_E_HANDSHAKE, PROTO_E_CRYPTO, PROTO_E_MEMORY.
 *
 *   initiator                                responder
 *   handshake_start -> phase 1               handshake_read(1), decide on the key
 *   handshake_read(2), decide on the key     handshake_accept -> phase 2
 *   handshake_accept -> phase 3              handshake_read(3), handshake_verify
 *   handshake_read(4)                        handshake_finish -> phase 4
 *
 * chatsecure-protocol(7), "The handshake".
 */
#ifndef PROTO_HANDSHAKE_H
#define PROTO_HANDSHAKE_H

#include "proto/channel.h"
#include "proto/message.h"
#include "proto/ratchet.h"

enum handshake_role { HANDSHAKE_INITIATOR, HANDSHAKE_RESPONDER };
enum handshake_use { HANDSHAKE_CONNECT, HANDSHAKE_PEER };

struct handshake;

struct handshake_config {
    enum handshake_role role;
    enum handshake_use use;
    const csc_private_key *identity;  /* borrowed: outlives the handshake, may be shared */
    const char *identity_pem;         /* its public key, borrowed likewise */
    const char *self;                 /* own name */
    const char *peer;                 /* HANDSHAKE_PEER: the other's name; else NULL */
    const struct suite_list *suites;  /* accepted, preferred first */
    const struct certificates *chain; /* to show with the key, borrowed, or NULL: responder of HANDSHAKE_CONNECT */
    const struct attest *attest;      /* the same for anybody else */
};

int handshake_new(struct handshake **handshake, const struct handshake_config *config)
    __attribute__((warn_unused_result));

/* Wipes.  NULL is legal. */
void handshake_free(struct handshake *handshake);

/* Initiator: writes phase 1 to OUT. */
int handshake_start(struct handshake *handshake, struct buffer *out) __attribute__((warn_unused_result));

/* Takes the phase that is due; RAW is the message's exact bytes, as they travelled. */
int handshake_read(struct handshake *handshake, const struct message *message, struct span raw)
    __attribute__((warn_unused_result));

/* The fingerprint of the peer's key, known after phase 1 (responder) or 2 (initiator).  Not yet proven then. */
const char *handshake_peer_fingerprint(const struct handshake *handshake);

/* The key itself, and what the peer showed with it, NULL if nothing; known as long, and until handshake_free(). */
const csc_public_key *handshake_peer_key(const struct handshake *handshake);
const struct certificates *handshake_peer_chain(const struct handshake *handshake);
const struct attest *handshake_peer_attest(const struct handshake *handshake);

/* The peer's key is trusted: writes phase 2 (responder) or 3 (initiator). */
int handshake_accept(struct handshake *handshake, struct buffer *out) __attribute__((warn_unused_result));

/* Responder, after phase 3: the RSA private operation and the check of `confirm`.  PROTO_E_HANDSHAKE for every
 * defect alike.  Milliseconds long; the caller may hold it back to limit how many run at once. */
int handshake_verify(struct handshake *handshake) __attribute__((warn_unused_result));

/* Responder, after handshake_verify(): writes phase 4.  SESSION_ID only for connect. */
int handshake_finish(struct handshake *handshake, uint64_t session_id, struct buffer *out)
    __attribute__((warn_unused_result));

/* Responder: phase 2 was written. */
bool handshake_is_answered(const struct handshake *handshake);

/* Initiator: phase 3 was written, phase 4 is awaited. */
bool handshake_is_proving(const struct handshake *handshake);

/* True when the peer's proof was seen. */
bool handshake_is_complete(const struct handshake *handshake);

/* client-connect: the key that the peer has proven, once the handshake is complete; the caller owns it.  NULL before,
 * and when it was taken already. */
csc_public_key *handshake_take_peer_key(struct handshake *handshake);

/* The suite agreed on; from phase 3 on. */
enum suite handshake_suite(const struct handshake *handshake);

/* The `id` of the phase 1 or 2 that this side wrote, in base64 as it travels: what an error answer names.  Empty
 * before. */
struct span handshake_id(const struct handshake *handshake);

/* The same of phase 1, whichever side wrote it: what tells this handshake from any other. */
struct span handshake_offer_id(const struct handshake *handshake);

/* connect: the two directions as this side sees them; from handshake_accept() (initiator) or handshake_verify()
 * (responder) on, once.  The caller owns both. */
int handshake_channels(struct handshake *handshake, struct channel_sender **sender, struct channel_receiver **receiver)
    __attribute__((warn_unused_result));

/* client-connect: the ratchet, once the handshake is complete.  The caller owns it. */
int handshake_ratchet(struct handshake *handshake, struct ratchet **ratchet) __attribute__((warn_unused_result));

#endif
