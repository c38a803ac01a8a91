/*
 * signals: signals as something to poll for.
 *
 * The handler writes the signal's number into a pipe and does nothing else.  For SIGINT, SIGTERM, SIGHUP and SIGCHLD,
 * and for SIGWINCH and SIGTSTP where there is a terminal to look after.  One owner in a process.
 */
#ifndef CLIENT_SIGNALS_H
#define CLIENT_SIGNALS_H

#include <stdbool.h>

/* Catches the signals.  A descriptor that polls as readable when one has come, or -errno. */
int signals_open(bool terminal) __attribute__((warn_unused_result));

/* The number of the next signal, 0 if there is none. */
int signals_next(void);

/* Stops the program as SIGTSTP would have, and returns when it goes on. */
void signals_stop(void);

/* Puts the default actions back. */
void signals_close(void);

#endif
