/*
 * loop: the client at work, from its first step to its last.
 */
#ifndef CLIENT_LOOP_H
#define CLIENT_LOOP_H

#include "src/client/client_state.h"

/* Runs until the phase is DONE.  SIGNAL_FD is from signals_open().  0, or a proto_error: this side's trouble. */
int loop_run(struct client *client, int signal_fd) __attribute__((warn_unused_result));

/* Takes the lines of input that there are. */
int loop_take_lines(struct client *client, uint64_t now) __attribute__((warn_unused_result));

#endif
