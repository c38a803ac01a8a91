/*
 * file.h: a local file read whole, within bounds.  For the sources of libcscrypto only.
 */
#ifndef CS_FILE_H
#define CS_FILE_H

#include <stddef.h>

/* Reads the regular file at PATH into *DATA, which the caller frees after wiping if it is secret; MAX + 1 bytes are
 * allocated, and behind the *SIZE that were read is a NUL.  CSC_ERR_SYSTEM with errno: EFBIG if it is longer than MAX
 * bytes, EISDIR or EINVAL if it is no file; it is not opened for long then.  CSC_ERR_MEMORY. */
int cs_file_read(const char *path, size_t max, char **data, size_t *size);

#endif
