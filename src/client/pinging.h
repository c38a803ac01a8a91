/*
 * pinging: `ping`, how long the way to a peer is, and how long the relay's part of it.
 *
 * One runs at a time, a ping a second.  Each ping is a line on standard output, or an event, once both have answered it
 * or no answer comes any more; in the end there is a summary.  A session is begun if there is none.
 * Part of the client's loop.  Errors: 0 or a proto_error, this side's trouble.
 *
 * chatsecure(1), "COMMANDS".
 */
#ifndef CLIENT_PINGING_H
#define CLIENT_PINGING_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* Pings in one run: at one a second, for ever. */
#define PINGING_MAX 1000000000

/* Does `ping NAME [N]`, line NUMBER of the input. */
int pinging_begin(struct client *client, const struct request *request, unsigned long number, uint64_t now)
    __attribute__((warn_unused_result));

bool pinging_is_running(const struct client *client);

/* Sends what is due, gives up what is late, and ends; and when that will be, CLOCK_NEVER if never. */
int pinging_tick(struct client *client, uint64_t now) __attribute__((warn_unused_result));
uint64_t pinging_deadline(const struct client *client);

/* The relay, or a peer, has answered the ping ID. */
void pinging_answered(struct client *client, enum ping_way way, struct span id);

/* A session with a peer stands; or the one that was waited for does not come. */
void pinging_ready(struct client *client, const struct conversation *conversation);
void pinging_failed(struct client *client, const struct conversation *conversation, enum conversation_failure failure);

/* No answer comes any more, for WHY: ends with what there is. */
void pinging_give_up(struct client *client, enum exit_status status, const char *why);

#endif
