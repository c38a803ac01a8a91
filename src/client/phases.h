/*
 * phases: moves the client from one phase (client_state.h) to the next, and to its end.
 *
 * Called by the client's loop and by what it calls.  Errors: 0 or a proto_error, this side's trouble.
 */
#ifndef CLIENT_PHASES_H
#define CLIENT_PHASES_H

#include "src/client/client_state.h"

/* Enters PHASE, which ends at DEADLINE, or CLOCK_NEVER. */
void phase_set(struct client *client, enum client_phase phase, uint64_t deadline);

/* The input has ended: the client waits for receipts and answers, and then leaves.  Does nothing unless RUNNING. */
void phase_drain(struct client *client, uint64_t now);

/* Says goodbye to the peers; when that has been sent, phase_check() says it to the server. */
int phase_leave(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* True while receipts, answers or other things are waited for that come over the connection. */
bool phase_is_waiting(const struct client *client);

/* Enters the next phase if there is nothing left to wait for in this one, or its deadline has passed.  ALL_SENT: the
 * conversations have nothing left to send. */
int phase_check(struct client *client, bool all_sent, uint64_t now) __attribute__((warn_unused_result));

/* A signal asks the client to end; a second one does not wait for goodbyes. */
int phase_interrupt(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* Lines that are on their way, and those that were not read, have failed with STATUS: says so of each, with WHY.  Gives
 * up everything else that is waited for. */
void phase_give_up(struct client *client, enum exit_status status, const char *why);

#endif
