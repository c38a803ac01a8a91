/*
 * folder: the folder for files from peers.
 *
 * Nothing outside it can be touched: everything is named by one component, made by file_name.h, relative to the folder
 * as it was opened, whatever happens to its path meanwhile.  No link is followed, and nothing is overwritten.
 * Errors: a negative errno.  Single owner.
 */
#ifndef CLIENT_FOLDER_H
#define CLIENT_FOLDER_H

#include "src/client/file_name.h"

#include <stdint.h>

/* Opens the folder PATH.  Returns its descriptor. */
int folder_open(const char *path);

/* Opens the file PART for reading and writing, makes it with mode 0600 if it is missing, and locks it.  Returns its
 * descriptor, and sets *SIZE to its bytes.  -EPERM: it is not a plain file of this user's with a single name;
 * -EWOULDBLOCK: another program has locked it. */
int folder_open_part(int folder, const char *part, uint64_t *size) __attribute__((warn_unused_result));

/* True if something is there under the name PART. */
bool folder_has(int folder, const char *part);

/* Opens for reading the last one that is there of NAME, "NAME (1)" and so on, and writes its name to KEPT.  Returns its
 * descriptor.  -ENOENT: there is none, or it is not a plain file of this user's of SIZE bytes. */
int folder_open_kept(int folder, const char *name, uint64_t size, char kept[static FILE_NAME_SIZE])
    __attribute__((warn_unused_result));

/* Renames PART, which is open as FD, to NAME, or to "NAME (1)" and so on if that is taken; writes the name it got to
 * KEPT.  File and name are synced to the disk.  -ENOENT: PART no longer names the file FD. */
int folder_keep(int folder, int fd, const char *part, const char *name, char kept[static FILE_NAME_SIZE])
    __attribute__((warn_unused_result));

/* Removes the file PART, if it is there. */
void folder_remove(int folder, const char *part);

/* Bytes that this user can still write on its disk; UINT64_MAX if the system does not say. */
uint64_t folder_room(int folder);

#endif
