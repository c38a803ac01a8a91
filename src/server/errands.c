#include <config.h>

#include "src/server/errands.h"

#include "src/common/log.h"
#include "src/server/reload.h"
#include "src/server/upgrade.h"

#include <poll.h>

static int do_reload(struct server *server, struct diagnostic *why) {
    int error;

    supervisor_reloading(&server->supervisor);
    error = reload(server, why);
    supervisor_ready(&server->supervisor);
    return error;
}

/* When all goes well, it is the new server that says that it is ready. */
static int do_upgrade(struct server *server, struct diagnostic *why) {
    int error;

    supervisor_reloading(&server->supervisor);
    error = upgrade_run(server, why);
    if (error == 0)
        return 0;
    log_error(LOG_NO_CLIENT, "%s", why->text);
    supervisor_ready(&server->supervisor);
    return error;
}

static int (*const functions[ERRAND_COUNT])(struct server *server, struct diagnostic *why) = {
    [ERRAND_RELOAD] = do_reload, [ERRAND_UPGRADE] = do_upgrade};

/* ---- the thread ----------------------------------------------------------------------------------------------------
 */

/* Takes the next that is wanted: ERRAND_COUNT if there is none.  False: the thread is to end. */
static bool take(struct errands *errands, enum errand *errand) {
    bool going_on = false;

    lock_acquire(&errands->lock);
    *errand = 0;
    while (*errand < ERRAND_COUNT && !errands->records[*errand].wanted)
        ++*errand;
    if (*errand < ERRAND_COUNT)
        errands->records[*errand].wanted = false;
    errands->current = *errand;
    going_on = !errands->stopping;
    lock_release(&errands->lock);
    return going_on;
}

static void run_one(struct errands *errands, enum errand errand) {
    struct diagnostic why = {""};
    const int error = functions[errand](errands->server, &why);
    struct errand_record *record = &errands->records[errand];

    lock_acquire(&errands->lock);
    errands->current = ERRAND_COUNT;
    record->done++;
    record->error = error;
    record->why = why;
    pthread_cond_broadcast(&errands->change);
    lock_release(&errands->lock);
}

static void *run(void *argument) {
    struct errands *errands = argument;
    struct pollfd fd = {.fd = errands->work.poll_fd, .events = POLLIN};
    enum errand errand = ERRAND_COUNT;

    while (take(errands, &errand)) {
        if (errand < ERRAND_COUNT)
            run_one(errands, errand);
        else if (poll(&fd, 1, -1) > 0)
            wake_drain(&errands->work);
    }
    lock_acquire(&errands->lock);
    errands->ended = true;
    pthread_cond_broadcast(&errands->change);
    lock_release(&errands->lock);
    wake_signal(&errands->stopped);
    return NULL;
}

/* ---- what others call ----------------------------------------------------------------------------------------------
 */

int errands_start(struct errands *errands, struct server *server) NO_THREAD_ANALYSIS {
    int error = 0;

    *errands = (struct errands){.server = server, .work = WAKE_INIT, .stopped = WAKE_INIT, .current = ERRAND_COUNT};
    lock_init(&errands->lock);
    error = wake_open(&errands->work);
    if (error == 0)
        error = wake_open(&errands->stopped);
    if (error != 0)
        return -error;
    error = pthread_cond_init(&errands->change, NULL);
    return error != 0 ? error : pthread_create(&errands->thread, NULL, run, errands);
}

void errands_want(struct errands *errands, enum errand errand) {
    lock_acquire(&errands->lock);
    errands->records[errand].wanted = true;
    lock_release(&errands->lock);
    wake_signal(&errands->work);
}

int errands_do(struct errands *errands, enum errand errand, struct diagnostic *why) {
    struct errand_record *record = &errands->records[errand];
    unsigned long ticket = 0;
    int error = -1;

    lock_acquire(&errands->lock);
    /* One that is under way was begun for somebody else. */
    ticket = record->done + (errands->current == errand ? 2 : 1);
    record->wanted = true;
    wake_signal(&errands->work);
    while (record->done < ticket && !errands->ended)
        pthread_cond_wait(&errands->change, &errands->lock.mutex);
    if (record->done >= ticket) {
        error = record->error;
        *why = record->why;
    } else {
        diagnostic_set(why, "the server ends");
    }
    lock_release(&errands->lock);
    return error;
}

bool errands_stop(struct errands *errands, uint64_t deadline) {
    lock_acquire(&errands->lock);
    errands->stopping = true;
    lock_release(&errands->lock);
    wake_signal(&errands->work);
    if (!wake_wait(&errands->stopped, deadline))
        return false;
    pthread_join(errands->thread, NULL);
    return true;
}

void errands_destroy(struct errands *errands) {
    wake_close(&errands->work);
    wake_close(&errands->stopped);
    pthread_cond_destroy(&errands->change);
    lock_destroy(&errands->lock);
}
