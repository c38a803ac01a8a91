/*
 * id_set: remembers the last few thousand ids, to hand nothing on twice.
 *
 * Two generations of a hash table: ids go into the younger, and when that is full the older is
 * forgotten as a whole, so at least half of ID_SET_MAX are remembered, eight windows of a sender, at
 * no cost a message.  An id is kept as the first 16 bytes of its SHA-256.  Single owner.
 */
#ifndef PROTO_ID_SET_H
#define PROTO_ID_SET_H

#include "proto/span.h"

#include <stdint.h>

#define ID_SET_MAX 4096

enum id_state { ID_UNKNOWN, ID_SEEN, ID_DONE, ID_EXPIRED, ID_FAILED, ID_DECLINED };

struct id_generation {
    struct id_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t used;
};

struct id_set {
    struct id_generation young, old;
};

/* What is known of ID under OWNER (a fingerprint). */
enum id_state id_set_find(const struct id_set *set, struct span owner, struct span id);

/* Notes STATE, not ID_UNKNOWN, of an id.  PROTO_E_MEMORY. */
int id_set_note(struct id_set *set, struct span owner, struct span id, enum id_state state)
    __attribute__((warn_unused_result));

void id_set_free(struct id_set *set);

#endif
