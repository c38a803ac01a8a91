#include <config.h>

#include "t/failing_malloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FILL 0xdd

void *__real_malloc(size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

/* What stands before every block; as long as the alignment that malloc() promises. */
union header {
    size_t size;
    max_align_t align;
};

static unsigned long countdown, live, unwiped;
static bool failed;
static const char *wanted_secret;

void failing_malloc_set(unsigned long number) {
    countdown = number;
    failed = false;
}

bool failing_malloc_failed(void) {
    return failed;
}

unsigned long failing_malloc_live(void) {
    return live;
}

unsigned long failing_malloc_unwiped(const char *secret) {
    unsigned long found = unwiped;

    wanted_secret = secret;
    unwiped = 0;
    return found;
}

void *__wrap_malloc(size_t size) {
    union header *header;

    if (countdown > 0 && --countdown == 0) {
        failed = true;
        return NULL;
    }
    if (size > SIZE_MAX - sizeof(*header) || (header = __real_malloc(sizeof(*header) + size)) == NULL)
        return NULL;
    header->size = size;
    memset(header + 1, FILL, size);
    live++;
    return header + 1;
}

void *__wrap_calloc(size_t count, size_t size) {
    void *block;

    if (size > 0 && count > SIZE_MAX / size)
        return NULL;
    if ((block = __wrap_malloc(count * size)) != NULL)
        memset(block, 0, count * size);
    return block;
}

void *__wrap_realloc(void *block, size_t size) {
    const union header *header = block;
    void *larger = __wrap_malloc(size);

    if (larger != NULL && block != NULL) {
        memcpy(larger, block, header[-1].size < size ? header[-1].size : size);
        __wrap_free(block);
    }
    return larger;
}

void __wrap_free(void *block) {
    union header *header = block;

    if (block == NULL)
        return;
    header--;
    if (wanted_secret != NULL && memmem(block, header->size, wanted_secret, strlen(wanted_secret)) != NULL)
        unwiped++;
    live--;
    __real_free(header);
}
