#include <config.h>

#include "src/client/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The most variants of a name that are tried. */
#define SAME_NAME_MAX 9999

int folder_open(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 ? fd : -errno;
}

/* Refuses a file that must not be written, or that another program writes; else locks it.  0 and *SIZE, or -errno. */
static int check(int fd, uint64_t *size) {
    struct stat stat;

    if (fstat(fd, &stat) != 0)
        return -errno;
    if (!S_ISREG(stat.st_mode) || stat.st_uid != geteuid() || stat.st_nlink != 1)
        return -EPERM;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return -errno;
    *size = (uint64_t)stat.st_size;
    return 0;
}

int folder_open_part(int folder, const char *part, uint64_t *size) {
    const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    int fd = openat(folder, part, flags | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    int error;

    if (fd < 0 && errno == EEXIST)
        fd = openat(folder, part, flags);
    if (fd < 0)
        return errno == ELOOP ? -EPERM : -errno;
    if ((error = check(fd, size)) == 0)
        return fd;
    close(fd);
    return error;
}

/* True if PART still names the file FD, and nobody has put another one in its place. */
static bool is_named(int folder, int fd, const char *part) {
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && fstatat(folder, part, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

bool folder_has(int folder, const char *part) {
    struct stat stat;

    return fstatat(folder, part, &stat, AT_SYMLINK_NOFOLLOW) == 0;
}

int folder_open_kept(int folder, const char *name, uint64_t size, char kept[static FILE_NAME_SIZE]) {
    struct stat stat;
    unsigned number = 0;
    int fd;

    do
        file_name_number(kept, name, number++);
    while (number <= SAME_NAME_MAX && folder_has(folder, kept));
    if (number < 2)
        return -ENOENT;
    file_name_number(kept, name, number - 2);
    fd = openat(folder, kept, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_uid == geteuid() &&
        (uint64_t)stat.st_size == size)
        return fd;
    if (fd >= 0)
        close(fd);
    return -ENOENT;
}

/* Renames PART to TO, unless that exists. */
static int rename_to(int folder, const char *part, const char *to) {
#if HAVE_RENAMEAT2
    if (renameat2(folder, part, folder, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
#endif
    if (linkat(folder, part, folder, to, 0) != 0)
        return -errno;
    return unlinkat(folder, part, 0) == 0 ? 0 : -errno;
}

int folder_keep(int folder, int fd, const char *part, const char *name, char kept[static FILE_NAME_SIZE]) {
    int error = -EEXIST;

    if (fsync(fd) != 0)
        return -errno;
    if (!is_named(folder, fd, part))
        return -ENOENT;
    for (unsigned number = 0; error == -EEXIST && number <= SAME_NAME_MAX; number++) {
        file_name_number(kept, name, number);
        error = rename_to(folder, part, kept);
    }
    if (error != 0)
        return error;
    /* Some file systems cannot sync a folder. */
    return fsync(folder) == 0 || errno == EINVAL ? 0 : -errno;
}

void folder_remove(int folder, const char *part) {
    (void)unlinkat(folder, part, 0);
}

uint64_t folder_room(int folder) {
    struct statvfs room;

    if (fstatvfs(folder, &room) != 0)
        return UINT64_MAX;
    return (uint64_t)room.f_bavail * room.f_frsize;
}
