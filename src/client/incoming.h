/*
 * incoming: what the server and the peers send, and what becomes of it.
 *
 * Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_INCOMING_H
#define CLIENT_INCOMING_H

#include "src/client/client_state.h"

/* Takes a payload of the server's. */
int incoming_message(struct client *client, const struct message *message, struct span raw, uint64_t now)
    __attribute__((warn_unused_result));

/* Takes the events of CONVERSATION; due after each call that can make one. */
int incoming_events(struct client *client, struct conversation *conversation, uint64_t now)
    __attribute__((warn_unused_result));

/* The messages that standard output has taken since the last call get their receipts. */
int incoming_handed_on(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* The handler goes on, and the messages that it is done with get their receipts. */
int incoming_handled(struct client *client, uint64_t now) __attribute__((warn_unused_result));

#endif
