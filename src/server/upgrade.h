/*
 * upgrade: hands over to a new server, the program that is in this one's file by now, while clients stay connected or
 * come back at once.
 *
 * The new server is started beside this one and inherits the listening sockets.  When it has read and checked
 * everything that it can while this one runs (handover.h), this server ends as at SIGTERM, but tells its clients that
 * it restarts. It lets the new one go on as soon as it has let go of what only one server can have.  Whoever connects
 * meanwhile waits in the sockets' backlog.  If the new server does not get ready, this one goes on as if nothing had
 * happened.
 *
 * upgrade_open() and upgrade_close() are main()'s while there is one thread, upgrade_run() is an errand, and the others
 * are main()'s once it has ended.
 */
#ifndef SERVER_UPGRADE_H
#define SERVER_UPGRADE_H

#include "src/server/starter.h"

struct listener;
struct server;

struct upgrade {
    const struct listener *listener; /* borrowed */
    struct starter starter;
    struct starter_child child; /* the new server, when it is ready */
};

#define UPGRADE_INIT                                                                                                   \
    { NULL, STARTER_NONE, STARTER_CHILD_NONE }

/* Prepares for an upgrade, while that can be done; tells the log if it cannot. */
void upgrade_open(struct server *server, const struct listener *listener);

/* Starts a new server and waits until it is ready; then this one is ending.  -1 with WHY: it goes on. */
int upgrade_run(struct server *server, struct diagnostic *why) __attribute__((warn_unused_result));

/* Lets the new server go on.  False: it is not there any more. */
bool upgrade_hand_over(struct server *server) __attribute__((warn_unused_result));

/* Legal on UPGRADE_INIT. */
void upgrade_close(struct upgrade *upgrade);

#endif
