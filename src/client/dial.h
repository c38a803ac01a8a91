/*
 * dial: opens a TCP connection to the first address of a server that answers.
 *
 * The addresses are tried one after the other, each for an equal share of the time that is left, so that one that never
 * answers leaves time for the others.  Never blocks, except in the system's resolver.  Single owner.
 */
#ifndef CLIENT_DIAL_H
#define CLIENT_DIAL_H

#include "src/common/net.h"
#include <stdbool.h>
#include <stdint.h>

struct dial;

/* Looks ENDPOINT up and begins to connect to its first address.  UNTIL is when one must have answered.  0 or -errno;
 * unless it is -ENOMEM, *DIAL is there to ask dial_why(), and must be freed. */
int dial_new(struct dial **dial, const struct net_endpoint *endpoint, uint64_t now, uint64_t until)
    __attribute__((warn_unused_result));

/* Closes what is under way.  NULL is legal. */
void dial_free(struct dial *dial);

/* The socket to poll for writing, and when to stop waiting for it. */
int dial_fd(const struct dial *dial);
uint64_t dial_deadline(const struct dial *dial);

/* To be called when the socket is READY or the deadline has passed.  Returns the connected socket, which the caller
 * then owns; -EAGAIN: wait on; another -errno: the last address has failed. */
int dial_continue(struct dial *dial, bool ready, uint64_t now) __attribute__((warn_unused_result));

/* Why the last address failed, for people; until dial_free(). */
const char *dial_why(const struct dial *dial);

#endif
