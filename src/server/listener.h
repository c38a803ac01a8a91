/*
 * listener: the sockets that clients connect to.
 *
 * Used by main() alone.  Running out of descriptors or memory stops it from accepting for a moment and
 * never makes it spin.
 */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include "src/common/net.h"
#include "src/server/connection.h"
#include <poll.h>

/* Sockets in all: an option may stand for several addresses. */
#define LISTENER_MAX 32

struct listener {
    int sockets[LISTENER_MAX];
    size_t count;
    int reserve;           /* a descriptor to give up when there is none left to accept with, -1: given up */
    uint64_t paused;       /* nothing is accepted until then, monotonic milliseconds */
    size_t refused;        /* connections refused that the log has not told of */
    uint64_t silent_until; /* when it may again */
};

/* Takes over the INHERITED sockets that a service manager has opened, if there are any.  Else listens where SETTINGS
 * want it.  Without any --listen, on all addresses of both families, and one of them may be
 * missing on this machine. */
int listener_open(struct listener *listener, const struct settings *settings, size_t inherited, struct diagnostic *why)
    __attribute__((warn_unused_result));

void listener_close(struct listener *listener);

/* Prints "listening ADDRESS FINGERPRINT" for each socket and flushes.  0, or -1 if stdout is not to be written. */
int listener_announce(const struct listener *listener, const char *fingerprint) __attribute__((warn_unused_result));

/* Accepts until SERVER is to end. */
void listener_run(struct listener *listener, struct server *server);

#endif
