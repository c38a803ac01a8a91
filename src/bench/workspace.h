/*
 * workspace: the folder where the generator keeps keys and its server's state.
 *
 * Keys are made on first use and found again in a folder that the user names; without one everything
 * is temporary.  Errors: 0 or -1 with WHY.  Single owner.
 */
#ifndef BENCH_WORKSPACE_H
#define BENCH_WORKSPACE_H

#include "src/common/state_dir.h"

struct workspace {
    char temporary[STATE_PATH_SIZE]; /* removed at the end; "" before it is made */
    char state[STATE_PATH_SIZE];     /* of the server, in it */
    char keys[STATE_PATH_SIZE];
};

/* KEYS may be NULL. */
int workspace_open(struct workspace *workspace, const char *keys, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Has `state` be that of another server. */
int workspace_another(struct workspace *workspace, struct diagnostic *why) __attribute__((warn_unused_result));

/* Removes what is temporary.  Legal on a zeroed struct. */
void workspace_close(struct workspace *workspace);

/* The path of the private key NAME of BITS bits, which is made if it is not there. */
int workspace_key(const struct workspace *workspace, const char *name, unsigned bits, char path[static STATE_PATH_SIZE],
                  struct diagnostic *why) __attribute__((warn_unused_result));

#endif
