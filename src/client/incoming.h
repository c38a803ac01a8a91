/*
 * incoming: takes what the server and the peers send: to the console, the handler, a conversation, or a command that
 * waits for it.
 *
 * Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_INCOMING_H
#define CLIENT_INCOMING_H

#include "src/client/client_state.h"

/* Takes MESSAGE, a payload from the server, whose exact bytes are RAW. */
int incoming_message(struct client *client, const struct message *message, struct span raw, uint64_t now)
    __attribute__((warn_unused_result));

/* Takes all events of CONVERSATION.  To be called after each call of it that can make one. */
int incoming_events(struct client *client, struct conversation *conversation, uint64_t now)
    __attribute__((warn_unused_result));

/* Sends receipts for the messages that have been written to standard output since the last call. */
int incoming_handed_on(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* Lets the handler go on, and sends receipts for the messages that it is done with. */
int incoming_handled(struct client *client, uint64_t now) __attribute__((warn_unused_result));

#endif
