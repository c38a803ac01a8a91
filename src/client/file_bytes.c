#include <config.h>

#include "src/client/file_bytes.h"

#include <errno.h>
#include <unistd.h>

/* What is read at a time to be hashed. */
#define PIECE 65536

int file_bytes_read(int fd, uint64_t offset, void *out, size_t size) {
    uint8_t *to = out;

    while (size > 0) {
        ssize_t got = pread(fd, to, size, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -ESTALE;
        to += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return 0;
}

int file_bytes_write(int fd, uint64_t offset, const void *data, size_t size) {
    const uint8_t *from = data;

    while (size > 0) {
        ssize_t put = pwrite(fd, from, size, (off_t)offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? -errno : -EIO;
        from += put;
        offset += (uint64_t)put;
        size -= (size_t)put;
    }
    return 0;
}

int file_bytes_hash(int fd, csc_sha256_stream *hash, uint64_t *offset, uint64_t size) {
    uint8_t bytes[PIECE];
    int error = 0;

    while (error == 0 && size > 0) {
        size_t piece = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);

        error = file_bytes_read(fd, *offset, bytes, piece);
        if (error == 0) {
            csc_sha256_add(hash, bytes, piece);
            *offset += piece;
            size -= piece;
        }
    }
    csc_wipe(bytes, sizeof(bytes));
    return error;
}
