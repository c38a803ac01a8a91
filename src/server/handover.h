/*
 * handover: the new server's side of an upgrade, in which it takes the place of an older one that has started it.
 *
 * The older one leaves in $CHATSECURE_HANDOVER the number N of a descriptor: N is a stream socket to it, N + 1 is its
 * standard error.  The new server's own is a pipe to the old one until it is ready, so that the old one's log has why
 * it is not.  Its listening sockets come as from a service manager.
 *
 * When the new server has read and checked all that it can have while the old one still runs, it sends HANDOVER_READY.
 * The old one says its byes, lets go of what only one can have, and sends HANDOVER_GO.  An end of the stream before
 * that means that the old one has ended for another reason, or goes on by itself.  Versions of the program that differ
 * talk to each other here, so this does not change.
 *
 * Called by main() before there are threads.  Errors: -1 with WHY.
 */
#ifndef SERVER_HANDOVER_H
#define SERVER_HANDOVER_H

#include "src/common/diagnostic.h"
#include <stdbool.h>

#define HANDOVER_VARIABLE "CHATSECURE_HANDOVER"

#define HANDOVER_READY 'R'
#define HANDOVER_GO    'G'

struct handover {
    int socket; /* negative: there is none, or it is over */
    int errors; /* what is to be the standard error, negative: it is that already */
};

#define HANDOVER_NONE                                                                                                  \
    { -1, -1 }

/* Takes what an old server has left, if there is one, out of the environment. */
int handover_take(struct handover *handover, struct diagnostic *why) __attribute__((warn_unused_result));

/* Whether there is an old server. */
bool handover_is_due(const struct handover *handover);

/* Says that the new server is ready, and waits until the old one lets it go on. */
int handover_wait(struct handover *handover, struct diagnostic *why) __attribute__((warn_unused_result));

/* For a process that the new server has forked and that has no part in this: takes its standard error, and closes the
 * socket. */
void handover_leave(const struct handover *handover);

#endif
