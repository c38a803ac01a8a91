/*
 * waiting: waits, with poll(), for whatever the client's loop has something to do with, and reads the input.
 *
 * Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_WAITING_H
#define CLIENT_WAITING_H

#include "src/client/client_state.h"

/* Waits until a descriptor is ready or a deadline has passed, and reads the input if it is ready.  *REVENTS is what the
 * socket of the connection is ready for. */
int waiting_for_work(struct client *client, int signal_fd, short *revents) __attribute__((warn_unused_result));

/* Reads once from the input, whether that is the terminal or not. */
int waiting_read(struct client *client) __attribute__((warn_unused_result));

#endif
