#include <config.h>

#include "src/common/locked_file.h"

#include "proto/error.h"
#include "src/common/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE 4096

#define LOCK_SUFFIX ".lock"
#define NEW_SUFFIX  ".new"

static int read_all(int fd, struct buffer *out) {
    uint8_t *room = NULL;
    ssize_t size = 0;

    do {
        size_t piece = out->limit - out->size < READ_SIZE ? out->limit - out->size : READ_SIZE;

        if (piece == 0)
            return -EFBIG;
        if (buffer_reserve(out, piece, &room) != PROTO_OK)
            return -ENOMEM;
        size = read(fd, room, piece);
        if (size > 0)
            buffer_commit(out, (size_t)size);
    } while (size > 0 || (size < 0 && errno == EINTR));
    return size < 0 ? -errno : 0;
}

int locked_file_read(const char *path, struct buffer *out, struct diagnostic *why) {
    struct stat status = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int error = 0;

    if (fd < 0)
        error = errno == ENOENT ? 0 : -errno;
    else if (fstat(fd, &status) != 0)
        error = -errno;
    else
        error = S_ISREG(status.st_mode) ? read_all(fd, out) : -EINVAL;
    if (fd >= 0)
        close(fd);
    if (error != 0)
        diagnostic_set(why, "cannot read %s: %s", path,
                       error == -EINVAL ? "it is not a file" : diagnostic_errno(-error));
    return error;
}

static int put_path(struct locked_file *file, const char *path) {
    int length = snprintf(file->path, sizeof(file->path), "%s", path);

    return (size_t)length < sizeof(file->path) - sizeof(LOCK_SUFFIX) ? 0 : -ENAMETOOLONG;
}

/* Two links to one file must find one lock. */
static int resolve(struct locked_file *file, const char *path) {
    char *target = realpath(path, NULL);
    int error = put_path(file, target != NULL ? target : path);

    free(target);
    return error;
}

int locked_file_take(struct locked_file *file, const char *path, struct buffer *out, struct diagnostic *why) {
    char lock_path[LOCKED_FILE_PATH_SIZE] = "";

    file->lock = -1;
    if (resolve(file, path) != 0) {
        diagnostic_set(why, "the path %s is too long", path);
        return -ENAMETOOLONG;
    }
    snprintf(lock_path, sizeof(lock_path), "%.*s%s", (int)(sizeof(lock_path) - sizeof(LOCK_SUFFIX)), file->path,
             LOCK_SUFFIX);
    file->lock = file_lock_take(lock_path, true, why);
    return file->lock < 0 ? file->lock : locked_file_read(file->path, out, why);
}

void locked_file_release(struct locked_file *file) {
    file_lock_release(file->lock);
    file->lock = -1;
}

static int write_all(int fd, struct span text) {
    while (text.size > 0) {
        ssize_t size = write(fd, text.data, text.size);

        if (size < 0 && errno != EINTR)
            return -errno;
        if (size > 0) {
            text.data += size;
            text.size -= (size_t)size;
        }
    }
    return fsync(fd) == 0 ? 0 : -errno;
}

/* Gives FD the owner, group and mode that the file at PATH has.  fchown() may take bits of the mode away, so it is
 * first. */
static int keep_ownership(int fd, const char *path) {
    struct stat old, new;

    if (stat(path, &old) != 0)
        return errno == ENOENT ? 0 : -errno;
    if (fstat(fd, &new) != 0)
        return -errno;
    if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) && fchown(fd, old.st_uid, old.st_gid) != 0)
        return -errno;
    return fchmod(fd, old.st_mode & 07777) == 0 ? 0 : -errno;
}

/* The rename lasts once the folder is on the disk; a file system that cannot do that is no reason to fail. */
static void sync_folder(const char *path) {
    char folder[LOCKED_FILE_PATH_SIZE] = ".";
    const char *slash = strrchr(path, '/');
    int fd = -1;

    if (slash != NULL)
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

int locked_file_replace(const struct locked_file *file, struct span text, struct diagnostic *why) {
    char path[LOCKED_FILE_PATH_SIZE] = "";
    int fd = -1;
    int error = 0;

    /* The lock is held, so what is there is what somebody who was killed has left. */
    snprintf(path, sizeof(path), "%.*s%s", (int)(sizeof(path) - sizeof(NEW_SUFFIX)), file->path, NEW_SUFFIX);
    if (unlink(path) != 0 && errno != ENOENT)
        error = -errno;
    if (error == 0 && (fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0)
        error = -errno;
    if (error == 0 && (error = keep_ownership(fd, file->path)) == 0)
        error = write_all(fd, text);
    if (fd >= 0 && close(fd) != 0 && error == 0)
        error = -errno;
    if (error == 0 && rename(path, file->path) != 0)
        error = -errno;
    if (error == 0) {
        sync_folder(file->path);
        return 0;
    }
    diagnostic_set(why, "cannot write %s: %s", file->path, diagnostic_errno(-error));
    if (fd >= 0)
        unlink(path);
    return error;
}
