/*
 * reconnect: makes a lost connection to the server again.
 *
 * That is done after a session was established once, or always with --retry, and only if the network is the reason, or
 * a server that has no room for all who come back at once: a name or key that is refused is refused for good.  A server
 * that has said that it restarts is tried at once, others after a while (backoff.h).  Meanwhile no line is read.
 * Conversations keep the messages that have no receipt, and send them once more when the session is established, to the
 * keys they were meant for.  A program that only sends gives up after --timeout; one that receives, or has a person in
 * front of it, never does.
 * Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble.
 */
#ifndef CLIENT_RECONNECT_H
#define CLIENT_RECONNECT_H

#include "src/client/client_state.h"

/* True if the connection, which has ended as EVENT says, is to be made again. */
bool reconnect_wants(const struct client *client, const struct connection_event *event);

/* Enters RESTING: the next try is due when its deadline passes. */
void reconnect_rest(struct client *client, const struct connection_event *event, uint64_t now);

/* Tries again when that is due at NOW, and gives up in the end.  Does nothing unless a connection was lost. */
int reconnect_check(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* The session is established again: goes back to the phase before. */
int reconnect_done(struct client *client, uint64_t now) __attribute__((warn_unused_result));

#endif
