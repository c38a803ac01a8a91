#include <config.h>

#include "src/common/system_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* What stands in front of a text. */
static size_t compose(char *head, size_t room, const char *name, int priority) {
    const time_t now = time(NULL);
    struct tm local = {0};
    char date[32] = "";
    int size;

    localtime_r(&now, &local);
    strftime(date, sizeof(date), "%b %e %H:%M:%S", &local);
    size = snprintf(head, room, "<%d>%s %s[%ld]: ", LOG_DAEMON | priority, date, name, (long)getpid());
    return size < 0 ? 0 : (size_t)size < room ? (size_t)size : room - 1;
}

bool system_log_send(struct system_log *log, int priority, const char *text, size_t size) {
    char head[128] = "";
    struct iovec parts[] = {{head, compose(head, sizeof(head), log->name, priority)}, {(void *)text, size}};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

    /* Once more for a daemon that was started anew. */
    for (int attempt = 0; attempt < 2; attempt++) {
        if (log->fd < 0 && (log->fd = connect_to(log->path)) < 0)
            return false;
        if (sendmsg(log->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
            return true;
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
            return false;
        close(log->fd);
        log->fd = -1;
    }
    return false;
}
