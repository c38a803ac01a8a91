/*
 * pinging: the command `ping`: measures round-trip times to the relay and, through it, to a peer.
 *
 * One runs at a time, and sends a ping a second.  A ping is told, in a line on standard output or an event, when both
 * have answered it or it is given up; in the end there is a summary.  A session is begun if there is none.
 * Part of the client's loop.  Errors: 0 or a proto_error, this side's trouble.
 *
 * chatsecure(1), "COMMANDS".
 */
#ifndef CLIENT_PINGING_H
#define CLIENT_PINGING_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* The most pings in one run: at one a second, for ever. */
#define PINGING_MAX 1000000000

/* Does `ping NAME [N]`, line NUMBER of the input. */
int pinging_begin(struct client *client, const struct request *request, unsigned long number, uint64_t now)
    __attribute__((warn_unused_result));

bool pinging_is_running(const struct client *client);

/* Sends a ping that is due at NOW, gives up those that are late, and ends the run when all are answered. */
int pinging_tick(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* When pinging_tick() has something to do, or CLOCK_NEVER. */
uint64_t pinging_deadline(const struct client *client);

/* The ping ID has been answered by WAY. */
void pinging_answered(struct client *client, enum ping_way way, struct span id);

/* A session with a peer is established: begins, if `ping` waits for it. */
void pinging_ready(struct client *client, const struct conversation *conversation);

/* A session could not be established: ends the run, if `ping` waits for it. */
void pinging_failed(struct client *client, const struct conversation *conversation, enum conversation_failure failure);

/* No answer will come any more, for the reason WHY: ends the run with its summary, and STATUS. */
void pinging_give_up(struct client *client, enum exit_status status, const char *why);

#endif
