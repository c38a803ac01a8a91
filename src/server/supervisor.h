/*
 * supervisor: what a service manager such as systemd gives the server and is told by it.
 *
 * By sd_notify(3)'s protocol over $NOTIFY_SOCKET, and sd_listen_fds(3)'s over $LISTEN_PID and $LISTEN_FDS; without
 * these nothing happens.  They are taken out of the environment.
 * supervisor_take() is called by main() before there are threads, the others by any thread.
 */
#ifndef SERVER_SUPERVISOR_H
#define SERVER_SUPERVISOR_H

#include "src/common/diagnostic.h"
#include <stddef.h>
#include <sys/types.h>

/* More than a socket's path can have. */
#define SUPERVISOR_PATH_SIZE 128

struct supervisor {
    int socket;                      /* where it is told, negative: nowhere */
    size_t listeners;                /* sockets that were handed over, the first of which is SUPERVISOR_FIRST */
    char path[SUPERVISOR_PATH_SIZE]; /* of the socket, or "" */
};

#define SUPERVISOR_NONE                                                                                                \
    { -1, 0, "" }

#define SUPERVISOR_FIRST 3

/* -1 with WHY: what was handed over cannot be used. */
int supervisor_take(struct supervisor *supervisor, struct diagnostic *why) __attribute__((warn_unused_result));

/* The server accepts connections; begins to read its files again, after which it is ready once more; ends. */
void supervisor_ready(const struct supervisor *supervisor);
void supervisor_reloading(const struct supervisor *supervisor);
void supervisor_stopping(const struct supervisor *supervisor);

/* PID is what the manager has to watch from now on: it takes this server's place, and tells when it is ready. */
void supervisor_replaced(const struct supervisor *supervisor, pid_t pid);

void supervisor_close(struct supervisor *supervisor);

#endif
