/*
 * completer: the names and commands that the client knows, for who types one.
 *
 * Names are those of the peers, of the last answers to `list`, of known_peers, and of the last messages in the history;
 * groups are those in their folder.  Single owner.
 */
#ifndef CLIENT_COMPLETER_H
#define CLIENT_COMPLETER_H

#include "src/client/client_state.h"

/* Has the terminal of CLIENT, if there is one, complete words. */
void completer_attach(struct client *client);

#endif
