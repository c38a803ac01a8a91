/*
 * measure: what a trial takes of the relay, from one moment to another.
 *
 * Single owner.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "src/bench/trials.h"

struct measure {
    struct usage usage;
    uint64_t wall_ns;
    uint64_t relayed;
};

void measure_begin(struct measure *measure, const struct bench *bench, const struct crowd *crowd);

/* Adds what was measured since BEGUN, in which MESSAGES were delivered, to ROW.  A payload is what the relay carries: a
 * message, and end to end a receipt too. */
void measure_add(struct report_row *row, const struct measure *begun, const struct bench *bench,
                 const struct crowd *crowd, uint64_t messages);

/* Begins ROW of TRIAL, and its label with what TRAFFIC is like. */
void measure_name(struct report_row *row, const char *trial, const struct traffic *traffic);

#endif
