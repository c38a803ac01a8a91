/*
 * file_bytes: reads, writes and hashes an exact number of bytes at a place in a file.
 *
 * 0, or a negative errno; -ESTALE: the file ends before that.  What was read before an error is undefined.
 */
#ifndef CLIENT_FILE_BYTES_H
#define CLIENT_FILE_BYTES_H

#include "crypto/cscrypto.h"

#include <stdint.h>

/* Bytes that are hashed in one turn of the client's loop: some milliseconds of work, so that it goes on. */
#define FILE_BYTES_SLICE (1024 * 1024)

int file_bytes_read(int fd, uint64_t offset, void *out, size_t size) __attribute__((warn_unused_result));
int file_bytes_write(int fd, uint64_t offset, const void *data, size_t size) __attribute__((warn_unused_result));

/* Adds the SIZE bytes at *OFFSET to HASH, and moves *OFFSET behind them. */
int file_bytes_hash(int fd, csc_sha256_stream *hash, uint64_t *offset, uint64_t size)
    __attribute__((warn_unused_result));

#endif
