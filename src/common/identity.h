/*
 * identity: the long-term RSA key of a program's user, with its public half ready to send.
 *
 * Loaded from a file that nobody else may read, or made there on first use.  As ssh does, a file of the user's own
 * that others may read or write is refused, whether it is encrypted or not.  Immutable after that, and may be shared by
 * threads.
 * Errors: 0 or a negative csc_error with WHY.
 */
#ifndef COMMON_IDENTITY_H
#define COMMON_IDENTITY_H

#include "crypto/cscrypto.h"
#include "src/common/passphrase.h"

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

/* Whether the file of a private key at PATH is one, and nobody else's to read or write.  CSC_ERR_SYSTEM with WHY. */
int identity_check_file(const char *path, struct diagnostic *why) __attribute__((warn_unused_result));

/* Loads the key at PATH.  One that is encrypted is opened with what SOURCE has, or else a person is asked on the
 * terminal.  CSC_ERR_PASSWORD_NEEDED: there is nobody to ask, or SOURCE has nothing; CSC_ERR_PASSWORD_WRONG. */
int identity_load(struct identity *identity, const char *path, const struct passphrase_source *source,
                  struct diagnostic *why) __attribute__((warn_unused_result));

/* The same, and makes a key there first if there is no file, encrypted if SOURCE is given.  When two programs do so at
 * once, both end with the key of the one that was first.  Takes a second or so. */
int identity_load_or_make(struct identity *identity, const char *path, const struct passphrase_source *source,
                          struct diagnostic *why) __attribute__((warn_unused_result));

/* Makes a key of BITS at PATH, encrypted unless PASSPHRASE is NULL.  What is there already is left alone:
 * CSC_ERR_SYSTEM with errno EEXIST. */
int identity_make(struct identity *identity, const char *path, unsigned bits, const char *passphrase,
                  struct diagnostic *why) __attribute__((warn_unused_result));

/* The user's wish for a new key, into PASSPHRASE: what SOURCE has; else, if ASK, what a person types twice, empty for
 * none; else none, "". CSC_ERR_PASSWORD_NEEDED. */
int identity_choose_passphrase(char passphrase[static PASSPHRASE_SIZE], const struct passphrase_source *source,
                               bool ask, struct diagnostic *why) __attribute__((warn_unused_result));

/* Wipes.  Legal on a zeroed struct. */
void identity_free(struct identity *identity);

#endif
