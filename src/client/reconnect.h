/*
 * reconnect: a connection that was lost is made again.
 *
 * Only after a session stood, unless the first connection is to be tried again too, and only if the network is the
 * reason: a name or key that is refused is refused for good.  A server that has no room for all who come back at once
 * is asked again, too; one that has said that it restarts is there again, and not waited for.  Meanwhile no line is
 * read, conversations keep what has no receipt, and when the session stands again they send it once more, to the keys
 * it was meant for.  A program that only sends gives up when it was away for --timeout; one that receives, or has a
 * person in front of it, never does. Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble.
 */
#ifndef CLIENT_RECONNECT_H
#define CLIENT_RECONNECT_H

#include "src/client/client_state.h"

/* True if the connection that has ended as EVENT says is to be made again. */
bool reconnect_wants(const struct client *client, const struct connection_event *event);

/* Rests before it is. */
void reconnect_rest(struct client *client, const struct connection_event *event, uint64_t now);

/* Goes on while it is being made: tries again when that is due, and gives up. */
int reconnect_check(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* The session stands again. */
int reconnect_done(struct client *client, uint64_t now) __attribute__((warn_unused_result));

#endif
