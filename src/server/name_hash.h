/*
 * name_hash: where a folded name belongs in a hash table.  Pure.
 *
 * The seed is random for each table: names are chosen by strangers, who shall not be able to choose
 * many that fall into one bucket.
 */
#ifndef SERVER_NAME_HASH_H
#define SERVER_NAME_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline size_t name_hash(uint64_t seed, const char *folded) {
    uint64_t hash = seed;

    for (; *folded != '\0'; folded++) {
        hash ^= (uint8_t)*folded;
        hash *= UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return (size_t)(hash ^ hash >> 32);
}

#endif
