/*
 * locked_file: a small text file that people edit and several programs change.
 *
 * Read as a whole and replaced as a whole: whoever reads it sees all of the old text or all of the new, also after a
 * crash, a kill or a full disk.  A change is read, made and written under a lock on "PATH.lock".  A link stays one, and
 * what it points at is locked and replaced; owner, group and mode of a file that is there are kept, or it is not
 * changed.
 * Single owner.  Errors: 0 or -errno with WHY.
 */
#ifndef COMMON_LOCKED_FILE_H
#define COMMON_LOCKED_FILE_H

#include "proto/buffer.h"
#include "src/common/diagnostic.h"

/* A path, and what is put behind it for the file beside it. */
#define LOCKED_FILE_PATH_SIZE 4096

struct locked_file {
    char path[LOCKED_FILE_PATH_SIZE]; /* without links */
    int lock;                         /* negative: not held */
};

/* Appends the file at PATH to OUT, nothing if it is not there, without a lock.  -EFBIG over the limit of OUT, -EINVAL
 * for what is no file. */
int locked_file_read(const char *path, struct buffer *out, struct diagnostic *why) __attribute__((warn_unused_result));

/* Waits for the lock, and reads.  Whatever the result, locked_file_release() is due. */
int locked_file_take(struct locked_file *file, const char *path, struct buffer *out, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Puts TEXT in the place of what was there; a new file has mode 0600. */
int locked_file_replace(const struct locked_file *file, struct span text, struct diagnostic *why)
    __attribute__((warn_unused_result));

void locked_file_release(struct locked_file *file);

#endif
