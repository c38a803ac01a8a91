/*
 * trials: what can be measured.  Each makes a crowd of its own at the relay that bench_start_relay()
 * has started, lets it talk, checks that nothing is lost or out of order, and fills in a row.
 *
 * Errors: 0 or -1 with the text in the bench's `why`.
 */
#ifndef BENCH_TRIALS_H
#define BENCH_TRIALS_H

#include "src/bench/bench.h"

/* Who talks, and how. */
struct traffic {
    size_t pairs;
    uint64_t window;    /* messages of a pair on their way */
    uint64_t per_write; /* messages that are sent in one write */
    uint64_t messages;  /* of each pair */
    size_t size;        /* of a text, bytes */
    bool opaque;
};

/* Pairs of which one sends to the other. */
int trial_throughput(struct bench *bench, const struct traffic *traffic, struct report_row *row)
    __attribute__((warn_unused_result));

/* One sends to RECEIVERS others, a message each in one write, then waits for all to arrive; TRAFFIC says how often. */
int trial_fan_out(struct bench *bench, const struct traffic *traffic, size_t receivers, struct report_row *row)
    __attribute__((warn_unused_result));

/* One pair sends a message to and fro, while IDLE others are connected; and what those take of the server. */
int trial_round_trip(struct bench *bench, const struct traffic *traffic, size_t idle, struct report_row *row)
    __attribute__((warn_unused_result));

/* The same with none and with IDLE others in turns, so that the machine is the same for both: those are at a server of
 * their own, whose key has BITS bits. */
int trial_idle_beside_none(struct bench *bench, const struct traffic *traffic, size_t idle, unsigned bits,
                           struct report_row rows[static 2]) __attribute__((warn_unused_result));

/* COUNT handshakes, AT_ONCE of them at a time. */
int trial_handshakes(struct bench *bench, uint64_t count, size_t at_once, struct report_row *row)
    __attribute__((warn_unused_result));

/* The same traffic at the relay and at other servers that are installed, with keys of BITS bits; prints its rows
 * (others.c). */
int trial_others(struct bench *bench, unsigned bits) __attribute__((warn_unused_result));

/* The trial that the arguments ask for. */
int trial_run(struct bench *bench) __attribute__((warn_unused_result));

/* All of them with the limits beside them, and the ratios (set.c). */
int trial_set(struct bench *bench) __attribute__((warn_unused_result));

#endif
