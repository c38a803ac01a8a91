#include <config.h>

#include "src/server/signals.h"

#include "src/common/log.h"
#include "src/server/reload.h"

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
    pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
    /* One that is ignored may be dropped although somebody waits for it. */
    sigemptyset(&standard.sa_mask);
    sigaction(SIGHUP, &standard, NULL);
}

static void *wait_for_signals(void *argument) {
    struct signals *signals = argument;
    int number = 0;

    for (;;) {
        if (sigwait(&signals->set, &number) != 0)
            continue;
        if (number != SIGHUP)
            break;
        supervisor_reloading(&signals->server->supervisor);
        reload(signals->server);
        supervisor_ready(&signals->server->supervisor);
    }
    log_info(LOG_NO_CLIENT, "stopping: %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
    supervisor_stopping(&signals->server->supervisor);
    wake_signal(&signals->server->stop);
    return NULL;
}

int signals_start(struct signals *signals, struct server *server) {
    signals->server = server;
    return pthread_create(&signals->thread, NULL, wait_for_signals, signals);
}

void signals_join(struct signals *signals) {
    pthread_join(signals->thread, NULL);
}
