/*
 * farewell: the orderly end of a connection.
 *
 * The last words in an outbox are sent, then this side is closed, and what still comes is read and
 * thrown away until the other side is closed as well: to close a socket with unread data resets the
 * connection, and that can take the last words away before they are read.
 * Called by the connection's thread, after outbox_finish().
 */
#ifndef SERVER_FAREWELL_H
#define SERVER_FAREWELL_H

#include "src/server/outbox.h"

/* What a client gets to fetch its last words, and then to close its side.  Together they fit into the five seconds that
 * the server has to end. */
#define FAREWELL_DRAIN_MS  3000
#define FAREWELL_LINGER_MS 1000

void farewell(struct outbox *outbox, int socket);

#endif
