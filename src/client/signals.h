/*
 * signals: makes signals something to poll for (the self-pipe trick).
 *
 * The handler writes the number of the signal into a pipe and does nothing else.  It catches SIGINT, SIGTERM, SIGHUP
 * and SIGCHLD, and with a terminal also SIGWINCH and SIGTSTP.  One owner in a process.
 */
#ifndef CLIENT_SIGNALS_H
#define CLIENT_SIGNALS_H

#include <stdbool.h>

/* Catches the signals.  Returns a descriptor that polls as readable when one has come, or -errno. */
int signals_open(bool terminal) __attribute__((warn_unused_result));

/* The number of the next signal that has come, or 0. */
int signals_next(void);

/* Stops the program as SIGTSTP does by default, and returns when it is continued. */
void signals_stop(void);

/* Restores the default actions. */
void signals_close(void);

#endif
