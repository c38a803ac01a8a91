/*
 * sealed_key: a key for what is kept on the disk, in a file that only the identity opens.
 *
 * chatsecure(1), "MESSAGE HISTORY".
 */
#ifndef CLIENT_SEALED_KEY_H
#define CLIENT_SEALED_KEY_H

#include "src/common/identity.h"

/* Loads the key at PATH, which is for what LABEL says, or makes one there if MAKE.  -ENOENT, -EKEYREJECTED: it is for
 * another identity, -errno. */
int sealed_key_load(csc_symkey **key, const char *label, const char *path, bool make, const struct identity *identity,
                    struct diagnostic *why) __attribute__((warn_unused_result));

#endif
