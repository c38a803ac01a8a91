#include <config.h>

#include "src/common/net.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Connections that wait for accept(): a burst of users after a restart. */
#define LISTEN_BACKLOG 1024

static int parse_port(uint16_t *port, const char *text) {
    unsigned value = 0;
    size_t length = strlen(text);

    if (length == 0 || length > 5 || strspn(text, "0123456789") != length)
        return -EINVAL;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    if (value > UINT16_MAX)
        return -EINVAL;
    *port = (uint16_t)value;
    return 0;
}

/* Whether SIZE bytes of TEXT may be a name or an address: what is written in brackets has none itself. */
static bool is_host(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (text[i] <= ' ' || text[i] >= '\x7f' || text[i] == '[' || text[i] == ']')
            return false;
    return true;
}

int net_parse(struct net_endpoint *endpoint, const char *text, uint16_t default_port, struct diagnostic *why) {
    struct net_endpoint found = {.port = default_port};
    const char *host = text;
    const char *port = strrchr(text, ':');
    size_t size = 0;

    if (text[0] == '[') {
        const char *end = strchr(text, ']');

        if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
            diagnostic_set(why, "\"%s\" is not an address: write [ADDRESS]:PORT", text);
            return -EINVAL;
        }
        host = text + 1;
        size = (size_t)(end - host);
        port = end[1] == ':' ? end + 1 : NULL;
    } else {
        if (port != NULL && strchr(text, ':') != port)
            port = NULL;
        size = port != NULL ? (size_t)(port - text) : strlen(text);
    }
    if (size == 1 && host[0] == '*')
        size = 0;
    if (size >= sizeof(found.host)) {
        diagnostic_set(why, "a host name is at most %d characters long", NET_HOST_SIZE - 1);
        return -EINVAL;
    }
    if (!is_host(host, size)) {
        diagnostic_set(why, "\"%s\" is not an address: write HOST:PORT or [ADDRESS]:PORT", text);
        return -EINVAL;
    }
    if (port != NULL && parse_port(&found.port, port + 1) != 0) {
        diagnostic_set(why, "\"%s\" is not a port: write a number up to 65535", port + 1);
        return -EINVAL;
    }
    memcpy(found.host, host, size);
    *endpoint = found;
    return 0;
}

void net_endpoint_text(char *out, size_t size, const struct net_endpoint *endpoint) {
    bool brackets = strchr(endpoint->host, ':') != NULL;

    snprintf(out, size, "%s%s%s:%" PRIu16, brackets ? "[" : "", endpoint->host[0] != '\0' ? endpoint->host : "*",
             brackets ? "]" : "", endpoint->port);
}

int net_resolve(struct addrinfo **list, const struct net_endpoint *endpoint, bool to_listen, struct diagnostic *why) {
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICSERV | (to_listen ? AI_PASSIVE : 0),
    };
    struct addrinfo *found = NULL;
    char port[6] = "";
    int error = 0;

    snprintf(port, sizeof(port), "%" PRIu16, endpoint->port);
    error = getaddrinfo(endpoint->host[0] != '\0' ? endpoint->host : NULL, port, &hints, &found);
    if (error != 0) {
        diagnostic_set(why, "cannot find the host \"%s\": %s", endpoint->host,
                       error == EAI_SYSTEM ? diagnostic_errno(errno) : gai_strerror(error));
        return -EHOSTUNREACH;
    }
    *list = found;
    return 0;
}

/* Makes the new socket FD, or the failure that errno tells of, what all sockets here are: not blocking and not
 * inherited.  Returns FD or a negative errno, and then it is closed. */
static int prepare_socket(int fd) {
    int flags = fd >= 0 ? fcntl(fd, F_GETFL) : -1;
    int error = 0;

    if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
        return fd;
    error = -errno;
    if (fd >= 0)
        close(fd);
    return error;
}

static int open_socket(const struct addrinfo *address) {
    return prepare_socket(socket(address->ai_family, address->ai_socktype, address->ai_protocol));
}

static void set_no_delay(int fd) {
    const int on = 1;

    /* Without it everything works, only slower. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* The kernel would take megabytes for a peer that does not read. */
static void bound_unsent(int fd) {
#ifdef TCP_NOTSENT_LOWAT
    const int most = NET_UNSENT_MAX;

    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof(most));
#else
    (void)fd;
#endif
}

int net_listen(const struct addrinfo *address) {
    const int on = 1;
    int fd = open_socket(address);
    int error = 0;

    if (fd < 0)
        return fd;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        (address->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
        error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

int net_accept(int listener, struct sockaddr_storage *peer, char *text) {
    socklen_t size = sizeof(*peer);
    int fd = -1;

    *peer = (struct sockaddr_storage){0};
    fd = prepare_socket(accept(listener, (struct sockaddr *)peer, &size));
    if (fd < 0)
        return fd;
    set_no_delay(fd);
    bound_unsent(fd);
    net_text(text, (struct sockaddr *)peer, size);
    return fd;
}

int net_connect_start(const struct addrinfo *address) {
    int fd = open_socket(address);
    int error = 0;

    if (fd < 0)
        return fd;
    set_no_delay(fd);
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS && errno != EINTR) {
        error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

int net_connect_result(int fd) {
    int error = 0;
    socklen_t size = sizeof(error);

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return -errno;
    return -error;
}

void net_text(char *text, const struct sockaddr *address, socklen_t size) {
    char host[NET_TEXT_SIZE - 8] = "";
    char port[6] = "";

    if (getnameinfo(address, size, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(text, NET_TEXT_SIZE, "?");
    else
        snprintf(text, NET_TEXT_SIZE, address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

void net_local_text(char *text, int fd) {
    struct sockaddr_storage local = {0};
    socklen_t size = sizeof(local);

    if (getsockname(fd, (struct sockaddr *)&local, &size) != 0)
        snprintf(text, NET_TEXT_SIZE, "?");
    else
        net_text(text, (struct sockaddr *)&local, size);
}
