/*
 * reply: the command `reply`, a message to the last person who wrote.
 *
 * On a terminal that is the last who wrote before the line was begun: whoever writes while it is being typed must not
 * get what was meant for another.  Single owner.
 */
#ifndef CLIENT_REPLY_H
#define CLIENT_REPLY_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* PEER has written. */
void reply_note(struct client *client, const char *peer);

/* A line has been taken: for the next one, the last who wrote is looked at anew. */
void reply_settle(struct client *client);

/* Turns REQUEST, COMMAND_REPLY, into the message that it stands for.  False: nobody has written, and line NUMBER has
 * been refused. */
bool reply_resolve(struct client *client, struct request *request, unsigned long number);

#endif
