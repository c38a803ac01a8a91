/*
 * system_log: records for the system's log, from a program that waits for nobody.
 *
 * syslog() waits when the daemon does not fetch what it is sent, as one does not whose disk is full, and all that logs
 * would wait with it.  Here datagrams go to the same socket in the same form (RFC 3164), or get lost.
 * Single owner.
 */
#ifndef COMMON_SYSTEM_LOG_H
#define COMMON_SYSTEM_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

struct system_log {
    const char *name; /* of the program */
    const char *path; /* of the daemon's socket */
    int fd;           /* -1: not connected */
};

#define SYSTEM_LOG_INIT(program)                                                                                       \
    { program, _PATH_LOG, -1 }

/* Sends TEXT of SIZE bytes as a daemon's, with PRIORITY, one of syslog()'s, and the process.  False if it is lost: the
 * daemon is not there, or does not fetch. */
bool system_log_send(struct system_log *log, int priority, const char *text, size_t size);

#endif
