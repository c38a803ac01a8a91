/*
 * folder: the folder that files of peers go to, and nothing outside it.
 *
 * Everything in it is named by one component, relative to the folder as it was when it was opened, whatever happens to
 * its path meanwhile.  No link is followed, and nothing that is there is overwritten.  Names come from file_name.h.
 * Errors: a negative errno.  Single owner.
 */
#ifndef CLIENT_FOLDER_H
#define CLIENT_FOLDER_H

#include "src/client/file_name.h"

#include <stdint.h>

/* Opens the folder PATH: its descriptor. */
int folder_open(const char *path);

/* Opens the file PART for reading and writing, made with mode 0600 if it is not there, and locks it: its descriptor,
 * and *SIZE, what it has.  -EPERM: it is no plain file of this user's with one name; -EWOULDBLOCK: another program
 * writes it. */
int folder_open_part(int folder, const char *part, uint64_t *size) __attribute__((warn_unused_result));

/* True if there is anything of the name PART. */
bool folder_has(int folder, const char *part);

/* Opens the last of NAME, "NAME (1)" and so on that are there, which is written to KEPT, for reading: its descriptor.
 * -ENOENT: it is no plain file of this user's of SIZE bytes, or there is none. */
int folder_open_kept(int folder, const char *name, uint64_t size, char kept[static FILE_NAME_SIZE])
    __attribute__((warn_unused_result));

/* Gives PART the name NAME, or "NAME (1)" and so on if that is taken, which is written to KEPT; the file and the name
 * are on the disk then.  FD is the file; -ENOENT: it is not what PART names any more. */
int folder_keep(int folder, int fd, const char *part, const char *name, char kept[static FILE_NAME_SIZE])
    __attribute__((warn_unused_result));

void folder_remove(int folder, const char *part);

/* Bytes that this user can still write there; UINT64_MAX if the system does not say. */
uint64_t folder_room(int folder);

#endif
