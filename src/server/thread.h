/*
 * thread: threads whose memory goes with them.
 *
 * The C library keeps the stacks of threads that have ended, and what belongs to them, for the next ones: after a crowd
 * has left that is tens of kilobytes for each of it, in the middle of memory that could be given back otherwise.  So
 * stacks are of our own here, and a thread of this module buries those that have ended.  When it has buried a crowd, it
 * gives back what the crowd has left in the heap.
 *
 * To make a thread and to bury it costs a tenth of what a client's proof of its key does.  What is over soon is run by
 * threads that wait a moment for more of the kind.
 */
#ifndef SERVER_THREAD_H
#define SERVER_THREAD_H

#include "src/common/process.h"

/* The deepest call, an RSA private operation of 4096 bits, takes a quarter of it.  Sanitizers multiply every frame. */
#ifdef PROCESS_SANITIZED
#define THREAD_STACK_SIZE (2 * 1024 * 1024)
#else
#define THREAD_STACK_SIZE (128 * 1024)
#endif

/* Before the first thread is started.  0 or -errno. */
int thread_open(void) __attribute__((warn_unused_result));

/* Starts a thread that calls RUN with ARGUMENT.  Nobody waits for it.  Any thread.  0 or -errno. */
int thread_start(void (*run)(void *), void *argument) __attribute__((warn_unused_result));

/* The same for what is over soon: by a thread that has run such a thing already, if one waits. */
int thread_start_brief(void (*run)(void *), void *argument) __attribute__((warn_unused_result));

/* Waits until all have ended.  Legal without thread_open(). */
void thread_close(void);

#endif
