/*
 * outgoing: does what lines of input ask for, and sends what conversations have to send.
 *
 * Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_OUTGOING_H
#define CLIENT_OUTGOING_H

#include "src/client/client_state.h"

/* Takes LINE: sends it, does its command, or says what is wrong with it. */
int outgoing_line(struct client *client, const struct input_line *line, uint64_t now)
    __attribute__((warn_unused_result));

/* Gives the connection what the conversations have to send, as far as it has room.  *EMPTY: nothing is left. */
int outgoing_pump(struct client *client, bool *empty) __attribute__((warn_unused_result));

#endif
