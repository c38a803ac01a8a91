/*
 * thread: threads whose memory goes with them.
 *
 * The C library keeps the stacks of threads that have ended, and what belongs to them, for the next ones: after a crowd
 * has left that is tens of kilobytes for each of it, in the middle of memory that could be given back otherwise.  So
 * stacks are of our own here, and a thread that ends buries the one that ended before it.
 * Any thread may start one.
 */
#ifndef SERVER_THREAD_H
#define SERVER_THREAD_H

#include "src/common/process.h"

/* The deepest call, an RSA private operation of 4096 bits, takes a quarter of it.  Sanitizers multiply every frame. */
#ifdef PROCESS_SANITIZED
#define THREAD_STACK_SIZE (1024 * 1024)
#else
#define THREAD_STACK_SIZE (128 * 1024)
#endif

/* Starts a thread that calls RUN with ARGUMENT.  Nobody waits for it.  0 or -errno. */
int thread_start(void (*run)(void *), void *argument) __attribute__((warn_unused_result));

/* Waits for those that have as good as ended: all, if nobody is left who runs. */
void thread_bury(void);

#endif
