/*
 * memory: how the allocator is to keep house for many threads.
 *
 * Does nothing where the C library has no such calls.
 */
#ifndef SERVER_MEMORY_H
#define SERVER_MEMORY_H

/* Before there are threads. */
void memory_tune(void);

/* Gives what is free back to the system, which the allocator does not do by itself where something above it is in use.
 * Any thread; it takes as long as there is memory to look through. */
void memory_trim(void);

#endif
