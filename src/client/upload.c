#include <config.h>

#include "src/client/upload.h"

#include "src/client/file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct upload {
    int fd;
    size_t holders;
    struct stat before; /* as it was when it was opened */
    char name[FILE_NAME_SIZE];
    csc_sha256_stream *hash;
    uint64_t hashed;
    bool complete; /* and then this is its hash */
    uint8_t sha256[CSC_SHA256_SIZE];
};

static int look(struct upload *upload) {
    if (fstat(upload->fd, &upload->before) != 0)
        return -errno;
    if (S_ISDIR(upload->before.st_mode))
        return -EISDIR;
    return S_ISREG(upload->before.st_mode) ? 0 : -EINVAL;
}

int upload_open(struct upload **upload, const char *path) {
    struct upload *made = calloc(1, sizeof(*made));
    int error;

    if (!made)
        return -ENOMEM;
    made->holders = 1;
    /* O_NONBLOCK: opening a pipe without a writer must not block. */
    made->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    error = made->fd < 0 ? -errno : look(made);
    if (error == 0 && csc_sha256_new(&made->hash) != CSC_OK)
        error = -ENOMEM;
    if (error != 0) {
        upload_free(made);
        return error;
    }
    file_name_make_safe(made->name, span_of(path));
    *upload = made;
    return 0;
}

struct upload *upload_share(struct upload *upload) {
    upload->holders++;
    return upload;
}

void upload_free(struct upload *upload) {
    if (!upload || --upload->holders > 0)
        return;
    if (upload->fd >= 0)
        close(upload->fd);
    csc_sha256_free(upload->hash);
    free(upload);
}

const char *upload_name(const struct upload *upload) {
    return upload->name;
}

uint64_t upload_size(const struct upload *upload) {
    return (uint64_t)upload->before.st_size;
}

static bool has_changed(const struct upload *upload) {
    const struct stat *before = &upload->before;
    struct stat now;

    return fstat(upload->fd, &now) != 0 || now.st_size != before->st_size ||
           now.st_mtim.tv_sec != before->st_mtim.tv_sec || now.st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

/* True if there are bytes behind the size that the file had: it grows, or is one of /proc, which say 0. */
static bool has_more(const struct upload *upload) {
    uint8_t byte;

    return file_bytes_read(upload->fd, upload_size(upload), &byte, sizeof(byte)) == 0;
}

/* Hashes the next slice; at the end it is complete. */
static int hash_slice(struct upload *upload) {
    uint64_t left = upload_size(upload) - upload->hashed;
    int error =
        file_bytes_hash(upload->fd, upload->hash, &upload->hashed, left < FILE_BYTES_SLICE ? left : FILE_BYTES_SLICE);

    if (error == 0 && (has_changed(upload) || has_more(upload)))
        error = -ESTALE;
    if (error != 0 || upload->hashed < upload_size(upload))
        return error;
    csc_sha256_end(upload->hash, upload->sha256);
    upload->complete = true;
    return 0;
}

int upload_hash(struct upload *upload, uint8_t sha256[static CSC_SHA256_SIZE]) {
    int error = upload->complete ? 0 : hash_slice(upload);

    if (error != 0 || !upload->complete)
        return error;
    memcpy(sha256, upload->sha256, CSC_SHA256_SIZE);
    return 1;
}

int upload_read(struct upload *upload, uint64_t offset, void *out, size_t size) {
    int error = file_bytes_read(upload->fd, offset, out, size);

    return error == 0 && has_changed(upload) ? -ESTALE : error;
}
