#include <config.h>

#include "src/server/control.h"

#include "proto/error.h"
#include "src/common/clock.h"
#include "src/common/log.h"
#include "src/common/state_dir.h"
#include "src/server/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A command has its request ready and waits for the answer, so it needs neither. */
#define REQUEST_MS 2000
#define ANSWER_MS  2000

/* Commands that wait for their turn. */
#define BACKLOG 16

/* ---- the socket ----------------------------------------------------------------------------- */

/* Removes what a server left that was killed. */
static int remove_stale(const char *path, struct diagnostic *why) {
    struct stat status = {0};

    if (lstat(path, &status) != 0 && errno == ENOENT)
        return 0;
    if (!S_ISSOCK(status.st_mode)) {
        diagnostic_set(why, "%s is in the way and not a socket: move it away", path);
        return -1;
    }
    if (unlink(path) != 0) {
        diagnostic_set(why, "cannot remove %s: %s", path, diagnostic_errno(errno));
        return -1;
    }
    return 0;
}

int control_open(struct control *control, const char *dir, struct diagnostic *why) {
    struct control_address address = CONTROL_ADDRESS_INIT;
    char path[STATE_PATH_SIZE] = "";
    int fd = -1;
    int error = state_dir_path(path, dir, CONTROL_FILE, why) == 0 && remove_stale(path, why) == 0 ? 0 : -1;

    if (error == 0)
        error = control_address(&address, dir, CONTROL_FILE, why);
    if (error != 0)
        return error;
    fd = control_socket();
    if (fd >= 0)
        fcntl(fd, F_SETFL, O_NONBLOCK);
    /* Nobody can connect before listen(), so there is no moment in which others could. */
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address.socket, sizeof(address.socket)) != 0 ||
        chmod(path, 0600) != 0 || listen(fd, BACKLOG) != 0 || (control->path = strdup(path)) == NULL) {
        diagnostic_set(why, "cannot listen on %s: %s", path, diagnostic_errno(errno));
        if (fd >= 0)
            close(fd);
        error = -1;
    } else {
        control->socket = fd;
    }
    control_address_free(&address);
    return error;
}

/* ---- the thread ----------------------------------------------------------------------------- */

/* Waits for EVENTS on FD.  False if they do not come by DEADLINE, or the control is to stop. */
static bool wait_for(const struct control *control, int fd, short events, uint64_t deadline) {
    struct pollfd fds[] = {{.fd = fd, .events = events}, {.fd = control->stop.poll_fd, .events = POLLIN}};
    int ready = 0;

    do
        ready = poll(fds, 2, clock_poll_timeout(clock_monotonic_ms(), deadline));
    while (ready < 0 && errno == EINTR);
    return ready > 0 && fds[1].revents == 0;
}

/* Receives the request's line, without its end.  False if it does not come, or is none. */
static bool receive_request(const struct control *control, int fd, char request[static CONTROL_REQUEST_MAX],
                            size_t *size) {
    const uint64_t deadline = clock_monotonic_ms() + REQUEST_MS;
    size_t got = 0;

    while (got < CONTROL_REQUEST_MAX && wait_for(control, fd, POLLIN, deadline)) {
        ssize_t received = recv(fd, request + got, CONTROL_REQUEST_MAX - got, MSG_DONTWAIT);
        const char *end = NULL;

        if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            continue;
        if (received <= 0)
            return false;
        got += (size_t)received;
        end = memchr(request, '\n', got);
        if (end != NULL) {
            *size = (size_t)(end - request);
            return *size + 1 == got;
        }
    }
    return false;
}

static void send_all(const struct control *control, int fd, struct span data) {
    const uint64_t deadline = clock_monotonic_ms() + ANSWER_MS;

    while (data.size > 0) {
        ssize_t sent = send(fd, data.data, data.size, MSG_DONTWAIT);

        if (sent > 0)
            data = (struct span){data.data + sent, data.size - (size_t)sent};
        else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return;
        else if (!wait_for(control, fd, POLLOUT, deadline))
            return;
    }
}

static void answer(const struct control *control, int fd) {
    char request[CONTROL_REQUEST_MAX];
    size_t size = 0;
    struct buffer answer = BUFFER_INIT(CONTROL_ANSWER_MAX);
    struct diagnostic why = {"the answer does not fit"};
    bool good = true;

    if (!receive_request(control, fd, request, &size)) {
        log_warning(LOG_NO_CLIENT, "a command gave up, or asked for what is no request");
        return;
    }
    good = buffer_append(&answer, "ok\n", 3) == PROTO_OK &&
           control->handler(control->context, (struct span){request, size}, &answer, &why) == 0;
    if (!good) {
        buffer_truncate(&answer, 0);
        good = buffer_append(&answer, "error ", 6) == PROTO_OK &&
               buffer_append(&answer, why.text, strlen(why.text)) == PROTO_OK &&
               buffer_append(&answer, "\n", 1) == PROTO_OK;
    }
    if (good)
        send_all(control, fd, buffer_span(&answer));
    buffer_free(&answer);
}

static void *answer_until_stopped(void *argument) {
    struct control *control = argument;

    while (wait_for(control, control->socket, POLLIN, UINT64_MAX)) {
        int fd = control_accept(control->socket);

        if (fd >= 0) {
            answer(control, fd);
            close(fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            /* poll() would report the one who waits for ever. */
            wait_for(control, -1, 0, clock_monotonic_ms() + REQUEST_MS);
        }
    }
    wake_signal(&control->stopped);
    return NULL;
}

int control_start(struct control *control, control_handler *handler, void *context) {
    int error = wake_open(&control->stop);

    if (error == 0)
        error = wake_open(&control->stopped);
    if (error != 0)
        return -error;
    control->handler = handler;
    control->context = context;
    error = pthread_create(&control->thread, NULL, answer_until_stopped, control);
    control->running = error == 0;
    return error;
}

/* Once: the next server may have one there. */
static void remove_socket(struct control *control) {
    if (control->path != NULL)
        unlink(control->path);
    free(control->path);
    control->path = NULL;
}

bool control_stop(struct control *control, uint64_t deadline) {
    remove_socket(control);
    wake_signal(&control->stop);
    if (!wake_wait(&control->stopped, deadline))
        return false;
    pthread_join(control->thread, NULL);
    control->running = false;
    return true;
}

void control_close(struct control *control) {
    if (control->running && !control_stop(control, UINT64_MAX))
        return;
    remove_socket(control);
    if (control->socket >= 0)
        close(control->socket);
    wake_close(&control->stop);
    wake_close(&control->stopped);
    *control = (struct control)CONTROL_INIT;
}
