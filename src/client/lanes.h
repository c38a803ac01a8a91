/*
 * lanes: a queue for each recipient of lines in the spool, so that an absent one does not hold up the others.
 *
 * A recipient gets its lines in their order.  While it is not there its lane rests, with exponential backoff.  Lanes
 * take turns.  The lines themselves are in the spool; a lane only counts them.  Single owner.
 */
#ifndef CLIENT_LANES_H
#define CLIENT_LANES_H

#include "src/client/backoff.h"
#include "src/client/exit_status.h"
#include "src/client/peers.h"

/* As many as there are conversations. */
#define LANES_MAX PEERS_MAX

struct lane {
    char name[NAME_SIZE];
    size_t waiting;          /* lines in the spool that are not on their way */
    size_t flying;           /* lines on their way, without a receipt */
    unsigned long sent;      /* number of the last line that was given to the conversation */
    unsigned long reported;  /* number of the last line that was told to be sent */
    bool resting;            /* its lines have failed, and none has arrived since */
    bool given_up;           /* nothing more is sent in this run */
    uint64_t until;          /* resting: when it is tried again, monotonic milliseconds */
    enum exit_status status; /* why its lines failed */
    struct backoff backoff;
    struct trust_memory known; /* the key on file */
};

struct lanes {
    struct lane *list;
    size_t count, capacity;
    size_t turn; /* counts turns: whose is next */
};

/* The lane of NAME, whatever its case, or NULL.  Valid until lanes_get(). */
struct lane *lanes_find(const struct lanes *lanes, const char *name);

/* The same, made if it is missing.  NULL: out of memory, or LANES_MAX lanes are in use. */
struct lane *lanes_get(struct lanes *lanes, const char *name);

/* The next lane, in turns, that has a line to send at NOW, or NULL. */
struct lane *lanes_next(struct lanes *lanes, uint64_t now);

/* When the first lane that rests at NOW will be tried again, or CLOCK_NEVER. */
uint64_t lanes_deadline(const struct lanes *lanes, uint64_t now);

/* True if no lane has anything more to send in this run. */
bool lanes_are_done(const struct lanes *lanes);

void lanes_free(struct lanes *lanes);

#endif
