/*
 * upload: a file that is being sent, to one peer or several.
 *
 * It is hashed first, a slice at a time, and then read at any place; both notice if the file has changed since it was
 * opened.  Reference counted; all holders are in one thread.
 * Errors: a negative errno; -ESTALE: the file has changed.
 */
#ifndef CLIENT_UPLOAD_H
#define CLIENT_UPLOAD_H

#include "crypto/cscrypto.h"
#include "src/client/file_name.h"

#include <stdint.h>

struct upload;

/* Opens the file PATH.  -EISDIR, -EINVAL: it is no plain file; -ENOMEM; errors of open(2). */
int upload_open(struct upload **upload, const char *path) __attribute__((warn_unused_result));

/* Adds a holder: upload_free() closes the file when it is called once more often than this. */
struct upload *upload_share(struct upload *upload) __attribute__((warn_unused_result));

/* NULL is legal. */
void upload_free(struct upload *upload);

/* The name of the file without folders, made safe (file_name.h). */
const char *upload_name(const struct upload *upload);

/* Its size in bytes. */
uint64_t upload_size(const struct upload *upload);

/* Hashes the next slice, whichever holder has hashed those before it.  1 when all is hashed, and SHA256 is the hash; 0
 * if there is more. */
int upload_hash(struct upload *upload, uint8_t sha256[static CSC_SHA256_SIZE]) __attribute__((warn_unused_result));

/* Reads the SIZE bytes at OFFSET, which must be inside the file. */
int upload_read(struct upload *upload, uint64_t offset, void *out, size_t size) __attribute__((warn_unused_result));

#endif
