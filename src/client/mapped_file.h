/*
 * mapped_file: a small file that is written as memory.
 *
 * What a process has stored in it is there for the next one, however and whenever the first one was killed: the pages
 * are the system's.  Only a machine that fails takes back what has not reached the disk yet, so what must not be
 * half true then has a checksum.  Single owner.
 */
#ifndef CLIENT_MAPPED_FILE_H
#define CLIENT_MAPPED_FILE_H

#include "src/common/state_dir.h"

#include <stdbool.h>

/* What such a file begins with: what it is, and the version of its form. */
#define MAPPED_FILE_MAGIC_SIZE 32

struct mapped_file {
    void *memory; /* NULL: it is not open; begins with the magic */
    size_t size;
    int fd;
    char path[STATE_PATH_SIZE];
};

#define MAPPED_FILE_INIT                                                                                               \
    { .memory = NULL, .fd = -1 }

/* Opens DIR/NAME of SIZE bytes, this user's alone.  With MAKE, one that is missing is made, zeros behind its MAGIC.
 * It has all its room on the disk.  -ENOENT, -EBADMSG: it is something else, -errno, with WHY.  FILE was
 * MAPPED_FILE_INIT. */
int mapped_file_open(struct mapped_file *file, const char *dir, const char *name, const char *magic, size_t size,
                     bool make, struct diagnostic *why) __attribute__((warn_unused_result));

/* The file stays.  One that is not open is legal. */
void mapped_file_close(struct mapped_file *file);

/* Lets no store before it be seen after one behind it by who maps the file next. */
void mapped_file_order(void);

#endif
