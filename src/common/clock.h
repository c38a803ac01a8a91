/*
 * clock: the two clocks the programs use, in milliseconds where nothing else is said.  Any thread.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* A clock that only goes forward: for deadlines. */
uint64_t clock_monotonic_ms(void);

/* The same in nanoseconds: for measuring. */
uint64_t clock_monotonic_ns(void);

/* Unix time: for people and peers. */
uint64_t clock_wall_ms(void);

/* A deadline that never comes. */
#define CLOCK_NEVER UINT64_MAX

/* What poll() takes to wait from NOW until DEADLINE: 0 if that has passed, -1 if it is CLOCK_NEVER. */
int clock_poll_timeout(uint64_t now, uint64_t deadline);

#endif
