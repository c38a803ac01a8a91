/*
 * relay_process: the server under test.
 *
 * A server of its own on a free port of the loopback with a temporary state directory, started and
 * ended by the generator; or one that runs already, of which only the address and perhaps the process
 * number are known.
 * Errors: 0 or -1 with WHY.  Single owner.
 */
#ifndef BENCH_RELAY_PROCESS_H
#define BENCH_RELAY_PROCESS_H

#include "src/bench/usage.h"
#include "src/common/diagnostic.h"
#include "src/common/net.h"
#include <stdbool.h>

struct relay_process {
    struct net_endpoint endpoint;
    pid_t pid;  /* 0: unknown, and nothing can be said of what it takes */
    bool owned; /* to be ended */
};

/* Starts PROGRAM with the private key at KEY for CLIENTS clients; what it keeps goes to the folder STATE. */
int relay_process_start(struct relay_process *relay, const char *program, const char *key, const char *state,
                        size_t clients, struct diagnostic *why) __attribute__((warn_unused_result));

/* Ends it, if it was started here, and waits until it is gone.  -1 unless it ended with status 0. */
int relay_process_stop(struct relay_process *relay, struct diagnostic *why);

/* What it has taken until now; zeros if that is unknown. */
struct usage relay_process_usage(const struct relay_process *relay);

#endif
