/*
 * home: the state directory of the client's user, its lock, and the identity.
 *
 * Functions that return an exit status have said on stderr what went wrong; the others return 0, or -errno with WHY.
 * Single owner.
 */
#ifndef CLIENT_HOME_H
#define CLIENT_HOME_H

#include "src/client/arguments.h"
#include "src/client/exit_status.h"
#include "src/common/identity.h"

struct home {
    char dir[STATE_PATH_SIZE];
    char identity_path[STATE_PATH_SIZE]; /* of --identity, or in `dir` */
    struct identity identity;            /* after home_load_identity() */
    int lock;                            /* negative: not taken */
};

#define HOME_INIT                                                                                                      \
    { .lock = -1 }

/* Finds out where the state directory is; it need not exist. */
int home_find(struct home *home, const struct arguments *arguments, struct diagnostic *why);

/* Finds the state directory and the path of the identity, and makes the directory if it is missing. */
enum exit_status home_open(struct home *home, const struct arguments *arguments);

/* Copies GIVEN, the path of a file that an option names, to OUT; the file must be readable. */
int home_given_file(char out[static STATE_PATH_SIZE], const char *given, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Fills TRUST, which was zeroed, from the state directory and ARGUMENTS, from which it borrows. */
enum exit_status home_set_trust(const struct home *home, const struct arguments *arguments, struct trust *trust);

/* Takes the lock that lets only one process at a time run on the state directory; waits for it for WAIT milliseconds.
 */
enum exit_status home_lock(struct home *home, uint64_t wait);

/* Takes the lock FILE in the folder DIR, which OPTION names, likewise; *LOCK is to be given to file_lock_release(). */
enum exit_status home_lock_folder(int *lock, const char *dir, const char *file, const char *option, uint64_t wait);

/* Loads the identity.  With MAKE, one is made in the state directory if it is missing, and the person is told. */
enum exit_status home_load_identity(struct home *home, const struct arguments *arguments, bool make);

/* Wipes the identity, and lets go of the lock. */
void home_close(struct home *home);

#endif
