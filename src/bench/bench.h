/*
 * bench: what all trials share: keys, the server, and where results go.
 *
 * Errors: 0 or -1 with the text in `why`.  Single owner.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "src/bench/arguments.h"
#include "src/bench/crowd.h"
#include "src/bench/relay_process.h"
#include "src/bench/report.h"
#include "src/bench/workspace.h"

/* Users that a server is started for, more than any trial has. */
#define RELAY_CLIENTS 60000

struct bench {
    const struct arguments *arguments;
    struct workspace workspace;
    struct identity identity; /* of all users */
    struct relay_process relay;
    struct addrinfo *address; /* of the relay */
    struct report report;
    struct diagnostic why;
};

/* Makes or finds the users' key. */
int bench_open(struct bench *bench, const struct arguments *arguments) __attribute__((warn_unused_result));

/* Ends the server, and removes what was temporary. */
void bench_close(struct bench *bench);

/* Starts a fresh server whose key has BITS bits, with room for CLIENTS; or takes the one that the arguments name. */
int bench_start_relay(struct bench *bench, unsigned bits, size_t clients) __attribute__((warn_unused_result));
int bench_stop_relay(struct bench *bench) __attribute__((warn_unused_result));

/* A crowd for the relay, of OPAQUE users who send texts of SIZE bytes. */
int bench_crowd(struct bench *bench, struct crowd *crowd, size_t capacity, bool opaque, size_t size)
    __attribute__((warn_unused_result));

/* Ends a trial: everybody leaves, if ERROR is 0, and CROWD is freed.  The result of the trial. */
int bench_disperse(struct bench *bench, struct crowd *crowd, int error) __attribute__((warn_unused_result));

#endif
