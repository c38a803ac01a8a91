/*
 * phases: how the client goes from one to the next, and how it ends.
 *
 * Called by the client's loop and by what it calls.  Errors: 0 or a proto_error, this side's trouble.
 */
#ifndef CLIENT_PHASES_H
#define CLIENT_PHASES_H

#include "src/client/client_state.h"

/* DEADLINE is that of the phase, CLOCK_NEVER if it has none. */
void phase_set(struct client *client, enum client_phase phase, uint64_t deadline);

/* The end of input: waits for receipts and answers, and leaves then.  Does nothing unless RUNNING. */
void phase_drain(struct client *client, uint64_t now);

/* Says goodbye to the peers; phase_check() says it to the server once that is on its way. */
int phase_leave(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* Whether something is still to come that the server is needed for. */
bool phase_is_waiting(const struct client *client);

/* Moves on if there is nothing left to wait for.  ALL_SENT: the conversations have nothing left to send. */
int phase_check(struct client *client, bool all_sent, uint64_t now) __attribute__((warn_unused_result));

/* The end that a signal asks for; a second one does not wait for goodbyes. */
int phase_interrupt(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* The lines that are on their way and those that were not read come to nothing: says so of each, with WHY. */
void phase_give_up(struct client *client, enum exit_status status, const char *why);

#endif
