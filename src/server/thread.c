#include <config.h>

#include "src/server/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_STACK
#define MAP_STACK 0
#endif

struct thread {
    void (*run)(void *);
    void *argument;
    pthread_t id;
    uint8_t *memory; /* a page that nobody may touch, and the stack */
    size_t size;
};

/* The last one that has ended. */
static _Atomic(struct thread *) ended;

static void thread_free(struct thread *thread) {
    if (thread->memory != MAP_FAILED)
        munmap(thread->memory, thread->size);
    free(thread);
}

static void bury(struct thread *thread) {
    if (thread == NULL)
        return;
    pthread_join(thread->id, NULL);
    thread_free(thread);
}

void thread_bury(void) {
    bury(atomic_exchange(&ended, NULL));
}

static void *begin(void *argument) {
    struct thread *thread = argument;

    thread->id = pthread_self();
    thread->run(thread->argument);
    bury(atomic_exchange(&ended, thread));
    return NULL;
}

static int map(struct thread *thread) {
    const size_t guard = (size_t)sysconf(_SC_PAGESIZE);

    thread->size = guard + THREAD_STACK_SIZE;
    thread->memory = mmap(NULL, thread->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    return thread->memory != MAP_FAILED && mprotect(thread->memory, guard, PROT_NONE) == 0 ? 0 : errno;
}

static int start(struct thread *thread) {
    pthread_attr_t attributes;
    pthread_t id;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return error;
    error = pthread_attr_setstack(&attributes, thread->memory + thread->size - THREAD_STACK_SIZE, THREAD_STACK_SIZE);
    if (error == 0)
        error = pthread_create(&id, &attributes, begin, thread);
    pthread_attr_destroy(&attributes);
    return error;
}

int thread_start(void (*run)(void *), void *argument) {
    struct thread *thread = malloc(sizeof(*thread));
    int error = 0;

    if (thread == NULL)
        return -ENOMEM;
    *thread = (struct thread){.run = run, .argument = argument};
    error = map(thread);
    if (error == 0)
        error = start(thread);
    if (error != 0)
        thread_free(thread);
    return -error;
}
