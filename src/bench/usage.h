/*
 * usage: what the kernel says a process has taken.
 *
 * CPU time comes from the process's own CPU clock, which counts nanoseconds and the threads that have
 * ended; memory and threads from /proc, and are 0 where there is none.  Any thread.
 */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <stdint.h>
#include <sys/types.h>

struct usage {
    uint64_t cpu_ns;     /* user and system */
    uint64_t memory_kib; /* resident */
    uint64_t threads;
};

/* What the process PID has taken until now.  0 or -errno. */
int usage_read(struct usage *usage, pid_t pid) __attribute__((warn_unused_result));

/* Nanoseconds of a clock that only goes forward, and of the CPU time of this thread. */
uint64_t usage_wall_ns(void);
uint64_t usage_thread_ns(void);

#endif
