/*
 * guests: users of a rival in one process, each over TLS.
 *
 * Texts are numbered, and one that is lost, doubled or out of order fails.  Errors: 0 or -1 with `why`.  Single owner.
 */
#ifndef BENCH_GUESTS_H
#define BENCH_GUESTS_H

#include "src/bench/rival.h"
#include "src/bench/tls.h"
#include <poll.h>

struct guest {
    struct tls tls;
    struct buffer in;
    bool welcome, joined;
    uint64_t arrived; /* messages */
};

struct guests {
    const struct rival_process *process;
    struct guest *guests;
    struct pollfd *fds;
    size_t count, capacity;
    size_t size;      /* of a text, bytes */
    uint64_t timeout; /* milliseconds without anything */
    struct diagnostic why;
};

int guests_init(struct guests *guests, const struct rival_process *process, size_t capacity, size_t size,
                uint64_t timeout) __attribute__((warn_unused_result));

/* They hang up. */
void guests_free(struct guests *guests);

/* Connects one more, who joins the GROUP or not. */
int guests_add(struct guests *guests, bool group) __attribute__((warn_unused_result));

/* The last one says goodbye and is gone. */
int guests_remove(struct guests *guests) __attribute__((warn_unused_result));

/* Guest 0 sends guest 1 the texts from number FIRST on, COUNT of them in one write; or one to the group, whose number
 * FIRST is. */
int guests_tell(struct guests *guests, uint64_t first, uint64_t count) __attribute__((warn_unused_result));
int guests_tell_group(struct guests *guests, uint64_t number) __attribute__((warn_unused_result));

/* Waits until something has come, and takes it. */
int guests_step(struct guests *guests) __attribute__((warn_unused_result));

#endif
