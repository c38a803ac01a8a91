#include <config.h>

#include "src/client/download.h"

#include "src/client/file_bytes.h"
#include "src/client/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* After so many bytes the system is told to write them to the disk, so that the sync at the end takes little time. */
#define FLUSH_EVERY (4 * 1024 * 1024)

/* Bytes that must stay free on the disk. */
#define ROOM_KEPT (16 * 1024 * 1024)

struct download {
    int folder;
    int fd;
    char name[FILE_NAME_SIZE], part[FILE_NAME_SIZE];
    char kept[FILE_NAME_SIZE]; /* what is compared in place of the part; "": nothing */
    uint64_t size;
    uint8_t sha256[CSC_SHA256_SIZE];
    csc_sha256_stream *hash;
    uint64_t before;  /* bytes that were there when it was opened */
    uint64_t done;    /* hashed, so they count */
    uint64_t flushed; /* the system was told to write these */
};

/* A digest of the offer and of the peer's key, for the name of the hidden file. */
static void make_mark(char mark[static FILE_NAME_MARK_SIZE + 1], const struct download_offer *offer) {
    static const char digits[] = "0123456789abcdef";
    uint8_t size[8], hash[CSC_SHA256_SIZE];

    for (size_t i = 0; i < sizeof(size); i++)
        size[i] = (uint8_t)(offer->size >> (8 * i));
    csc_sha256(hash,
               (const struct csc_part[]){{offer->fingerprint, strlen(offer->fingerprint)},
                                         {size, sizeof(size)},
                                         {offer->sha256, CSC_SHA256_SIZE}},
               3);
    for (size_t i = 0; i < FILE_NAME_MARK_SIZE; i++)
        mark[i] = digits[i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15];
    mark[FILE_NAME_MARK_SIZE] = '\0';
}

/* True if there is room for what is missing. */
static bool has_room(const struct download *download) {
    const uint64_t room = folder_room(download->folder);

    return room == UINT64_MAX || (room > ROOM_KEPT && download->size - download->before <= room - ROOM_KEPT);
}

static int open_part(struct download *download) {
    download->fd = folder_open_part(download->folder, download->part, &download->before);
    if (download->fd < 0)
        return download->fd;
    /* What is longer than the file is no part of it. */
    if (download->before > download->size) {
        download->before = 0;
        if (ftruncate(download->fd, 0) != 0)
            return -errno;
    }
    return has_room(download) ? 0 : -ENOSPC;
}

/* Opens what may be all of it under its name, or else the part. */
static int open_file(struct download *download, bool finished) {
    if (finished && !folder_has(download->folder, download->part)) {
        download->fd = folder_open_kept(download->folder, download->name, download->size, download->kept);
        download->before = download->size;
        if (download->fd >= 0)
            return 0;
    }
    download->kept[0] = '\0';
    return open_part(download);
}

int download_open(struct download **download, int folder, const struct download_offer *offer) {
    struct download *made = calloc(1, sizeof(*made));
    char mark[FILE_NAME_MARK_SIZE + 1];
    int error;

    if (!made)
        return -ENOMEM;
    made->folder = folder;
    made->fd = -1;
    made->size = offer->size;
    memcpy(made->name, offer->name, strlen(offer->name) + 1);
    memcpy(made->sha256, offer->sha256, CSC_SHA256_SIZE);
    make_mark(mark, offer);
    file_name_part(made->part, made->name, mark);
    error = csc_sha256_new(&made->hash) == CSC_OK ? open_file(made, offer->finished) : -ENOMEM;
    if (error != 0 && made->fd >= 0 && made->before == 0)
        folder_remove(folder, made->part);
    if (error != 0) {
        download_free(made);
        return error;
    }
    *download = made;
    return 0;
}

void download_free(struct download *download) {
    if (!download)
        return;
    if (download->fd >= 0)
        close(download->fd);
    csc_sha256_free(download->hash);
    free(download);
}

void download_discard(struct download *download) {
    if (download)
        folder_remove(download->folder, download->part);
    download_free(download);
}

uint64_t download_done(const struct download *download) {
    return download->done;
}

int download_hash(struct download *download) {
    const uint64_t left = download->before - download->done;
    const uint64_t size = left < FILE_BYTES_SLICE ? left : FILE_BYTES_SLICE;
    int error = file_bytes_hash(download->fd, download->hash, &download->done, size);

    if (error != 0)
        return error;
    return download->done == download->before ? 1 : 0;
}

int download_write(struct download *download, const void *data, size_t size) {
    int error;

    assert(size <= download->size - download->done);
    if ((error = file_bytes_write(download->fd, download->done, data, size)) != 0)
        return error;
    csc_sha256_add(download->hash, data, size);
    download->done += size;
#if HAVE_SYNC_FILE_RANGE
    if (download->done - download->flushed >= FLUSH_EVERY) {
        (void)sync_file_range(download->fd, (off_t)download->flushed, (off_t)(download->done - download->flushed),
                              SYNC_FILE_RANGE_WRITE);
        download->flushed = download->done;
    }
#endif
    return 0;
}

/* What was there is not it: everything is to come. */
static int begin_anew(struct download *download) {
    int error = 0;

    if (download->kept[0] != '\0') {
        close(download->fd);
        download->kept[0] = '\0';
        error = open_part(download);
    }
    download->done = download->before = download->flushed = 0;
    if (error != 0)
        return error;
    return ftruncate(download->fd, 0) == 0 ? -EBADMSG : -errno;
}

int download_finish(struct download *download, char kept[static FILE_NAME_SIZE]) {
    uint8_t sha256[CSC_SHA256_SIZE];

    assert(download->done == download->size);
    csc_sha256_end(download->hash, sha256);
    if (memcmp(sha256, download->sha256, sizeof(sha256)) != 0)
        return begin_anew(download);
    if (download->kept[0] == '\0')
        return folder_keep(download->folder, download->fd, download->part, download->name, kept);
    memcpy(kept, download->kept, sizeof(download->kept));
    return 0;
}
