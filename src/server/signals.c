#include <config.h>

#include "src/server/signals.h"

#include "src/common/log.h"

void signals_block(struct signals *signals) {
    static const int ends[] = {SIGTERM, SIGINT};
    struct sigaction standard = {.sa_handler = SIG_DFL};

    sigemptyset(&signals->set);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct sigaction action;

        if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&signals->set, ends[i]);
    }
    sigaddset(&signals->set, SIGHUP);
    sigaddset(&signals->set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
    /* One that is ignored may be dropped although somebody waits for it. */
    sigemptyset(&standard.sa_mask);
    sigaction(SIGHUP, &standard, NULL);
    sigaction(SIGUSR2, &standard, NULL);
}

static void take(struct server *server, int number) {
    if (number == SIGHUP || number == SIGUSR2) {
        errands_want(&server->errands, number == SIGHUP ? ERRAND_RELOAD : ERRAND_UPGRADE);
        return;
    }
    if (ending_kind(&server->ending) == ENDING_SHUTDOWN)
        return;
    log_info(LOG_NO_CLIENT, "stopping: %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
    supervisor_stopping(&server->supervisor);
    session_table_expect(server->table, UINT64_MAX);
    ending_shut_down(&server->ending);
}

static void *wait_for_signals(void *argument) {
    struct signals *signals = argument;
    int number = 0;

    while (!atomic_load(&signals->ending))
        if (sigwait(&signals->set, &number) == 0 && !atomic_load(&signals->ending))
            take(signals->server, number);
    return NULL;
}

int signals_start(struct signals *signals, struct server *server) {
    signals->server = server;
    atomic_init(&signals->ending, false);
    return pthread_create(&signals->thread, NULL, wait_for_signals, signals);
}

void signals_stop(struct signals *signals) {
    atomic_store(&signals->ending, true);
    /* One that it waits for in any case. */
    pthread_kill(signals->thread, SIGHUP);
    pthread_join(signals->thread, NULL);
}
