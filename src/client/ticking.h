/*
 * ticking: the ticks of what a person typed, on the terminal that it was typed at.
 *
 * A mark is put behind the line while the terminal can reach it; a line of its own tells it from then on.  Without a
 * terminal all of this does nothing.  Single owner.
 */
#ifndef CLIENT_TICKING_H
#define CLIENT_TICKING_H

#include "src/client/client_state.h"

/* Line NUMBER is a message with TEXT; has one more recipient; a message of it has come to STATE. */
void ticking_begin(struct client *client, unsigned long number, struct span text);
void ticking_add(struct client *client, unsigned long number, const char *peer);
void ticking_note(struct client *client, unsigned long number, enum tick_state state);

/* Shows what has changed.  PROTO_E_MEMORY, PROTO_E_FULL. */
int ticking_show(struct client *client) __attribute__((warn_unused_result));

#endif
