/*
 * sandbox: leaves the server, once it runs, only the system calls that it needs.
 *
 * It can still read and write files, accept connections and make threads, but not start a program, connect to another
 * host, trace, mount, or make memory executable.  What is refused fails with EPERM.
 */
#ifndef SERVER_SANDBOX_H
#define SERVER_SANDBOX_H

#include "src/common/diagnostic.h"
#include <stdbool.h>

/* Whether it was built in, and is of use: sanitizers need more than is left. */
bool sandbox_is_there(void);

/* For all threads, those that run already too, and for good.  -1 with WHY. */
int sandbox_enter(struct diagnostic *why) __attribute__((warn_unused_result));

#endif
