/*
 * credentials: the user's own certificate, and the attest that its key signs for the identity.
 *
 * An attest ties the identity's key and the user's name to the certificate.  It is signed once, with a key in a file or
 * on a token, and kept beside the identity, so that the certificate's key is not needed again until the name, the
 * identity's key or the certificate change, or the certificate expires.
 * What goes wrong is said on stderr.  PIN and passphrase are wiped on all paths.  Single owner.
 *
 * chatsecure(1), "CERTIFICATES".
 */
#ifndef CLIENT_CREDENTIALS_H
#define CLIENT_CREDENTIALS_H

#include "proto/attest.h"
#include "src/client/exit_status.h"
#include "src/common/identity.h"

/* What the command line says of the certificate; strings are borrowed. */
struct credentials_config {
    const char *certificate;             /* file of certificates, the user's own first; NULL: take the token's */
    const char *key;                     /* file of its private key; NULL: it is on the token */
    struct passphrase_source passphrase; /* opens the file of the key; if it is not given, the person is asked */
    const char *token;                   /* pkcs11: URL, or NULL */
    const char *pin_file;                /* its first line is the PIN; NULL: the person is asked */
    const char *name;                    /* the user's; NULL: not known yet */
};

/* Sets *ATTEST, which the caller frees, to the attest to show to others, or to NULL if there is none.  The one that is
 * kept beside IDENTITY_PATH is used if it fits CONFIG; else a new one is signed, if CONFIG has a certificate or a
 * token. STATUS_OK, or what the program is to end with. */
enum exit_status credentials_load(struct attest **attest, const struct credentials_config *config,
                                  const struct identity *identity, const char *identity_path);

#endif
