/*
 * tally: of each line of input, how many of its recipients have it.
 *
 * A line with several recipients is several messages, each with a result of its own; the line is good when as many
 * have it as are needed.  Pure.  Single owner.
 */
#ifndef CLIENT_TALLY_H
#define CLIENT_TALLY_H

#include "src/client/exit_status.h"
#include "src/client/ledger.h"

/* Lines that can be open: each has a message on its way, or is the one that is being sent. */
#define TALLY_SIZE (LEDGER_SLOTS + 1)

struct tally {
    unsigned long number; /* of the line; 0: free */
    size_t recipients;
    size_t open; /* of them without a result */
    size_t have;
    size_t need;            /* so many must have it; 0: all */
    bool complete;          /* there are no further recipients */
    enum exit_status worst; /* of those who do not have it */
};

struct tallies {
    struct tally list[TALLY_SIZE];
};

/* Line NUMBER, of whose recipients NEED must have it; if there are fewer, or NEED is 0, all of them. */
void tally_begin(struct tallies *tallies, unsigned long number, size_t need);

/* It has one more recipient, whose result is due; or no further one: a line without any is good. */
void tally_add(struct tallies *tallies, unsigned long number);
bool tally_complete(struct tallies *tallies, unsigned long number, enum exit_status *status);

/* Its recipients so far. */
size_t tally_recipients(struct tallies *tallies, unsigned long number);

/* The result of a recipient.  This and tally_complete(): true if nothing more is due, and *STATUS is what the line came
 * to. */
bool tally_settle(struct tallies *tallies, unsigned long number, enum exit_status result, enum exit_status *status);

#endif
