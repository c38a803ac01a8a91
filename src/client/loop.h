/*
 * loop: the client's main loop: waits, and calls what has something to do.
 */
#ifndef CLIENT_LOOP_H
#define CLIENT_LOOP_H

#include "src/client/client_state.h"

/* Runs until the phase is DONE.  SIGNAL_FD is from signals_open().  0, or a proto_error: this side's trouble. */
int loop_run(struct client *client, int signal_fd) __attribute__((warn_unused_result));

/* Takes all lines of input that may be taken now. */
int loop_take_lines(struct client *client, uint64_t now) __attribute__((warn_unused_result));

#endif
