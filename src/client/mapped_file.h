/*
 * mapped_file: a small file of fixed size that is mapped into memory.
 *
 * What a process has stored there is there for the next one, however and whenever the first was killed, since the pages
 * belong to the system.  Only when the machine fails may stores be lost, in any order; what must not be half true then
 * needs a checksum.  Single owner.
 */
#ifndef CLIENT_MAPPED_FILE_H
#define CLIENT_MAPPED_FILE_H

#include "src/common/state_dir.h"

#include <stdbool.h>

/* Bytes that the file begins with: what it is, and the version of its format. */
#define MAPPED_FILE_MAGIC_SIZE 32

struct mapped_file {
    void *memory; /* the whole file, from its magic on; NULL: it is not open */
    size_t size;
    int fd;
    char path[STATE_PATH_SIZE];
};

#define MAPPED_FILE_INIT                                                                                               \
    { .memory = NULL, .fd = -1 }

/* Opens DIR/NAME, of SIZE bytes, which nobody else may read.  With MAKE, a missing one is made, with zeros behind its
 * MAGIC.  Its room on the disk is reserved, so that no store can fail.  FILE was MAPPED_FILE_INIT.  0 or -errno with
 * WHY: -ENOENT: it is missing; -EBADMSG: it is damaged, of another version, or not this user's alone. */
int mapped_file_open(struct mapped_file *file, const char *dir, const char *name, const char *magic, size_t size,
                     bool make, struct diagnostic *why) __attribute__((warn_unused_result));

/* Unmaps the file.  Legal on one that is not open. */
void mapped_file_close(struct mapped_file *file);

/* Stores before the call are seen by the next process that maps the file if it sees any store after the call. */
void mapped_file_order(void);

#endif
