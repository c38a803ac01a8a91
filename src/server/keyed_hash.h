/*
 * keyed_hash: SipHash-2-4 of two numbers.  Pure.
 *
 * For hash tables whose keys strangers choose, and with a counter as one of the numbers for random numbers that they
 * cannot foresee.  Jean-Philippe Aumasson and Daniel J. Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
#ifndef SERVER_KEYED_HASH_H
#define SERVER_KEYED_HASH_H

#include <stdint.h>

struct keyed_hash {
    uint64_t key[2]; /* random */
};

static inline uint64_t keyed_hash_rotate(uint64_t word, unsigned bits) {
    return word << bits | word >> (64 - bits);
}

static inline void keyed_hash_rounds(uint64_t v[static 4], unsigned rounds) {
    for (unsigned round = 0; round < rounds; round++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = keyed_hash_rotate(v[1], 13) ^ v[0];
        v[3] = keyed_hash_rotate(v[3], 16) ^ v[2];
        v[0] = keyed_hash_rotate(v[0], 32) + v[3];
        v[2] += v[1];
        v[3] = keyed_hash_rotate(v[3], 21) ^ v[0];
        v[1] = keyed_hash_rotate(v[1], 17) ^ v[2];
        v[2] = keyed_hash_rotate(v[2], 32);
    }
}

/* Of the 16 bytes that A and B make, little end first. */
static inline uint64_t keyed_hash(const struct keyed_hash *hash, uint64_t a, uint64_t b) {
    uint64_t v[4] = {
        hash->key[0] ^ UINT64_C(0x736f6d6570736575),
        hash->key[1] ^ UINT64_C(0x646f72616e646f6d),
        hash->key[0] ^ UINT64_C(0x6c7967656e657261),
        hash->key[1] ^ UINT64_C(0x7465646279746573),
    };
    const uint64_t words[] = {a, b, UINT64_C(16) << 56};

    for (unsigned i = 0; i < 3; i++) {
        v[3] ^= words[i];
        keyed_hash_rounds(v, 2);
        v[0] ^= words[i];
    }
    v[2] ^= 0xff;
    keyed_hash_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
