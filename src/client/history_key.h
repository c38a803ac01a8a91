/*
 * history_key: the key of a history, in a file that the identity opens.
 *
 * Private to history.c.
 */
#ifndef CLIENT_HISTORY_KEY_H
#define CLIENT_HISTORY_KEY_H

#include "src/common/identity.h"

/* Loads the key at PATH, or makes one there if MAKE.  -ENOENT, -EKEYREJECTED: it is for another identity, -errno. */
int history_key_load(csc_symkey **key, const char *path, bool make, const struct identity *identity,
                     struct diagnostic *why) __attribute__((warn_unused_result));

#endif
