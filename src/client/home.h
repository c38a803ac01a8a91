/*
 * home: the files of the client's user: the state directory, and the identity in it.
 *
 * What goes wrong is said on stderr; the status is what the program should end with.  Single owner.
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

/* Finds the state directory of ARGUMENTS, which need not exist.  0 or -errno with WHY. */
int home_find(struct home *home, const struct arguments *arguments, struct diagnostic *why);

/* Finds the state directory of ARGUMENTS, and makes it if it is missing. */
enum exit_status home_open(struct home *home, const struct arguments *arguments);

/* Takes the path of a file that an option names and that is only read: it must be there.  0 or -errno with WHY. */
int home_given_file(char out[static STATE_PATH_SIZE], const char *given, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Sets TRUST up for the files of HOME and what ARGUMENTS say.  TRUST was zeroed. */
enum exit_status home_set_trust(const struct home *home, const struct arguments *arguments, struct trust *trust);

/* For a program that stays: one process a state directory.  Waits for another to end, WAIT milliseconds at most. */
enum exit_status home_lock(struct home *home, uint64_t wait);

/* The same for the folder DIR that OPTION names, and the lock FILE in it; *LOCK is for file_lock_release(). */
enum exit_status home_lock_folder(int *lock, const char *dir, const char *file, const char *option, uint64_t wait);

/* Loads the identity.  With MAKE, the state directory's is made if it is missing, which is said. */
enum exit_status home_load_identity(struct home *home, const struct arguments *arguments, bool make);

/* Wipes, and lets go of the lock. */
void home_close(struct home *home);

#endif
