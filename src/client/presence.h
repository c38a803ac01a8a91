/*
 * presence: whether the person at this client, and those at others, are away.
 *
 * While the person here is away, each peer with a session is told so, and messages that arrive are delivered but not
 * read; they are read when the person is back.  Part of the client's loop.  Errors: 0 or a proto_error, this side's
 * trouble.
 *
 * chatsecure(1), "INPUT AND OUTPUT"; chatsecure-protocol(7), `presence`.
 */
#ifndef CLIENT_PRESENCE_H
#define CLIENT_PRESENCE_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* Does the command REQUEST, COMMAND_AWAY or COMMAND_BACK, of line NUMBER. */
int presence_command(struct client *client, const struct request *request, unsigned long number, uint64_t now)
    __attribute__((warn_unused_result));

/* A session with the peer of CONVERSATION is established: tells it, if the person here is away. */
int presence_ready(struct client *client, struct conversation *conversation) __attribute__((warn_unused_result));

/* A PRESENCE event: the person at the peer is away, or back. */
void presence_taken(struct client *client, const struct conversation *conversation,
                    const struct conversation_event *event);

/* A message is sent to the peer of CONVERSATION: reminds the person here if nobody is there. */
void presence_remind(struct client *client, const struct conversation *conversation);

#endif
