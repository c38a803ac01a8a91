#include <config.h>

#include "src/common/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int file_lock_take(const char *path, bool wait, struct diagnostic *why) {
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error = fd < 0 ? errno : 0;

    if (error == 0) {
        do
            error = fcntl(fd, wait ? F_SETLKW : F_SETLK, &all) != 0 ? errno : 0;
        while (error == EINTR);
    }
    if (error == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    /* POSIX lets a system say either. */
    if (error == EACCES && fd >= 0)
        error = EAGAIN;
    diagnostic_set(why, "cannot lock %s: %s", path, diagnostic_errno(error));
    return -error;
}

void file_lock_release(int fd) {
    if (fd >= 0)
        close(fd);
}
