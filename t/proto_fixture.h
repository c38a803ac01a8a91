/*
 * proto_fixture: what the tests of proto share.
 *
 * One thread; a failure of set-up ends the program.
 */
#ifndef CHATSECURE_T_PROTO_FIXTURE_H
#define CHATSECURE_T_PROTO_FIXTURE_H

#include "proto/buffer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Ends the program with what was needed unless it holds. */
void require(bool holds, const char *what);

/* A copy of SIZE bytes in memory of just that size, so that a sanitizer sees every byte read or written beyond it.
 * The caller frees it. */
char *copy_exact(const void *data, size_t size);

/* Numbers that are the same in every run (splitmix64); below LIMIT, which is not 0, for the second. */
struct prng {
    uint64_t state;
};
uint64_t prng_next(struct prng *prng);
size_t prng_below(struct prng *prng, size_t limit);

/* Changes 1 to 4 places of the *SIZE bytes at DATA, which has room for CAPACITY: bits, bytes, pieces taken out, put
 * twice, or overwritten with what a parser may trip over. */
void prng_mutate(struct prng *prng, char *data, size_t *size, size_t capacity);

/* Seconds of processor time used so far. */
double processor_seconds(void);

/* How many times slower this run may be: $CHATSECURE_TEST_SCALE, at least 1. */
double test_scale(void);

#endif
