/* Forgetting and comparing secrets. */
#include <config.h>

#include <string.h>

#include <nettle/memops.h>

#include "crypto/cscrypto.h"

void csc_wipe(void *p, size_t size) {
    if (size == 0)
        return;
#ifdef HAVE_EXPLICIT_BZERO
    explicit_bzero(p, size);
#else
    /* The compiler cannot know where a volatile pointer leads, so it cannot drop the call. */
    static void *(*const volatile set)(void *, int, size_t) = memset;

    set(p, 0, size);
#endif
}

bool csc_equal(const void *a, const void *b, size_t size) {
    return memeql_sec(a, b, size) != 0;
}
