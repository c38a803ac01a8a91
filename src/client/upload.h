/*
 * upload: a file of this side's on its way to one peer or several.
 *
 * Hashed first, a slice at a time, then read at any place; both find out if the file has changed since it was opened.
 * Errors: a negative errno; -ESTALE: it has changed.  All who hold it are in one thread.
 */
#ifndef CLIENT_UPLOAD_H
#define CLIENT_UPLOAD_H

#include "crypto/cscrypto.h"
#include "src/client/file_name.h"

#include <stdint.h>

struct upload;

/* Opens the plain file PATH.  -EISDIR, -EINVAL for what else is none, -ENOMEM. */
int upload_open(struct upload **upload, const char *path) __attribute__((warn_unused_result));

/* One more holds it; it is closed when each has freed it. */
struct upload *upload_share(struct upload *upload) __attribute__((warn_unused_result));

/* NULL is legal. */
void upload_free(struct upload *upload);

/* Its name without folders, made safe, since no other can travel; and its size. */
const char *upload_name(const struct upload *upload);
uint64_t upload_size(const struct upload *upload);

/* Hashes the next slice, whoever has hashed those before it: 1 when that was the last, or nothing was left, and SHA256
 * is the hash; 0 if there is more. */
int upload_hash(struct upload *upload, uint8_t sha256[static CSC_SHA256_SIZE]) __attribute__((warn_unused_result));

/* Reads the SIZE bytes at OFFSET, which it has. */
int upload_read(struct upload *upload, uint64_t offset, void *out, size_t size) __attribute__((warn_unused_result));

#endif
