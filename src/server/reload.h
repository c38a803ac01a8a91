/*
 * reload: reads again what may change while the server runs.
 *
 * That is the configuration file, and the files that are named there or on the command line.  What cannot be read, or
 * is wrong, leaves what was there before in force, and the log says so; it also says what has changed in the file and
 * takes a restart.
 */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include "src/server/connection.h"

/* Has the registry follow the policy of SETTINGS, with its list as it is now.  -1 with WHY: nothing has changed. */
int reload_policy(struct server *server, const struct settings *settings, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Has the log follow SETTINGS; its file is opened anew.  -1 with WHY: nothing has changed. */
int reload_log(const struct settings *settings, struct diagnostic *why) __attribute__((warn_unused_result));

/* All of it.  Called by one thread at a time, without a lock.  -1: FIRST is what could not be followed, the first of
 * it if there is more; the log has all. */
int reload(struct server *server, struct diagnostic *first) __attribute__((warn_unused_result));

#endif
