/*
 * lock: a mutex that clang's thread-safety analysis knows.
 *
 * Ranks, low to high; a thread only ever takes a lock of a higher rank than those it holds, and never
 * two of the same rank:
 *
 *   errands < session < session_table < outbox < registry < vetting < own_chain < admission < gate < census <
 *   thread < log
 *
 * A failing pthread_mutex_lock() is a bug in this program, so it ends the program.
 */
#ifndef COMMON_LOCK_H
#define COMMON_LOCK_H

#include "src/common/thread_annotations.h"
#include <pthread.h>
#include <stdlib.h>

struct CAPABILITY("mutex") lock {
    pthread_mutex_t mutex;
};

#define LOCK_INIT                                                                                                      \
    { PTHREAD_MUTEX_INITIALIZER }

static inline void lock_init(struct lock *lock) {
    if (pthread_mutex_init(&lock->mutex, NULL) != 0)
        abort();
}

/* Nobody holds LOCK. */
static inline void lock_destroy(struct lock *lock) {
    if (pthread_mutex_destroy(&lock->mutex) != 0)
        abort();
}

static inline void lock_acquire(struct lock *lock) ACQUIRE(lock) NO_THREAD_ANALYSIS {
    if (pthread_mutex_lock(&lock->mutex) != 0)
        abort();
}

static inline void lock_release(struct lock *lock) RELEASE(lock) NO_THREAD_ANALYSIS {
    if (pthread_mutex_unlock(&lock->mutex) != 0)
        abort();
}

#endif
