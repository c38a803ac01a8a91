/*
 * sending: a message to each of its recipients.
 *
 * Called by what takes the lines of input.  Every recipient ends with a result of its own: delivered, or named on
 * stderr.  Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_SENDING_H
#define CLIENT_SENDING_H

#include "src/client/client_state.h"

/* Sends BODY, line NUMBER of the input, to LIST (recipients.h). */
int sending_list(struct client *client, unsigned long number, struct span list, struct span body, uint64_t now)
    __attribute__((warn_unused_result));

/* The same to RECIPIENTS. */
int sending_recipients(struct client *client, unsigned long number, const struct recipients *recipients,
                       struct span body, uint64_t now) __attribute__((warn_unused_result));

#endif
