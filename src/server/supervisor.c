#include <config.h>

#include "src/server/supervisor.h"

#include "src/common/options.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Takes NAME out of the environment, so that nothing started from here takes it for its own. */
static const char *take_variable(const char *name, char *out, size_t size) {
    const char *value = getenv(name);

    if (value == NULL || value[0] == '\0' || strlen(value) >= size)
        return NULL;
    memcpy(out, value, strlen(value) + 1);
    unsetenv(name);
    return out;
}

static int set_flag(int fd, int get, int set, int flag) {
    const int flags = fcntl(fd, get);

    return flags >= 0 && fcntl(fd, set, flags | flag) >= 0 ? 0 : -1;
}

/* Connects to PATH, or to the abstract name behind '@'. */
static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t size = strlen(path);
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    memcpy(address.sun_path, path, size);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    if (fd >= 0 && set_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC) == 0 &&
        connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int check_listener(int fd, struct diagnostic *why) {
    struct sockaddr_storage address = {0};
    socklen_t address_size = sizeof(address);
    int value = 0;
    socklen_t size = sizeof(value);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) != 0 || value != SOCK_STREAM ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) != 0 || value == 0 ||
        getsockname(fd, (struct sockaddr *)&address, &address_size) != 0 ||
        (address.ss_family != AF_INET && address.ss_family != AF_INET6)) {
        diagnostic_set(why, "descriptor %d, which was handed over in LISTEN_FDS, is not a listening TCP socket", fd);
        return -1;
    }
    if (set_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC) == 0 && set_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK) == 0)
        return 0;
    diagnostic_set(why, "cannot use the socket %d of LISTEN_FDS: %s", fd, diagnostic_errno(errno));
    return -1;
}

static int take_listeners(struct supervisor *supervisor, struct diagnostic *why) {
    char pid_text[24] = "", count_text[24] = "", names[4096] = "";
    const char *pid = take_variable("LISTEN_PID", pid_text, sizeof(pid_text));
    const char *count = take_variable("LISTEN_FDS", count_text, sizeof(count_text));
    uint64_t number = 0;

    take_variable("LISTEN_FDNAMES", names, sizeof(names));
    if (pid == NULL || count == NULL || !options_parse_number(pid, (uint64_t)getpid(), (uint64_t)getpid(), &number))
        return 0;
    if (!options_parse_number(count, 0, 1024, &number)) {
        diagnostic_set(why, "LISTEN_FDS=%s is not a number of sockets", count);
        return -1;
    }
    for (size_t i = 0; i < number; i++)
        if (check_listener(SUPERVISOR_FIRST + (int)i, why) != 0)
            return -1;
    supervisor->listeners = (size_t)number;
    return 0;
}

int supervisor_take(struct supervisor *supervisor, struct diagnostic *why) {
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = "";

    if (take_listeners(supervisor, why) != 0)
        return -1;
    if (take_variable("NOTIFY_SOCKET", path, sizeof(path)) == NULL)
        return 0;
    supervisor->socket = connect_to(path);
    if (supervisor->socket >= 0) {
        memcpy(supervisor->path, path, sizeof(path));
        return 0;
    }
    diagnostic_set(why, "cannot reach the service manager at NOTIFY_SOCKET=%s: %s", path, diagnostic_errno(errno));
    return -1;
}

/* A service manager that has gone away is told nothing. */
static void tell(const struct supervisor *supervisor, const char *text) {
    if (supervisor->socket >= 0 && send(supervisor->socket, text, strlen(text), MSG_NOSIGNAL) < 0)
        return;
}

void supervisor_ready(const struct supervisor *supervisor) {
    tell(supervisor, "READY=1");
}

void supervisor_reloading(const struct supervisor *supervisor) {
    char text[64] = "";
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
             (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    tell(supervisor, text);
}

void supervisor_stopping(const struct supervisor *supervisor) {
    tell(supervisor, "STOPPING=1");
}

void supervisor_replaced(const struct supervisor *supervisor, pid_t pid) {
    char text[32] = "";

    snprintf(text, sizeof(text), "MAINPID=%ld", (long)pid);
    tell(supervisor, text);
}

void supervisor_close(struct supervisor *supervisor) {
    if (supervisor->socket >= 0)
        close(supervisor->socket);
    *supervisor = (struct supervisor)SUPERVISOR_NONE;
}
