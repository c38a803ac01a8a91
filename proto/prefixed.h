/*
 * prefixed: lp(x) of the protocol page, a piece of what is hashed or signed: its length in four bytes, then itself.
 *
 * Pure.  chatsecure-protocol(7), "Bytes that are hashed".
 */
#ifndef PROTO_PREFIXED_H
#define PROTO_PREFIXED_H

#include "crypto/cscrypto.h"
#include "proto/span.h"

struct prefixed {
    uint8_t length[4];
    struct span data; /* borrowed */
};

static inline struct prefixed prefix(struct span data) {
    return (struct prefixed){
        {(uint8_t)(data.size >> 24), (uint8_t)(data.size >> 16), (uint8_t)(data.size >> 8), (uint8_t)data.size}, data};
}

/* Sets 2 * COUNT parts to the COUNT pieces, which stay where they are as long as the parts are used. */
static inline void prefixed_parts(struct csc_part *parts, const struct prefixed *pieces, size_t count) {
    for (size_t i = 0; i < count; i++) {
        parts[2 * i] = (struct csc_part){pieces[i].length, sizeof(pieces[i].length)};
        parts[2 * i + 1] = (struct csc_part){pieces[i].data.data, pieces[i].data.size};
    }
}

#endif
