/*
 * samples: measured times, of which percentiles are wanted.
 *
 * Single owner.
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
    uint64_t *values;
    size_t count, capacity;
};

/* Room for CAPACITY values.  0 or -ENOMEM. */
int samples_init(struct samples *samples, size_t capacity) __attribute__((warn_unused_result));
void samples_free(struct samples *samples);

/* What has no room is left out. */
void samples_add(struct samples *samples, uint64_t value);

/* The smallest value that at least PER_MILLE thousandths of all do not exceed; 0 if there are none.  Sorts them. */
uint64_t samples_percentile(struct samples *samples, unsigned per_mille);

#endif
