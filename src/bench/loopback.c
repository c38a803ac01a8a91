#include <config.h>

#include "src/bench/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16

static int set_no_delay(int fd) {
    const int on = 1;

    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

int loopback_listen(struct sockaddr_in *address) {
    socklen_t size = sizeof(*address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0 && bind(fd, (struct sockaddr *)address, sizeof(*address)) == 0 && listen(fd, BACKLOG) == 0 &&
        getsockname(fd, (struct sockaddr *)address, &size) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

int loopback_connect(const struct sockaddr_in *address) {
    int fd = set_no_delay(socket(AF_INET, SOCK_STREAM, 0));

    if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
        return fd;
    close(fd);
    return -1;
}

int loopback_accept(int listener) {
    return set_no_delay(accept(listener, NULL, NULL));
}

bool loopback_send(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, 0);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool loopback_receive(int fd, size_t size) {
    char data[4096];

    while (size > 0) {
        ssize_t received = recv(fd, data, size < sizeof(data) ? size : sizeof(data), 0);

        if (received < 0 && errno == EINTR)
            continue;
        if (received <= 0)
            return false;
        size -= (size_t)received;
    }
    return true;
}
