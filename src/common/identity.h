/*
 * identity: the long-term RSA key of a program's user, with its public half ready to send.
 *
 * Loaded from a file that nobody else may read, or made there on first use.  Immutable after that, and
 * may be shared by threads.
 * Errors: 0 or a negative csc_error with WHY.
 */
#ifndef COMMON_IDENTITY_H
#define COMMON_IDENTITY_H

#include "crypto/cscrypto.h"
#include "src/common/diagnostic.h"

/* Bits of a key that is made here: secure for as long as AES-128 by common estimates (NIST SP 800-57). */
#define IDENTITY_BITS 3072

/* What the file in a state directory is called. */
#define IDENTITY_FILE "identity.pem"

struct identity {
    csc_private_key *key; /* secret */
    char *pem;            /* of the public half */
    char fingerprint[CSC_FINGERPRINT_SIZE];
    bool made; /* by this call, not found */
};

/* Loads the key at PATH; PASSWORD opens it if it is encrypted, else it is NULL or ignored.  CSC_ERR_PASSWORD_NEEDED and
 * CSC_ERR_PASSWORD_WRONG are for a caller that can ask. */
int identity_load(struct identity *identity, const char *path, const char *password, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The same, and makes a key there first if there is no file.  When two programs do so at once, both end with the key
 * of the one that was first.  Takes a second or so. */
int identity_load_or_make(struct identity *identity, const char *path, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Wipes.  Legal on a zeroed struct. */
void identity_free(struct identity *identity);

#endif
