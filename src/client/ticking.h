/*
 * ticking: shows the ticks (ticks.h) behind the lines that a person has typed.
 *
 * While the terminal can reach a line, its mark is put behind it; later changes are told in a line of their own.
 * Without a terminal nothing is shown.  Single owner.
 */
#ifndef CLIENT_TICKING_H
#define CLIENT_TICKING_H

#include "src/client/client_state.h"

/* Line NUMBER is a message with TEXT; it has one more recipient, PEER; one of its messages is in STATE. */
void ticking_begin(struct client *client, unsigned long number, struct span text);
void ticking_add(struct client *client, unsigned long number, const char *peer);
void ticking_note(struct client *client, unsigned long number, enum tick_state state);

/* Shows what has changed.  PROTO_E_MEMORY, PROTO_E_FULL. */
int ticking_show(struct client *client) __attribute__((warn_unused_result));

#endif
