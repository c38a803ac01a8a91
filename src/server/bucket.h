/*
 * bucket: a token bucket, which holds a flow to a rate on average and lets a burst pass.
 *
 * What is taken may be more than is there: the bucket is in debt then, and ready when the debt is paid.  Kept as the
 * time at which it will be full again, so a zeroed one is full and nothing needs to tick.
 * Pure: the clock, in milliseconds of any origin that never goes back, is an argument.
 */
#ifndef SERVER_BUCKET_H
#define SERVER_BUCKET_H

#include <stdint.h>

/* Neither exceeds what a limit of limits.h can be. */
struct bucket_rate {
    uint64_t per_second; /* 0: no bound */
    uint64_t burst;      /* the time whose tokens it holds, milliseconds */
};

struct bucket {
    uint64_t full; /* nanoseconds */
};

/* When something may be taken: NOW or earlier if at once. */
uint64_t bucket_ready(const struct bucket *bucket, const struct bucket_rate *rate);

/* Takes AMOUNT, up to 2^32. */
void bucket_take(struct bucket *bucket, const struct bucket_rate *rate, uint64_t amount, uint64_t now);

#endif
