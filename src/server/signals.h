/*
 * signals: what the server does when it gets one.
 *
 * They are blocked in every thread, and one thread waits for them: SIGHUP has the server read its files again, SIGUSR2
 * hand over to a new one, SIGTERM and SIGINT end.
 */
#ifndef SERVER_SIGNALS_H
#define SERVER_SIGNALS_H

#include "src/server/connection.h"
#include <signal.h>

struct signals {
    sigset_t set;
    struct server *server;
    pthread_t thread;
    atomic_bool ending;
};

/* Blocks them, before there are other threads.  What was ignored from the start, as for a job in the background, stays
 * so, but for SIGHUP, since nohup is a common way to start a server, and SIGUSR2. */
void signals_block(struct signals *signals);

/* Starts the thread, after that of SERVER's errands.  0 or an errno value. */
int signals_start(struct signals *signals, struct server *server) __attribute__((warn_unused_result));

/* Ends the thread.  Signals stay blocked. */
void signals_stop(struct signals *signals);

#endif
