/*
 * waiting: what the client's loop waits for, and its input.
 *
 * Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_WAITING_H
#define CLIENT_WAITING_H

#include "src/client/client_state.h"

/* Waits until something can be done, and reads the input if that is it.  *REVENTS: what the connection's socket is
 * ready for. */
int waiting_for_work(struct client *client, int signal_fd, short *revents) __attribute__((warn_unused_result));

/* Reads once from the input. */
int waiting_read(struct client *client) __attribute__((warn_unused_result));

#endif
