/*
 * reload: reads again what may change while the server runs.
 *
 * What cannot be read leaves what was there before in force, and the log says so.
 */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include "src/server/connection.h"

/* Has the registry follow the settings' policy, with its list as it is now.  -1 with WHY: nothing has changed. */
int reload_policy(struct server *server, struct diagnostic *why) __attribute__((warn_unused_result));

/* All of it, for SIGHUP.  Called by one thread at a time, without a lock. */
void reload(struct server *server);

#endif
