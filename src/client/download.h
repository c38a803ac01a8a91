/*
 * download: a file of a peer's on its way to a folder.
 *
 * What comes goes to a hidden file, whose name has a mark of who offers what, so that a transfer that was cut goes on
 * where it ended: in this run or in a later one, but never with the bytes of another file or another peer.  When all
 * is there and has the hash that was offered, the file gets its name, and is on the disk with it.
 * One that was complete before is compared with its hash once more, and stays as it is.
 * Errors: a negative errno.  Single owner.
 */
#ifndef CLIENT_DOWNLOAD_H
#define CLIENT_DOWNLOAD_H

#include "crypto/cscrypto.h"
#include "src/client/file_name.h"

#include <stdint.h>

/* What is wanted. */
struct download_offer {
    const char *name;        /* safe */
    const char *fingerprint; /* of the key that offers it */
    uint64_t size;
    const uint8_t *sha256; /* CSC_SHA256_SIZE */
    bool finished;         /* it was complete before: what has its name may be it */
};

struct download;

/* Opens what is there of OFFER in FOLDER, which is borrowed, or begins it.  -ENOSPC: there is no room for the rest;
 * else as folder_open_part(). */
int download_open(struct download **download, int folder, const struct download_offer *offer)
    __attribute__((warn_unused_result));

/* Closes; what is there stays.  NULL is legal. */
void download_free(struct download *download);

/* The same, but nothing stays. */
void download_discard(struct download *download);

/* Bytes that are there and count.  After download_open() those of before have to be hashed first. */
uint64_t download_done(const struct download *download);

/* Hashes the next slice of what was there: 1 when that was the last, 0 if there is more. */
int download_hash(struct download *download) __attribute__((warn_unused_result));

/* Writes what follows download_done(), which is no more than is wanted. */
int download_write(struct download *download, const void *data, size_t size) __attribute__((warn_unused_result));

/* All is there: gives it its name, written to KEPT.  -EBADMSG: it has another hash, and nothing counts any more. */
int download_finish(struct download *download, char kept[static FILE_NAME_SIZE]) __attribute__((warn_unused_result));

#endif
