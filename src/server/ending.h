/*
 * ending: that the server is to end, and what its clients are told.
 *
 * Any thread, but for opening and closing.  Without a lock.
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

/* Has the server end.  When it was to restart, it shuts down instead. */
void ending_shut_down(struct ending *ending);

/* Has it end because another takes over.  False: it is ending already. */
bool ending_restart(struct ending *ending) __attribute__((warn_unused_result));

enum ending_kind ending_kind(struct ending *ending);

/* The word for it in the bye. */
const char *ending_word(struct ending *ending);

#endif
