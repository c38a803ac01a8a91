/*
 * download: a file that a peer sends, while it is being written to a folder.
 *
 * The data goes to a hidden file whose name has a digest of the offer and of the peer's key in it.  So a transfer that
 * was interrupted can be resumed, in this run or a later one, and never with the bytes of another file or peer.  When
 * all is there and the hash is the one that was offered, the file gets its real name, and is synced to the disk.
 * A file that was complete before is compared with its hash once more, and stays as it is.
 * Errors: a negative errno.  Single owner.
 */
#ifndef CLIENT_DOWNLOAD_H
#define CLIENT_DOWNLOAD_H

#include "crypto/cscrypto.h"
#include "src/client/file_name.h"

#include <stdint.h>

/* The file that was offered. */
struct download_offer {
    const char *name;        /* safe (file_name.h) */
    const char *fingerprint; /* of the peer's key */
    uint64_t size;
    const uint8_t *sha256; /* CSC_SHA256_SIZE */
    bool finished;         /* it was complete before: what has its name may be it */
};

struct download;

/* Opens the hidden file of OFFER in FOLDER, a descriptor that is borrowed, or makes an empty one.  -ENOSPC: the disk
 * has no room for the rest of the file; else errors as of folder_open_part(). */
int download_open(struct download **download, int folder, const struct download_offer *offer)
    __attribute__((warn_unused_result));

/* Closes the hidden file, and leaves it for a later resume.  NULL is legal. */
void download_free(struct download *download);

/* Removes the hidden file.  NULL is legal. */
void download_discard(struct download *download);

/* Bytes that are written and hashed.  Those of an earlier transfer count only when download_hash() is through with
 * them. */
uint64_t download_done(const struct download *download);

/* Hashes the next FILE_BYTES_SLICE bytes of an earlier transfer.  1 when that was the last slice, 0 if there are more.
 */
int download_hash(struct download *download) __attribute__((warn_unused_result));

/* Writes DATA at download_done(); it does not go beyond the size that was offered. */
int download_write(struct download *download, const void *data, size_t size) __attribute__((warn_unused_result));

/* The file is complete: gives it its name, and writes that to KEPT.  -EBADMSG: its hash is not the one that was
 * offered; it has been emptied, and all of it has to come again. */
int download_finish(struct download *download, char kept[static FILE_NAME_SIZE]) __attribute__((warn_unused_result));

#endif
