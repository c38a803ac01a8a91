/*
 * upgrade: hands over to a new server, which is what is by now in the file of this one's program.
 *
 * The new server is started beside this one and has the same sockets to listen on.  When it has read and checked all
 * that it can have while this one runs (handover.h), this server ends as at SIGTERM, but tells its clients that it
 * restarts, and lets the new one go on as soon as nothing is left that only one can have.  Whoever connects meanwhile
 * waits for the new one to accept.  If that does not get so far, this server goes on as if nothing had happened.
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

/* Makes it possible, or tells the log why it is not. */
void upgrade_open(struct server *server, const struct listener *listener);

/* Starts a new server and waits until it is ready; then this one is ending.  -1 with WHY: it goes on. */
int upgrade_run(struct server *server, struct diagnostic *why) __attribute__((warn_unused_result));

/* Lets the new server go on.  False: it is not there any more. */
bool upgrade_hand_over(struct server *server) __attribute__((warn_unused_result));

/* Legal on UPGRADE_INIT. */
void upgrade_close(struct upgrade *upgrade);

#endif
