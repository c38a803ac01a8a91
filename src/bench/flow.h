/*
 * flow: numbered messages between two users, in both directions.
 *
 * End to end encrypted by a conversation at each end, or opaque: a client-com of the same size whose
 * end-to-end part is random bytes, so that the clients' share costs next to nothing.
 * Each end checks that the numbers of what arrives are those that come next: a message that is lost,
 * doubled or out of order fails the crowd.
 * Both ends are in this process, so what has arrived is known at once; receipts are sent all the same.
 * Single owner.
 */
#ifndef BENCH_FLOW_H
#define BENCH_FLOW_H

#include "proto/conversation.h"
#include "src/bench/crowd.h"

enum flow_side { FLOW_NEAR, FLOW_FAR };

struct flow_end {
    struct user *user;
    struct conversation *conversation; /* NULL: opaque */
    struct buffer payload;             /* opaque: the client-com, in which the number is written */
    size_t number_at;                  /* and where */
    uint64_t sent;                     /* messages of this end */
    uint64_t arrived;                  /* messages of the other end that have come here */
    bool eager;                        /* receipts go as soon as nothing more is waiting, not gathered */
};

struct flow {
    struct flow_end ends[2];
    uint64_t seen[2]; /* for the trial: `arrived` of each end when it last looked */
};

/* Appends a client-com from SRC to DST whose parts have the sizes of those of a text of SIZE bytes, and random
 * contents. 0 or -1. */
int flow_write_opaque(struct buffer *out, struct span src, struct span dst, size_t size)
    __attribute__((warn_unused_result));

/* A flow from NEAR to FAR, which may not be the far end of another.  0, or -1 and the crowd has failed. */
int flow_init(struct flow *flow, struct user *near, struct user *far) __attribute__((warn_unused_result));
void flow_free(struct flow *flow);

/* Sends COUNT messages from the end SIDE; they are in the user's output, which is to be flushed. */
void flow_send(struct flow *flow, enum flow_side side, uint64_t count);

/* Messages of the end SIDE that have not arrived, or have no receipt yet. */
uint64_t flow_pending(const struct flow *flow, enum flow_side side);

/* True when all that was sent has arrived and its receipts too. */
bool flow_is_settled(const struct flow *flow);

/* Gives what the users of a crowd receive to their flows. */
extern const struct crowd_listener flow_listener;

#endif
