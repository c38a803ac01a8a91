/*
 * wake: a descriptor that one thread polls and any other makes readable.
 *
 * An eventfd, or a pipe where there is none.  wake_signal() may be called by any thread; the rest by
 * the owner.
 */
#ifndef SERVER_WAKE_H
#define SERVER_WAKE_H

#include <stdbool.h>
#include <stdint.h>

struct wake {
    int poll_fd;   /* readable after wake_signal() until wake_drain() */
    int signal_fd; /* the same descriptor for an eventfd */
};

#define WAKE_INIT                                                                                                      \
    { -1, -1 }

/* 0 or -errno. */
int wake_open(struct wake *wake) __attribute__((warn_unused_result));

/* Makes it readable. */
void wake_signal(const struct wake *wake);

/* Makes it unreadable again. */
void wake_drain(const struct wake *wake);

/* Waits until it is readable.  False if it is not by DEADLINE, monotonic milliseconds; UINT64_MAX: never. */
bool wake_wait(const struct wake *wake, uint64_t deadline);

/* Legal on WAKE_INIT, and twice. */
void wake_close(struct wake *wake);

#endif
