/*
 * outgoing: lines of input, and what they set off.
 *
 * Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_OUTGOING_H
#define CLIENT_OUTGOING_H

#include "src/client/client_state.h"

/* Does what LINE asks for. */
int outgoing_line(struct client *client, const struct input_line *line, uint64_t now)
    __attribute__((warn_unused_result));

/* Seals what the conversations have to send, as long as the connection has room.  *EMPTY: nothing is left. */
int outgoing_pump(struct client *client, bool *empty) __attribute__((warn_unused_result));

#endif
