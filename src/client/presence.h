/*
 * presence: who is away, oneself and others.
 *
 * While this side's person is away, each peer with a session is told so, and what arrives is delivered and not read; it
 * is read when the person is back.  Part of the client's loop.  Errors: 0 or a proto_error, this side's trouble.
 *
 * chatsecure(1), "INPUT AND OUTPUT"; chatsecure-protocol(7), `presence`.
 */
#ifndef CLIENT_PRESENCE_H
#define CLIENT_PRESENCE_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* Does `away` or `back`, line NUMBER of the input. */
int presence_command(struct client *client, const struct request *request, unsigned long number, uint64_t now)
    __attribute__((warn_unused_result));

/* A session with the peer of CONVERSATION has begun. */
int presence_ready(struct client *client, struct conversation *conversation) __attribute__((warn_unused_result));

/* The peer has said something of it, a PRESENCE event. */
void presence_taken(struct client *client, const struct conversation *conversation,
                    const struct conversation_event *event);

/* A message is sent to the peer: a person is told once more that nobody is there. */
void presence_remind(struct client *client, const struct conversation *conversation);

#endif
