/*
 * signed_text: what a signature under a text covers.
 *
 * Used by a conversation, which signs and checks texts on their way, and by whoever checks one later, from a record of
 * it.  The signature names both identities and the session, so that it is good for one receiver and one session only.
 * Pure.
 *
 * chatsecure-protocol(7), "Signed texts".
 */
#ifndef PROTO_SIGNED_TEXT_H
#define PROTO_SIGNED_TEXT_H

#include "proto/error.h"
#include "proto/message.h"

struct signed_text {
    const uint8_t *sender;    /* csc_public_key_hash() of who wrote it, CSC_SHA256_SIZE bytes */
    const uint8_t *recipient; /* and of whom it was written to */
    const uint8_t *session;   /* MESSAGE_SESSION_SIZE bytes */
    struct span id;
    uint64_t time; /* Unix milliseconds */
    struct span body;
};

/* Signs TEXT with the sender's KEY into csc_private_key_size() bytes at SIGNATURE.  Takes milliseconds.
 * PROTO_E_CRYPTO. */
int signed_text_sign(const struct signed_text *text, const csc_private_key *key, uint8_t *signature)
    __attribute__((warn_unused_result));

/* Checks that SIGNATURE of SIZE bytes is the sender's KEY's of TEXT.  PROTO_E_INTEGRITY if not. */
int signed_text_verify(const struct signed_text *text, const csc_public_key *key, const uint8_t *signature, size_t size)
    __attribute__((warn_unused_result));

#endif
