#include <config.h>

#include "src/server/stack.h"

#include "src/common/process.h"

#if defined(HAVE_PTHREAD_GETATTR_NP) && defined(HAVE_MADVISE) && defined(__GNUC__) && !defined(PROCESS_SANITIZED)

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* What madvise() itself, and whatever the compiler keeps below a frame, may take. */
#define MARGIN 1024

void stack_release(void) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t end = ((uintptr_t)__builtin_frame_address(0) - MARGIN) & ~(page - 1);
    pthread_attr_t attributes;
    void *stack = NULL;
    size_t size = 0;
    int error = pthread_getattr_np(pthread_self(), &attributes);

    if (error != 0)
        return;
    error = pthread_attr_getstack(&attributes, &stack, &size);
    pthread_attr_destroy(&attributes);
    if (error == 0 && (uintptr_t)stack < end)
        madvise(stack, end - (uintptr_t)stack, MADV_DONTNEED);
}

#else

void stack_release(void) {
}

#endif
