/* src/server/thread.c */
#include <config.h>

#include "src/common/clock.h"
#include "src/server/thread.h"
#include "t/tap.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define THREADS     200
#define DEADLINE_MS 30000

static atomic_int runs, brief_runs;
static atomic_bool shared;

/* Uses as much of its stack as a connection does, and starts another thread as long as *ARGUMENT says so. */
static void run(void *argument) {
    int *generations = argument;
    volatile char deep[THREAD_STACK_SIZE / 4];

    memset((void *)deep, 1, sizeof(deep));
    atomic_fetch_add(&runs, deep[sizeof(deep) - 1]);
    if (--*generations == 0)
        free(generations);
    else if (thread_start(run, generations) != 0)
        abort();
}

static void run_brief(void *argument) {
    static _Thread_local int runs_here;

    (void)argument;
    if (runs_here++ > 0)
        atomic_store(&shared, true);
    atomic_fetch_add(&brief_runs, 1);
}

/* One after the other, until a thread has had two of them. */
static void test_brief(void) {
    const uint64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
    int started = 0;

    while (!atomic_load(&shared) && clock_monotonic_ms() < deadline) {
        started += thread_start_brief(run_brief, NULL) == 0;
        while (atomic_load(&brief_runs) < started)
            sched_yield();
    }
    OK(atomic_load(&shared), "a thread runs more than one thing that is over soon");
    /* So many at once that not all can wait for more. */
    for (unsigned i = 0; i < THREADS; i++)
        started += thread_start_brief(run_brief, NULL) == 0;
    thread_close();
    IS_INT(atomic_load(&brief_runs), started, "all of those are run");
}

int main(void) {
    unsigned started = 0;

    thread_close();
    IS_INT(thread_open(), 0, "somebody is there to bury");
    for (unsigned i = 0; i < THREADS; i++) {
        int *generations = malloc(sizeof(*generations));

        if (generations == NULL)
            abort();
        *generations = 3;
        started += thread_start(run, generations) == 0;
    }
    IS_INT(started, THREADS, "threads are started");
    test_brief();
    IS_INT(atomic_load(&runs), 3 * THREADS, "all have ended when it is closed, and those that they started");
    return tap_done();
}
