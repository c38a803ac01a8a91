/*
 * fates: what becomes of the messages that were sent.
 *
 * Called with the events of conversations.  A line is settled when its messages have come as far as --wait says; what
 * becomes of them afterwards is still told.  Single owner.
 */
#ifndef CLIENT_FATES_H
#define CLIENT_FATES_H

#include "src/client/client_state.h"

/* The message of TOKEN went out in CONVERSATION for the first time. */
void fate_sent(struct client *client, const struct conversation *conversation, uint64_t token, uint64_t now);

/* A DELIVERED event, and a FAILED one of CONVERSATION. */
void fate_delivered(struct client *client, const struct conversation_event *event, uint64_t now);
void fate_failed(struct client *client, const struct conversation *conversation, const struct conversation_event *event,
                 uint64_t now);

/* A person was shown the message ID to PEER, which was delivered before. */
void fate_read(struct client *client, const char *peer, const char *id, uint64_t now);

#endif
