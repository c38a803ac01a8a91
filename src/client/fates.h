/*
 * fates: what becomes of each message that was sent: it goes out, is delivered, is read, or fails.
 *
 * Called with the events of conversations.  Tells each step, and settles a message, and with it its line, when it has
 * come as far as --wait asks for; later steps are still told.  Single owner.
 */
#ifndef CLIENT_FATES_H
#define CLIENT_FATES_H

#include "src/client/client_state.h"

/* A SENT event: the message of TOKEN has gone out in CONVERSATION for the first time. */
void fate_sent(struct client *client, const struct conversation *conversation, uint64_t token, uint64_t now);

/* A DELIVERED event. */
void fate_delivered(struct client *client, const struct conversation_event *event, uint64_t now);

/* A FAILED event of CONVERSATION. */
void fate_failed(struct client *client, const struct conversation *conversation, const struct conversation_event *event,
                 uint64_t now);

/* A READ event: a person was shown the message ID to PEER, which was delivered before. */
void fate_read(struct client *client, const char *peer, const char *id, uint64_t now);

#endif
