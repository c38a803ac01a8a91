#include <config.h>

#include "src/server/memory.h"

#ifdef HAVE_MALLOC_H
#include <malloc.h>
#endif

/* glibc gives every thread a heap of its own, up to eight a core, and memory freed in one is of no use to the others.
 */
#define ARENAS_MAX 4

void memory_tune(void) {
#if defined(HAVE_MALLOPT) && defined(M_ARENA_MAX)
    mallopt(M_ARENA_MAX, ARENAS_MAX);
#endif
}

void memory_trim(void) {
#ifdef HAVE_MALLOC_TRIM
    malloc_trim(0);
#endif
}
