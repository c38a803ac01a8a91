#include <config.h>

#include "src/server/census.h"

#include "src/common/clock.h"
#include <time.h>

void census_init(struct census *census, size_t max) NO_THREAD_ANALYSIS {
    *census = (struct census){.max = max};
    lock_init(&census->lock);
    if (pthread_cond_init(&census->left, NULL) != 0)
        abort();
}

void census_destroy(struct census *census) {
    pthread_cond_destroy(&census->left);
    lock_destroy(&census->lock);
}

uint64_t census_enter(struct census *census) {
    uint64_t id = 0;

    lock_acquire(&census->lock);
    if (census->proven < census->max) {
        census->count++;
        census->present++;
        id = ++census->last_id;
    }
    lock_release(&census->lock);
    return id;
}

bool census_prove(struct census *census) {
    bool room = false;

    lock_acquire(&census->lock);
    room = census->proven < census->max;
    if (room)
        census->proven++;
    lock_release(&census->lock);
    return room;
}

void census_depart(struct census *census) {
    lock_acquire(&census->lock);
    census->present--;
    pthread_cond_signal(&census->left);
    lock_release(&census->lock);
}

void census_leave(struct census *census, bool proven) {
    lock_acquire(&census->lock);
    census->count--;
    if (proven)
        census->proven--;
    pthread_cond_signal(&census->left);
    lock_release(&census->lock);
}

void census_count(struct census *census, size_t *count, size_t *proven) {
    lock_acquire(&census->lock);
    *count = census->count;
    *proven = census->proven;
    lock_release(&census->lock);
}

/* pthread_cond_timedwait() takes the wall clock, which may be set; so a wait is short and the deadline looked at anew.
 */
#define WAIT_STEP_MS 100

static void wait_step_locked(struct census *census) REQUIRES(census->lock) {
    uint64_t until = clock_wall_ms() + WAIT_STEP_MS;
    const struct timespec step = {.tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000};

    pthread_cond_timedwait(&census->left, &census->lock.mutex, &step);
}

bool census_wait_departed(struct census *census, uint64_t deadline) {
    bool empty = false;

    lock_acquire(&census->lock);
    while (census->present > 0 && clock_monotonic_ms() < deadline)
        wait_step_locked(census);
    empty = census->present == 0;
    lock_release(&census->lock);
    return empty;
}

bool census_wait(struct census *census, uint64_t deadline) {
    bool empty = false;

    lock_acquire(&census->lock);
    while (census->count > 0 && clock_monotonic_ms() < deadline)
        wait_step_locked(census);
    empty = census->count == 0;
    lock_release(&census->lock);
    return empty;
}
