/* src/server/thread.c */
#include <config.h>

#include "src/server/thread.h"
#include "t/tap.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 200

static atomic_int runs;

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
    thread_close();
    IS_INT(atomic_load(&runs), 3 * THREADS, "all have ended when it is closed, and those that they started");
    return tap_done();
}
