/*
 * or_else: the lines that were not delivered, for the program of --or-else.
 *
 * A line is noted when it is taken from the input, and forgotten when it is delivered.  When everything else is over,
 * the program gets the others on its standard input, in the order in which they failed, and behind them what was never
 * read.  Single owner.
 *
 * chatsecure(1), "--or-else".
 */
#ifndef CLIENT_OR_ELSE_H
#define CLIENT_OR_ELSE_H

#include "src/client/input.h"

/* Bytes that are kept: what may be on its way at once, and as much again of what failed.  What is more is counted. */
#define OR_ELSE_MAX (64 * 1024 * 1024)

struct or_else;

/* NULL: out of memory. */
struct or_else *or_else_new(void);

/* Wipes.  NULL is legal. */
void or_else_free(struct or_else *or_else);

/* Notes TEXT, line NUMBER of the input.  PROTO_E_MEMORY. */
int or_else_note(struct or_else *or_else, unsigned long number, struct span text) __attribute__((warn_unused_result));

/* Line NUMBER is DELIVERED, or will not be. */
void or_else_settle(struct or_else *or_else, unsigned long number, bool delivered);

/* True if a line was not delivered; and how many of those there was no room for. */
bool or_else_has_lines(const struct or_else *or_else);
unsigned long or_else_dropped(const struct or_else *or_else);

struct or_else_run {
    const char *command;
    bool to_stderr;      /* the program's standard output is this one's standard error */
    unsigned status;     /* of this program, for the other one */
    struct input *input; /* what is in it was not sent */
    int fd;              /* neither is what can still be read here, -1: nothing */
    uint64_t wait;       /* milliseconds that the end of it is waited for */
};

/* Runs the command in /bin/sh with the lines, and waits for its end or a signal.  Its status, or -errno. */
int or_else_run(struct or_else *or_else, const struct or_else_run *run);

#endif
