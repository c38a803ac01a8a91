/*
 * file_lock: a lock between processes, held on a file made for it.
 *
 * The lock ends with the process, however it ends; the file stays.  It is a POSIX record lock: taking it twice in one
 * process succeeds, and the second release frees both, so each file has one owner.  Single owner.
 */
#ifndef COMMON_FILE_LOCK_H
#define COMMON_FILE_LOCK_H

#include "src/common/diagnostic.h"
#include <stdbool.h>

/* Locks PATH, which is made with mode 0600 if it is missing; WAIT: until whoever holds it lets go.  A descriptor for
 * file_lock_release(), or -errno with WHY: -EAGAIN if another process holds it. */
int file_lock_take(const char *path, bool wait, struct diagnostic *why) __attribute__((warn_unused_result));

/* FD may be negative. */
void file_lock_release(int fd);

#endif
