/*
 * backoff: exponential backoff, how long to wait before the next try.
 *
 * Each wait is twice as long as the one before, up to a bound, less a random part, so that clients that lost one server
 * at the same moment do not all come back at the same moment.  Pure but for random numbers.  Single owner.
 */
#ifndef CLIENT_BACKOFF_H
#define CLIENT_BACKOFF_H

#include <stdint.h>

/* The first wait and the longest, milliseconds, before the random part, at most a half, is taken off. */
#define BACKOFF_FIRST_MS 200
#define BACKOFF_MAX_MS   30000

struct backoff {
    unsigned tries; /* waits so far; 0 begins anew */
};

/* Milliseconds to wait before the next try. */
uint64_t backoff_next(struct backoff *backoff);

#endif
