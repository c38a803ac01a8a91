/* A local file read whole. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/cscrypto.h"
#include "crypto/file.h"

/* Closes without disturbing errno. */
static void close_quietly(int fd) {
    int saved = errno;

    if (fd >= 0)
        (void)close(fd);
    errno = saved;
}

/* Opens what is a regular file of at most MAX bytes; -1 and errno otherwise.  Not blocking: a FIFO would wait for a
 * writer. */
static int open_file(const char *path, size_t max) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0) {
        if (S_ISREG(st.st_mode) && st.st_size >= 0 && (uintmax_t)st.st_size <= max)
            return fd;
        errno = S_ISREG(st.st_mode) ? EFBIG : S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    }
    close_quietly(fd);
    return -1;
}

/* Reads to the end of the file, or until CAPACITY is full.  -1 and errno on failure. */
static int read_all(int fd, char *buffer, size_t capacity, size_t *size) {
    size_t done = 0;

    while (done < capacity) {
        ssize_t n = read(fd, buffer + done, capacity - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *size = done;
    return 0;
}

int cs_file_read(const char *path, size_t max, char **data, size_t *size) {
    char *buffer = NULL;
    size_t got = 0;
    int fd = -1;
    int rc = CSC_ERR_SYSTEM;

    /* One byte more than is allowed, so that a file which has grown meanwhile is noticed. */
    buffer = malloc(max + 1);
    if (buffer == NULL)
        return CSC_ERR_MEMORY;
    fd = open_file(path, max);
    if (fd >= 0 && read_all(fd, buffer, max + 1, &got) == 0) {
        rc = CSC_OK;
        if (got > max) {
            errno = EFBIG;
            rc = CSC_ERR_SYSTEM;
        }
    }
    close_quietly(fd);
    if (rc != CSC_OK) {
        csc_wipe(buffer, got);
        free(buffer);
        return rc;
    }
    buffer[got] = '\0';
    *data = buffer;
    *size = got;
    return CSC_OK;
}
