/*
 * failing_malloc: malloc(), calloc(), realloc() and free() that fail when they are told to, and keep count.
 *
 * Linked with --wrap=malloc and so on they take the place of the C library's for everything that is linked statically:
 * the tests, proto and crypto; what GnuTLS, gmp and json-c allocate is not seen.  New memory is filled with a pattern,
 * so that what is used before it was set shows.  One thread.
 */
#ifndef CHATSECURE_T_FAILING_MALLOC_H
#define CHATSECURE_T_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* The allocation number NUMBER from here on fails, the first being 1, and after it none; 0: none does. */
void failing_malloc_set(unsigned long number);

/* True if that allocation was reached. */
bool failing_malloc_failed(void);

/* Blocks that are allocated and not freed. */
unsigned long failing_malloc_live(void);

/* Blocks that held SECRET, at least 8 bytes of it, when they were freed, since this was last called; and sets what to
 * look for. */
unsigned long failing_malloc_unwiped(const char *secret);

#endif
