#include <config.h>

#include "src/server/errands.h"

#include "src/common/clock.h"
#include "src/server/reload.h"

#include <poll.h>

static void do_reload(struct server *server) {
    supervisor_reloading(&server->supervisor);
    reload(server);
    supervisor_ready(&server->supervisor);
}

static void (*const functions[ERRAND_COUNT])(struct server *server) = {[ERRAND_RELOAD] = do_reload};

/* Takes the next that is wanted: ERRAND_COUNT if there is none.  False: the thread is to end. */
static bool take(struct errands *errands, enum errand *errand) {
    bool going_on = false;

    lock_acquire(&errands->lock);
    *errand = 0;
    while (*errand < ERRAND_COUNT && !errands->wanted[*errand])
        ++*errand;
    if (*errand < ERRAND_COUNT)
        errands->wanted[*errand] = false;
    going_on = !errands->stopping;
    lock_release(&errands->lock);
    return going_on;
}

static void *run(void *argument) {
    struct errands *errands = argument;
    struct pollfd fd = {.fd = errands->work.poll_fd, .events = POLLIN};
    enum errand errand = ERRAND_COUNT;

    while (take(errands, &errand)) {
        if (errand < ERRAND_COUNT)
            functions[errand](errands->server);
        else if (poll(&fd, 1, -1) > 0)
            wake_drain(&errands->work);
    }
    wake_signal(&errands->stopped);
    return NULL;
}

int errands_start(struct errands *errands, struct server *server) NO_THREAD_ANALYSIS {
    int error = 0;

    *errands = (struct errands){.server = server, .work = WAKE_INIT, .stopped = WAKE_INIT};
    lock_init(&errands->lock);
    error = wake_open(&errands->work);
    if (error == 0)
        error = wake_open(&errands->stopped);
    return error != 0 ? -error : pthread_create(&errands->thread, NULL, run, errands);
}

void errands_want(struct errands *errands, enum errand errand) {
    lock_acquire(&errands->lock);
    errands->wanted[errand] = true;
    lock_release(&errands->lock);
    wake_signal(&errands->work);
}

bool errands_stop(struct errands *errands, uint64_t deadline) {
    struct pollfd fd = {.fd = errands->stopped.poll_fd, .events = POLLIN};

    lock_acquire(&errands->lock);
    errands->stopping = true;
    lock_release(&errands->lock);
    wake_signal(&errands->work);
    while (poll(&fd, 1, clock_poll_timeout(clock_monotonic_ms(), deadline)) <= 0)
        if (clock_monotonic_ms() >= deadline)
            return false;
    pthread_join(errands->thread, NULL);
    wake_close(&errands->work);
    wake_close(&errands->stopped);
    lock_destroy(&errands->lock);
    return true;
}
