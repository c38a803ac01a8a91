/*
 * administration: what the server does for commands that talk to it through the control.
 *
 *     user NAME   somebody has changed NAME in the registry: reads it again, and ends a session that may not stay
 *     flush       writes down when names were last seen
 *     stats       tells the statistics
 *     upgrade     hands over to a new server, and tells its process id
 */
#ifndef SERVER_ADMINISTRATION_H
#define SERVER_ADMINISTRATION_H

#include "src/server/connection.h"

/* The control's handler; SERVER is the struct. */
int administration_answer(void *server, struct span request, struct buffer *answer, struct diagnostic *why);

#endif
