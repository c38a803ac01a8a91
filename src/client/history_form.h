/*
 * history_form: encodes the plaintext of a record of the history.
 *
 * Entries are written in the newest format; the first one is still read.  Pure.
 *
 * chatsecure(1), "MESSAGE HISTORY".
 */
#ifndef CLIENT_HISTORY_FORM_H
#define CLIENT_HISTORY_FORM_H

#include "proto/conversation.h"
#include "proto/name.h"

struct history_entry {
    bool sent;                              /* the user has sent it to `name`; else `name` to the user */
    uint64_t time;                          /* Unix milliseconds */
    struct span name;                       /* a valid one */
    struct span text;                       /* at most MESSAGE_BODY_MAX bytes */
    struct span own;                        /* the user's own name, empty if it is not known */
    struct span id;                         /* empty if it is not known */
    struct span fingerprint;                /* of the key of `name`, empty if it is not known or the message was sent */
    const struct text_signature *signature; /* NULL: it is not signed */
};

/* The most bytes of the signature of a message with all it covers, and of an entry. */
#define HISTORY_PROOF_MAX (MESSAGE_SESSION_SIZE + 2 + CSC_RSA_MAX_SIZE + CSC_FINGERPRINT_SIZE + TEXT_SIGNATURE_KEY_SIZE)
#define HISTORY_FORM_MAX                                                                                               \
    (15 + 2 * NAME_LENGTH_MAX + MESSAGE_ID_MAX + CSC_FINGERPRINT_SIZE + HISTORY_PROOF_MAX + MESSAGE_BODY_MAX)

/* Encodes ENTRY to OUT, and returns its size. */
size_t history_form_write(uint8_t out[static HISTORY_FORM_MAX], const struct history_entry *entry);

/* Decodes the SIZE bytes at DATA to ENTRY, whose spans point into them, and whose signature, if there is one, is
 * SIGNATURE. False: they are no entry. */
bool history_form_read(struct history_entry *entry, struct text_signature *signature, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));

#endif
