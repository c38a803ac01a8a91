/*
 * known: the commands about known keys, given as lines of input; roster.h does the work.
 *
 * Part of the client's loop.  Errors: 0 or a proto_error, this side's trouble.
 */
#ifndef CLIENT_KNOWN_H
#define CLIENT_KNOWN_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* Does the command REQUEST, COMMAND_TRUST, COMMAND_UNTRUST, COMMAND_PEERS or COMMAND_VERIFY, of line NUMBER. */
int known_command(struct client *client, const struct request *request, unsigned long number)
    __attribute__((warn_unused_result));

#endif
