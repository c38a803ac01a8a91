/*
 * crowd: many users of one server in one process, over one poll loop.
 *
 * Users come in order of their number and are named after it.  The first ones are active: each step
 * waits for them.  The others rest: they are looked after a few times a second, which is enough to
 * answer the server's ping, so that thousands of them cost a measurement nothing.
 * The first thing that goes wrong is kept, and every step from then on returns -1.
 * Single owner.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "src/bench/user.h"
#include <netdb.h>
#include <poll.h>
#include <signal.h>

/* What takes the messages of users (flow.h has one); so that a crowd knows nothing of what its users say. */
struct crowd_listener {
    /* USER has received PAYLOAD, which another user has sent. */
    void (*take)(struct user *user, const struct route *route, struct span payload);

    /* USER has nothing more to take for now. */
    void (*drained)(struct user *user);

    /* Called every few milliseconds, unless the crowd is opaque. */
    void (*tick)(struct crowd *crowd);
};

struct crowd_config {
    const struct addrinfo *address;  /* borrowed */
    const struct identity *identity; /* borrowed; everybody's */
    struct suite_list suites;
    const struct crowd_listener *listener; /* static */
    bool opaque;                           /* random bytes in the place of the end-to-end layer */
    size_t size;                           /* of a text, bytes */
    uint64_t timeout;                      /* milliseconds without any event after which something is lost */
};

struct crowd {
    struct crowd_config config;
    struct user **users;
    struct pollfd *fds;
    size_t count, capacity;
    size_t first, end;     /* users [first, end) are active */
    size_t ready;          /* users that are registered */
    uint64_t accepted;     /* handshakes that were done until now */
    uint64_t relayed;      /* payloads of others that have come */
    uint64_t now;          /* monotonic milliseconds, of the last step */
    uint64_t progress;     /* when something last happened */
    uint64_t looked_after; /* when those who rest last were */
    uint64_t ticked;       /* when the conversations' clocks last were looked at */
    bool failed;
    struct diagnostic why;
};

/* Has room for CAPACITY users.  0, or -1: no memory. */
int crowd_init(struct crowd *crowd, const struct crowd_config *config, size_t capacity)
    __attribute__((warn_unused_result));
void crowd_free(struct crowd *crowd);

/* Connects users until there are COUNT of them, all active, a few at a time. */
int crowd_grow(struct crowd *crowd, size_t count) __attribute__((warn_unused_result));

/* Users from FIRST on rest from now on. */
void crowd_rest(struct crowd *crowd, size_t first);

/* Waits until a user has something to do, and has it done.  A timeout is a failure. */
int crowd_step(struct crowd *crowd) __attribute__((warn_unused_result));

/* Everybody says bye and is gone. */
int crowd_leave(struct crowd *crowd) __attribute__((warn_unused_result));

/* Notes what went wrong, unless something has before. */
void crowd_fail(struct crowd *crowd, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Set by the program when it is to end: a step fails then. */
extern volatile sig_atomic_t crowd_interrupted;

#endif
