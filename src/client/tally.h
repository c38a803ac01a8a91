/*
 * tally: counts for each line of input how many of its recipients have it.
 *
 * A line with several recipients is several messages, each with a result of its own.  The line is good when as many
 * have it as --need asks for.  Pure.  Single owner.
 */
#ifndef CLIENT_TALLY_H
#define CLIENT_TALLY_H

#include "src/client/exit_status.h"
#include "src/client/ledger.h"

/* Lines that can be open at once: each has a message on its way, or is the one that is being sent. */
#define TALLY_SIZE (LEDGER_SLOTS + 1)

struct tally {
    unsigned long number;   /* of the line; 0: the slot is free */
    size_t recipients;      /* so far */
    size_t open;            /* recipients without a result */
    size_t have;            /* recipients that have it */
    size_t need;            /* how many must have it; 0: all */
    bool complete;          /* there are no further recipients */
    enum exit_status worst; /* the worst result of those that do not have it */
};

struct tallies {
    struct tally list[TALLY_SIZE];
};

/* Begins line NUMBER, which NEED of its recipients must have; all of them if NEED is 0 or there are fewer. */
void tally_begin(struct tallies *tallies, unsigned long number, size_t need);

/* The line has one more recipient, without a result yet. */
void tally_add(struct tallies *tallies, unsigned long number);

/* The line has no further recipients.  True if no result is missing: then *STATUS is the status of the line, and it is
 * forgotten.  A line without any recipient is good. */
bool tally_complete(struct tallies *tallies, unsigned long number, enum exit_status *status);

/* The number of its recipients so far. */
size_t tally_recipients(struct tallies *tallies, unsigned long number);

/* A recipient of the line has RESULT.  Returns as tally_complete() does. */
bool tally_settle(struct tallies *tallies, unsigned long number, enum exit_status result, enum exit_status *status);

#endif
