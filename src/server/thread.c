#include <config.h>

#include "src/server/thread.h"

#include "src/common/clock.h"
#include "src/common/lock.h"
#include "src/server/memory.h"
#include "src/server/wake.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef MAP_STACK
#define MAP_STACK 0
#endif

/* A crowd: so many threads that what they leave is worth looking for, which is done when nobody has ended for a moment,
 * or at the latest when there are many more. */
#define CROWD          16
#define CROWD_MAX      4096
#define CROWD_QUIET_MS 200

/* Threads that wait for more to run: as many as a burst of logins keeps busy, and no longer than one lasts. */
#define PARKED_MAX 16
#define PARK_MS    100

struct thread {
    void (*run)(void *);
    void *argument;
    bool brief;
    pthread_cond_t called; /* there is something to run */
    pthread_t id;
    uint8_t *memory; /* a page that nobody may touch, and the stack */
    size_t size;
    struct thread *next; /* in `parked` or in `ended` */
};

static struct lock lock = LOCK_INIT;
static struct thread *parked GUARDED_BY(lock); /* the latest first: its stack is in the cache */
static size_t parked_count GUARDED_BY(lock);

static _Atomic(struct thread *) ended;
static atomic_size_t alive; /* not buried */
static atomic_bool closing;
static struct wake grave = WAKE_INIT; /* for the one who buries */
static pthread_t burier;

static void thread_free(struct thread *thread) {
    if (thread->memory != MAP_FAILED)
        munmap(thread->memory, thread->size);
    pthread_cond_destroy(&thread->called);
    free(thread);
    atomic_fetch_sub(&alive, 1);
}

/* ---- burying ------------------------------------------------------------------------------------- */

/* All that have ended.  Returns how many. */
static size_t bury(void) {
    struct thread *thread = atomic_exchange(&ended, NULL);
    size_t count = 0;

    for (struct thread *next = NULL; thread != NULL; thread = next, count++) {
        next = thread->next;
        pthread_join(thread->id, NULL);
        thread_free(thread);
    }
    return count;
}

static void *run_burier(void *argument) {
    struct pollfd fd = {.fd = grave.poll_fd, .events = POLLIN};
    size_t buried = 0;

    (void)argument;
    while (!atomic_load(&closing) || atomic_load(&alive) > 0) {
        const bool quiet = poll(&fd, 1, buried >= CROWD ? CROWD_QUIET_MS : -1) == 0;

        wake_drain(&grave);
        buried += bury();
        if ((quiet && buried >= CROWD) || buried >= CROWD_MAX) {
            memory_trim();
            buried = 0;
        }
    }
    return NULL;
}

int thread_open(void) {
    int error = wake_open(&grave);

    if (error != 0)
        return error;
    error = pthread_create(&burier, NULL, run_burier, NULL);
    if (error != 0)
        wake_close(&grave);
    return -error;
}

void thread_close(void) {
    if (grave.poll_fd < 0)
        return;
    atomic_store(&closing, true);
    lock_acquire(&lock);
    for (struct thread *thread = parked; thread != NULL; thread = thread->next)
        pthread_cond_signal(&thread->called);
    lock_release(&lock);
    wake_signal(&grave);
    pthread_join(burier, NULL);
    wake_close(&grave);
}

/* ---- parking ------------------------------------------------------------------------------------- */

static void unpark_locked(const struct thread *thread) REQUIRES(lock) {
    struct thread **place = &parked;

    while (*place != thread)
        place = &(*place)->next;
    *place = thread->next;
    parked_count--;
}

/* Waits in `parked` until there is something to run; it is taken out by who has it. */
static void wait_locked(struct thread *thread) REQUIRES(lock) {
    const uint64_t until = clock_wall_ms() + PARK_MS;
    const struct timespec end = {.tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000};
    int error = 0;

    while (thread->run == NULL && error == 0 && !atomic_load(&closing))
        error = pthread_cond_timedwait(&thread->called, &lock.mutex, &end);
    if (thread->run == NULL)
        unpark_locked(thread);
}

/* True if there is something more for THREAD to run. */
static bool park(struct thread *thread) {
    thread->run = NULL;
    lock_acquire(&lock);
    if (parked_count < PARKED_MAX) {
        thread->next = parked;
        parked = thread;
        parked_count++;
        wait_locked(thread);
    }
    lock_release(&lock);
    return thread->run != NULL;
}

/* Has a thread that is parked call RUN.  False: there is none. */
static bool call_parked(void (*run)(void *), void *argument) {
    struct thread *thread = NULL;

    lock_acquire(&lock);
    thread = parked;
    if (thread != NULL) {
        unpark_locked(thread);
        thread->run = run;
        thread->argument = argument;
        /* Under the lock: once it is released the thread may run, end and be gone. */
        pthread_cond_signal(&thread->called);
    }
    lock_release(&lock);
    return thread != NULL;
}

/* ---- living -------------------------------------------------------------------------------------- */

static void *begin(void *argument) {
    struct thread *thread = argument;
    struct thread *first = NULL;

    thread->id = pthread_self();
    do
        thread->run(thread->argument);
    while (thread->brief && park(thread));
    first = atomic_load(&ended);
    do
        thread->next = first;
    while (!atomic_compare_exchange_weak(&ended, &first, thread));
    if (first == NULL)
        wake_signal(&grave);
    return NULL;
}

static int map(struct thread *thread) {
    const size_t guard = (size_t)sysconf(_SC_PAGESIZE);

    thread->size = guard + THREAD_STACK_SIZE;
    thread->memory = mmap(NULL, thread->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    return thread->memory != MAP_FAILED && mprotect(thread->memory, guard, PROT_NONE) == 0 ? 0 : errno;
}

static int create(struct thread *thread) {
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

static int start(void (*run)(void *), void *argument, bool brief) {
    struct thread *thread = malloc(sizeof(*thread));
    int error = 0;

    if (thread == NULL)
        return -ENOMEM;
    *thread = (struct thread){.run = run, .argument = argument, .brief = brief};
    if (pthread_cond_init(&thread->called, NULL) != 0)
        abort();
    atomic_fetch_add(&alive, 1);
    error = map(thread);
    if (error == 0)
        error = create(thread);
    if (error != 0)
        thread_free(thread);
    return -error;
}

int thread_start(void (*run)(void *), void *argument) {
    return start(run, argument, false);
}

int thread_start_brief(void (*run)(void *), void *argument) {
    return call_parked(run, argument) ? 0 : start(run, argument, true);
}
