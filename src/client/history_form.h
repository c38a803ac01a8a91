/*
 * history_form: what a record of the history says, as bytes.
 *
 * Written in the newest form; the first one is still read.  Pure.
 *
 * chatsecure(1), "MESSAGE HISTORY".
 */
#ifndef CLIENT_HISTORY_FORM_H
#define CLIENT_HISTORY_FORM_H

#include "proto/conversation.h"
#include "proto/name.h"

struct history_entry {
    bool sent;                              /* by the user, to `name`; else by `name` */
    uint64_t time;                          /* Unix milliseconds */
    struct span name;                       /* a valid one */
    struct span text;                       /* at most MESSAGE_BODY_MAX bytes */
    struct span own;                        /* the user's name, empty if it is not known */
    struct span id;                         /* empty if it is not known */
    struct span fingerprint;                /* of the key of `name`, empty if it is not known or the message was sent */
    const struct text_signature *signature; /* NULL: there is none */
};

/* Bytes of the proof of a signed message, and of an entry. */
#define HISTORY_PROOF_MAX (MESSAGE_SESSION_SIZE + 2 + CSC_RSA_MAX_SIZE + CSC_FINGERPRINT_SIZE + TEXT_SIGNATURE_KEY_SIZE)
#define HISTORY_FORM_MAX                                                                                               \
    (15 + 2 * NAME_LENGTH_MAX + MESSAGE_ID_MAX + CSC_FINGERPRINT_SIZE + HISTORY_PROOF_MAX + MESSAGE_BODY_MAX)

/* Writes ENTRY, and returns its size. */
size_t history_form_write(uint8_t out[static HISTORY_FORM_MAX], const struct history_entry *entry);

/* Reads the entry of SIZE bytes at DATA, which its spans point into, and its signature to SIGNATURE.  False: it is
 * none. */
bool history_form_read(struct history_entry *entry, struct text_signature *signature, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));

#endif
