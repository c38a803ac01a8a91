/*
 * arrival: from the name to the session with the server, with the questions on the way.
 *
 * Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble.
 */
#ifndef CLIENT_ARRIVAL_H
#define CLIENT_ARRIVAL_H

#include "src/client/client_state.h"

/* Takes the answer to the question for a name; one that is none is asked for again. */
int arrival_name(struct client *client, struct span answer, uint64_t now) __attribute__((warn_unused_result));

/* Connects to the server. */
int arrival_begin(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* The server has shown its key: goes on, asks, or ends. */
int arrival_key(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* Takes the answer to the question about the server's key. */
int arrival_answer(struct client *client, struct span answer, uint64_t now) __attribute__((warn_unused_result));

/* The session stands, so the server's key is proved: notes it if it is new. */
int arrival_established(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* The connection has ended, in whatever phase. */
int arrival_ended(struct client *client, const struct connection_event *event, uint64_t now)
    __attribute__((warn_unused_result));

#endif
