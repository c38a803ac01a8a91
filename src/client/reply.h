/*
 * reply: an answer to the last who wrote.
 *
 * On a terminal that is the last who wrote before the line was begun: whoever writes while it is typed must not get
 * what was meant for another.  Single owner.
 */
#ifndef CLIENT_REPLY_H
#define CLIENT_REPLY_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* PEER has written. */
void reply_note(struct client *client, const char *peer);

/* A line is done: the next one may be for somebody else. */
void reply_settle(struct client *client);

/* Makes REQUEST, the command, the message that it stands for.  False: there is nobody to answer, which line NUMBER is
 * told for. */
bool reply_resolve(struct client *client, struct request *request, unsigned long number);

#endif
