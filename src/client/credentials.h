/*
 * credentials: the user's own certificate, and what its key has signed.
 *
 * The attest is made once, with the key in a file or on a token, and kept beside the identity, so that the key is not
 * needed again; it is made anew when name, identity key or certificate have changed or it has expired.
 * What goes wrong is said on stderr; the status is what the program should end with.  Single owner.
 *
 * chatsecure(1), "CERTIFICATES".
 */
#ifndef CLIENT_CREDENTIALS_H
#define CLIENT_CREDENTIALS_H

#include "proto/attest.h"
#include "src/client/exit_status.h"
#include "src/common/identity.h"

/* What the command line says of it; strings are borrowed. */
struct credentials_config {
    const char *certificate;             /* file of certificates, the user's own first; NULL: what lies on the token */
    const char *key;                     /* file of its private key; NULL: on the token */
    struct passphrase_source passphrase; /* opens the key; not given: ask */
    const char *token;                   /* pkcs11: URL; NULL: there is none */
    const char *pin_file;                /* its first line is the PIN; NULL: ask */
    const char *name;                    /* the user's; NULL: not known yet */
};

/* Sets *ATTEST, which the caller frees, to the one that is to be shown, or to NULL.  One that is kept beside the
 * identity at IDENTITY_PATH is taken if it fits CONFIG; without a certificate in CONFIG that is all. */
enum exit_status credentials_load(struct attest **attest, const struct credentials_config *config,
                                  const struct identity *identity, const char *identity_path);

#endif
