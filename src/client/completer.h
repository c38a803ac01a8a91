/*
 * completer: gives the names, groups and commands that the client knows to the completion of words (completion.h).
 *
 * Names come from the sessions, the answers to `list`, known_peers and the last messages in the history; groups from
 * the folder of groups.  Single owner.
 */
#ifndef CLIENT_COMPLETER_H
#define CLIENT_COMPLETER_H

#include "src/client/client_state.h"

/* Has the terminal of CLIENT complete words when Tab is pressed; does nothing without a terminal. */
void completer_attach(struct client *client);

#endif
