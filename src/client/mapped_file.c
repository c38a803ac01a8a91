#include <config.h>

#include "src/client/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Refuses what is not a file of this user's alone, or not as large as it is made. */
static int check(const struct mapped_file *file, const struct stat *status, struct diagnostic *why) {
    if (!S_ISREG(status->st_mode) || status->st_uid != geteuid()) {
        diagnostic_set(why, "%s is not a file of this user's: move it away", file->path);
        return -EBADMSG;
    }
    if ((status->st_mode & 077) != 0) {
        diagnostic_set(why, "others may read or write %s: chmod 600 %s", file->path, file->path);
        return -EPERM;
    }
    if (status->st_size != (off_t)file->size) {
        diagnostic_set(why, "%s is damaged, or of another version of this program: move it away", file->path);
        return -EBADMSG;
    }
    return 0;
}

/* Without room on the disk, a store to the mapping would raise SIGBUS later. */
static int take_room(int fd, size_t size) {
    return -posix_fallocate(fd, 0, (off_t)size);
}

/* Makes the file under another name, and renames it when it is complete. */
static int make_file(const struct mapped_file *file, const char *magic) {
    char fresh[STATE_PATH_SIZE + 8];
    int fd, error = 0;

    snprintf(fresh, sizeof(fresh), "%s.new", file->path);
    if (unlink(fresh) != 0 && errno != ENOENT)
        return -errno;
    fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    error = take_room(fd, file->size);
    if (error == 0 && pwrite(fd, magic, strlen(magic), 0) != (ssize_t)strlen(magic))
        error = -EIO;
    if (error == 0 && rename(fresh, file->path) != 0)
        error = -errno;
    if (error != 0)
        unlink(fresh);
    close(fd);
    return error;
}

static int map(struct mapped_file *file, struct diagnostic *why) {
    struct stat status;
    void *memory;
    int error;

    file->fd = open(file->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file->fd < 0 || fstat(file->fd, &status) != 0)
        return -errno;
    if (check(file, &status, why) != 0)
        return -EBADMSG;
    /* A copy of the file may be sparse. */
    if ((error = take_room(file->fd, file->size)) != 0)
        return error;
    memory = mmap(NULL, file->size, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd, 0);
    if (memory == MAP_FAILED)
        return -errno;
    file->memory = memory;
    return 0;
}

int mapped_file_open(struct mapped_file *file, const char *dir, const char *name, const char *magic, size_t size,
                     bool make, struct diagnostic *why) {
    int error = state_dir_path(file->path, dir, name, why);

    if (error != 0)
        return error;
    file->size = size;
    error = map(file, why);
    if (error == -ENOENT && make && (error = make_file(file, magic)) == 0)
        error = map(file, why);
    if (error == 0 && strncmp(file->memory, magic, MAPPED_FILE_MAGIC_SIZE) != 0) {
        diagnostic_set(why, "%s is damaged, or of another version of this program: move it away", file->path);
        error = -EBADMSG;
    } else if (error != 0 && error != -EBADMSG) {
        diagnostic_set(why, "%s: %s", file->path, diagnostic_errno(-error));
    }
    if (error != 0)
        mapped_file_close(file);
    return error;
}

void mapped_file_close(struct mapped_file *file) {
    if (file->memory)
        munmap(file->memory, file->size);
    if (file->fd >= 0)
        close(file->fd);
    file->memory = NULL;
    file->fd = -1;
}

void mapped_file_order(void) {
    atomic_thread_fence(memory_order_seq_cst);
}
