/*
 * privileges: whom the server runs as, when root has started it.
 *
 * Called by main() while there is one thread.
 */
#ifndef SERVER_PRIVILEGES_H
#define SERVER_PRIVILEGES_H

#include "src/server/settings.h"

/* Becomes the user, and group, that SETTINGS name, for good; "" is nobody else, but for a command of root's on the
 * state directory: then it is whom that belongs to.  A state directory that is not there is made first and given to the
 * user.  Also for whom it is already.  -1 with WHY. */
int privileges_drop(const struct settings *settings, struct diagnostic *why) __attribute__((warn_unused_result));

/* Neither this process nor what it starts gets more rights by the programs that it executes. */
void privileges_refuse_new(void);

#endif
