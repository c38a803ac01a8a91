/*
 * or_else: keeps the lines that are not delivered, and gives them to the shell command of --or-else in the end.
 *
 * A line is noted when it is taken from the input, and forgotten when it is delivered.  When the run is over, the
 * command gets the others on its standard input, in the order in which they failed, and then what was never read of the
 * input.  Single owner.
 *
 * chatsecure(1), "--or-else".
 */
#ifndef CLIENT_OR_ELSE_H
#define CLIENT_OR_ELSE_H

#include "src/client/input.h"

/* Bytes of failed lines that are kept; lines for which there is no more room are only counted. */
#define OR_ELSE_MAX (64 * 1024 * 1024)

struct or_else;

/* NULL: out of memory. */
struct or_else *or_else_new(void);

/* Wipes.  NULL is legal. */
void or_else_free(struct or_else *or_else);

/* Notes TEXT, line NUMBER of the input.  PROTO_E_MEMORY. */
int or_else_note(struct or_else *or_else, unsigned long number, struct span text) __attribute__((warn_unused_result));

/* Line NUMBER has been DELIVERED, or has failed. */
void or_else_settle(struct or_else *or_else, unsigned long number, bool delivered);

/* True if lines have failed. */
bool or_else_has_lines(const struct or_else *or_else);

/* How many failed lines there was no room for. */
unsigned long or_else_dropped(const struct or_else *or_else);

struct or_else_run {
    const char *command;
    bool to_stderr;      /* the command's standard output is this program's standard error */
    unsigned status;     /* this program's exit status, for $CHATSECURE_STATUS */
    struct input *input; /* lines that were read, and not sent */
    int fd;              /* where the rest of the input can be read, -1: nowhere */
    uint64_t wait;       /* how long to wait for that rest, milliseconds */
};

/* Runs the command in /bin/sh, feeds it the lines, and waits until it ends or a signal comes.  Its exit status, or
 * -errno; -EINTR: a signal. */
int or_else_run(struct or_else *or_else, const struct or_else_run *run);

#endif
