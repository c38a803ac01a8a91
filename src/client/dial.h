/*
 * dial: a TCP connection to whichever address of a server answers.
 *
 * Tries the addresses one after the other, each for an even share of the time that is left, so that one that never
 * answers does not use up the time of the next.  Never waits, but for the system's resolver.  Single owner.
 */
#ifndef CLIENT_DIAL_H
#define CLIENT_DIAL_H

#include "src/common/net.h"
#include <stdbool.h>
#include <stdint.h>

struct dial;

/* Looks ENDPOINT up and begins with its first address; UNTIL is when the last must have answered.  0 or -errno; *DIAL
 * is NULL only if memory is lacking, and has the reason otherwise. */
int dial_new(struct dial **dial, const struct net_endpoint *endpoint, uint64_t now, uint64_t until)
    __attribute__((warn_unused_result));

/* Closes what is under way.  NULL is legal. */
void dial_free(struct dial *dial);

/* The socket to poll for writing, and until when. */
int dial_fd(const struct dial *dial);
uint64_t dial_deadline(const struct dial *dial);

/* Goes on when the socket is READY or the deadline has passed.  The connected socket, which the caller owns; -EAGAIN to
 * wait on; another -errno when the last address has failed. */
int dial_continue(struct dial *dial, bool ready, uint64_t now) __attribute__((warn_unused_result));

/* Why the last address failed, for people; until dial_free(). */
const char *dial_why(const struct dial *dial);

#endif
