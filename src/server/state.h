/*
 * state: what a server has in its state directory, which is one server's at a time.
 *
 * Called by main().  Errors: -1 with WHY.
 */
#ifndef SERVER_STATE_H
#define SERVER_STATE_H

#include "src/server/connection.h"

/* Whether there is what state_open() would read, and whether this program can, as far as that can be told while another
 * server uses it. */
int state_check(const struct settings *settings, struct diagnostic *why) __attribute__((warn_unused_result));

/* Takes the directory of SETTINGS and opens what is in it for SERVER.  Another server that has it is waited for until
 * DEADLINE, on the monotonic clock in milliseconds. */
int state_open(struct server *server, const struct settings *settings, uint64_t deadline, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Another server may have it. */
void state_release(struct server *server);

#endif
