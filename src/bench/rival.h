/*
 * rival: another server that people could take, to be measured beside ours.
 *
 * What is particular to each is in a table of functions; rival_process starts it over TLS on the loopback, with limits
 * that do not matter to the trials and without a log.
 * Errors: 0 or -1.  Single owner.
 */
#ifndef BENCH_RIVAL_H
#define BENCH_RIVAL_H

#include "proto/buffer.h"
#include "src/bench/workspace.h"
#include <netinet/in.h>
#include <stdio.h>
#include <sys/types.h>

/* What a server says. */
enum rival_word {
    RIVAL_NOTHING, /* yet */
    RIVAL_WELCOME, /* the user may go on */
    RIVAL_JOINED,  /* the user can be reached */
    RIVAL_MESSAGE,
    RIVAL_OTHER,
};

struct rival {
    const char *name;
    const char *programs[3]; /* where it may be, NULL behind the last */
    const char *flags[3];    /* before the path of its configuration, likewise */

    /* Writes what makes it listen on PORT of the loopback with the certificate and the key at those paths. */
    void (*configure)(FILE *file, uint16_t port, const char *certificate, const char *key);

    /* Append to OUT: what user number INDEX says first; what it says when it is welcome, to be in the GROUP or only to
     * be reached, or nothing; TEXT to the user INDEX, or to the group; and the last that it says. */
    int (*introduce)(struct buffer *out, size_t index);
    int (*join)(struct buffer *out, size_t index, bool group);
    int (*tell)(struct buffer *out, size_t index, struct span text);
    int (*tell_group)(struct buffer *out, struct span text);
    int (*leave)(struct buffer *out);

    /* The next that IN has, of *SIZE bytes; and of a message the TEXT in it. */
    enum rival_word (*next_word)(struct span in, size_t *size, struct span *text);
};

extern const struct rival rival_irc, rival_mqtt;

struct rival_process {
    const struct rival *rival;
    pid_t pid; /* 0: none */
    struct sockaddr_in address;
};

/* Where RIVAL is installed; NULL: nowhere. */
const char *rival_program(const struct rival *rival);

/* Starts it with an RSA key of BITS bits. */
int rival_process_start(struct rival_process *process, const struct rival *rival, const struct workspace *workspace,
                        unsigned bits, struct diagnostic *why) __attribute__((warn_unused_result));

/* Ends it. */
void rival_process_stop(struct rival_process *process);

#endif
