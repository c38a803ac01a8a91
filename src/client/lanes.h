/*
 * lanes: of each recipient of lines in the spool, how far it has got.
 *
 * A recipient gets its lines in their order; while it is not there they rest, and those of others go on.  Single owner.
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
    size_t waiting;          /* lines that are not on their way */
    size_t flying;           /* and those that are */
    unsigned long sent;      /* number of the last line that was */
    unsigned long reported;  /* of the last line that was told to be sent */
    bool resting;            /* its lines came back, and none has arrived since */
    bool given_up;           /* for this run */
    uint64_t until;          /* when it is tried again */
    enum exit_status status; /* why its lines came back */
    struct backoff backoff;
    struct trust_memory known;
};

struct lanes {
    struct lane *list;
    size_t count, capacity;
    size_t turn; /* whose line is the next */
};

/* The lane of NAME, whatever its case; made if it is missing.  NULL: there is none; out of memory, or of lanes. */
struct lane *lanes_find(const struct lanes *lanes, const char *name);
struct lane *lanes_get(struct lanes *lanes, const char *name);

/* A lane whose turn it is to send a line at NOW, or NULL. */
struct lane *lanes_next(struct lanes *lanes, uint64_t now);

/* When one behind NOW will be tried again; CLOCK_NEVER: none. */
uint64_t lanes_deadline(const struct lanes *lanes, uint64_t now);

/* True if nothing more is to be sent in this run. */
bool lanes_are_done(const struct lanes *lanes);

void lanes_free(struct lanes *lanes);

#endif
