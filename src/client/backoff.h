/*
 * backoff: how long to rest before the next try.
 *
 * Each rest is twice as long as the one before, up to a bound, and a random part of it is left out, so that clients
 * that lost one server at once do not come back at once.  Pure but for random numbers.  Single owner.
 */
#ifndef CLIENT_BACKOFF_H
#define CLIENT_BACKOFF_H

#include <stdint.h>

/* The first rest and the longest, milliseconds.  The random part is at most the half. */
#define BACKOFF_FIRST_MS 200
#define BACKOFF_MAX_MS   30000

struct backoff {
    unsigned tries; /* rests so far */
};

/* Milliseconds of the next rest. */
uint64_t backoff_next(struct backoff *backoff);

#endif
