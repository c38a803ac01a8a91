/*
 * arrival: how the client gets its session with the server: the name, the connection, the server's key, the questions
 * that a person may have to answer on the way, and what happens when the connection ends.
 *
 * Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_ARRIVAL_H
#define CLIENT_ARRIVAL_H

#include "src/client/client_state.h"

/* Takes ANSWER, what a person typed when asked for a name, and connects; asks again if it is not a valid name. */
int arrival_name(struct client *client, struct span answer, uint64_t now) __attribute__((warn_unused_result));

/* Begins to connect to the server. */
int arrival_begin(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* The server has shown its key: accepts it, asks the person about it, or refuses it and ends. */
int arrival_key(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* Takes ANSWER, what a person typed when asked about the server's key: "yes" or its fingerprint, or anything else,
 * which refuses the key. */
int arrival_answer(struct client *client, struct span answer, uint64_t now) __attribute__((warn_unused_result));

/* The session is established, so the server has proved to own its key: a new one is noted in known_servers. */
int arrival_established(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* The connection has ended as EVENT says, in whatever phase: it is made again, or the client is done. */
int arrival_ended(struct client *client, const struct connection_event *event, uint64_t now)
    __attribute__((warn_unused_result));

#endif
