/*
 * ending: tells all threads that the server is to end, and why.
 *
 * Any thread may call it, except for opening and closing.  It needs no lock.
 */
#ifndef SERVER_ENDING_H
#define SERVER_ENDING_H

#include "src/server/wake.h"
#include <stdbool.h>

enum ending_kind {
    ENDING_NOT,
    ENDING_RESTART, /* another server takes over, and the clients are to come back at once */
    ENDING_SHUTDOWN
};

struct ending {
    struct wake wake; /* readable for good once the server is to end: never drained */
    _Atomic enum ending_kind kind;
};

#define ENDING_INIT                                                                                                    \
    { WAKE_INIT, ENDING_NOT }

/* 0 or -errno. */
int ending_open(struct ending *ending) __attribute__((warn_unused_result));
void ending_close(struct ending *ending);

/* Has the server shut down, even if it was going to restart. */
void ending_shut_down(struct ending *ending);

/* Has the server end because another one takes over.  False: it is ending already. */
bool ending_restart(struct ending *ending) __attribute__((warn_unused_result));

/* Whether the server is to end, and how. */
enum ending_kind ending_kind(struct ending *ending);

/* The reason that clients are told in the `bye`. */
const char *ending_word(struct ending *ending);

#endif
