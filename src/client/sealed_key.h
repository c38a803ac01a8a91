/*
 * sealed_key: a symmetric key in a file, encrypted for the identity.
 *
 * chatsecure(1), "MESSAGE HISTORY".
 */
#ifndef CLIENT_SEALED_KEY_H
#define CLIENT_SEALED_KEY_H

#include "src/common/identity.h"

/* Loads the key at PATH into *KEY, secret, which the caller frees; with MAKE, a missing one is made.  LABEL says what
 * the key is for, and is bound to it.  0 or -errno with WHY: -ENOENT: it is missing; -EKEYREJECTED: it was encrypted
 * for another identity. */
int sealed_key_load(csc_symkey **key, const char *label, const char *path, bool make, const struct identity *identity,
                    struct diagnostic *why) __attribute__((warn_unused_result));

#endif
