/*
 * eviction: ends the sessions of those whom the registry no longer lets have their name.
 *
 * Called after the registry or its policy has changed, by the thread that has changed it.  When these return such a
 * session is out of the table and its peers have been told; it gets a bye and ends.
 * To be called without a lock.
 */
#ifndef SERVER_EVICTION_H
#define SERVER_EVICTION_H

#include "src/server/connection.h"

/* Looks at SESSION, which is or was in the table. */
void eviction_judge(struct server *server, struct session *session);

/* Looks at the session of NAME, if there is one. */
void eviction_check(struct server *server, struct span name);

void eviction_check_all(struct server *server);

#endif
