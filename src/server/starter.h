/*
 * starter: a process beside the server that can start the next one.
 *
 * The server itself can start nothing once it is in its sandbox.  So it forks the starter before that, as the user that
 * it serves as, and before it has read a secret.  The starter has the command line, the environment and a socket to the
 * server, and does two things when it is told to: it starts the file that is by then where the server's program was,
 * with the same arguments and the listening sockets that come with the request, and it ends what it has started.  What
 * it starts and how is not the server's to say, so whoever took the server over would get a fresh server from it, and
 * no more.  It has no filter of system calls itself: the new server would inherit it.
 * It takes no notice of signals, and ends with the server.
 */
#ifndef SERVER_STARTER_H
#define SERVER_STARTER_H

#include "src/common/diagnostic.h"
#include "src/common/state_dir.h"
#include "src/server/handover.h"
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* In the server: where it tells the starter. */
struct starter {
    int socket; /* negative: there is none */
};

#define STARTER_NONE                                                                                                   \
    { -1 }

/* What the starter is to start.  Borrowed by starter_open(). */
struct starter_job {
    char program[STATE_PATH_SIZE];
    char **argv;
    char **environment;              /* the starter's copy, or NULL; a child that sets variables leaves it */
    const char *notify;              /* $NOTIFY_SOCKET for it, or "" */
    const char *state_dir;           /* $STATE_DIRECTORY for it if that is not set, or NULL */
    const struct handover *handover; /* what the server itself was given */
    bool guarded;                    /* who may write to the program is not to be started by it */
    sigset_t signals;                /* blocked when the server was started; starter_open() sets it */
};

/* What was started. */
struct starter_child {
    pid_t pid;
    int handover; /* the old server's end of the struct handover's socket */
    int errors;   /* readable: what it writes on its standard error; does not block */
};

#define STARTER_CHILD_NONE                                                                                             \
    { -1, -1, -1 }

/* Forks the starter.  Called while there is one thread.  -1 with WHY. */
int starter_open(struct starter *starter, struct starter_job *job, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Has it start the program, to listen on COUNT SOCKETS.  That it cannot be executed comes as its end, with the reason
 * on its standard error.  -1 with WHY. */
int starter_start(const struct starter *starter, const int *sockets, size_t count, struct starter_child *child,
                  struct diagnostic *why) __attribute__((warn_unused_result));

/* Has it kill what it has started last, if that still runs.  How it has ended, as waitpid() has it; -1: unknown. */
int starter_end(const struct starter *starter);

/* The starter ends.  Legal on STARTER_NONE. */
void starter_close(struct starter *starter);

#endif
