#include <config.h>

#include "proto/error.h"
#include "src/common/clock.h"
#include "src/server/control.h"
#include "src/server/control_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A server that does not answer for so long is stuck: all that it is asked for takes a moment. */
#define ASK_MS 30000

/* Times that a server may end on a command before it has answered. */
#define ATTEMPTS 3

#define PIECE 4096

static int stuck(struct diagnostic *why) {
    diagnostic_set(why, "the running server does not answer");
    return -1;
}

/* A socket that is connected to the server of DIR, CONTROL_NOBODY in *RESULT, or -1 there with WHY. */
static int connect_to(const char *dir, int *result, struct diagnostic *why) {
    const struct timeval patience = {.tv_sec = ASK_MS / 1000};
    struct control_address address = CONTROL_ADDRESS_INIT;
    int fd = -1;

    *result = control_address(&address, dir, CONTROL_FILE, why);
    if (*result != 0)
        return -1;
    fd = control_socket();
    /* Where many commands are waiting, connect() waits as well. */
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address.socket, sizeof(address.socket)) != 0) {
        *result = fd >= 0 && (errno == ENOENT || errno == ECONNREFUSED) ? CONTROL_NOBODY : -1;
        diagnostic_set(why, "cannot reach the running server: %s", diagnostic_errno(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    control_address_free(&address);
    return fd;
}

/* Receives up to the end of the stream.  1: it ended well; 0: it broke; -1 with WHY. */
static int receive_all(int fd, struct buffer *out, struct diagnostic *why) {
    const uint64_t deadline = clock_monotonic_ms() + ASK_MS;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    uint8_t *room = NULL;

    for (;;) {
        ssize_t size = 0;

        if (poll(&wait, 1, clock_poll_timeout(clock_monotonic_ms(), deadline)) == 0)
            return stuck(why);
        if (buffer_reserve(out, PIECE, &room) != PROTO_OK) {
            diagnostic_set(why, "the running server's answer is too long");
            return -1;
        }
        size = recv(fd, room, PIECE, MSG_DONTWAIT);
        if (size == 0)
            return 1;
        if (size > 0)
            buffer_commit(out, (size_t)size);
        else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return 0;
    }
}

/* Takes the first line off ANSWER.  0 if it is "ok", -1 with WHY. */
static int judge(struct buffer *answer, struct diagnostic *why) {
    static const char error[] = "error ";
    struct span text = buffer_span(answer);
    const char *end = memchr(text.data, '\n', text.size);
    struct span line = {text.data, end != NULL ? (size_t)(end - text.data) : text.size};

    if (end != NULL && span_equal(line, SPAN("ok"))) {
        buffer_consume(answer, line.size + 1);
        return 0;
    }
    if (line.size >= sizeof(error) && memcmp(line.data, error, sizeof(error) - 1) == 0 &&
        line.data[sizeof(error) - 1] != '\0')
        diagnostic_set(why, "%.*s", (int)(line.size - sizeof(error) + 1), line.data + sizeof(error) - 1);
    else
        diagnostic_set(why, "the running server's answer makes no sense");
    return -1;
}

int control_ask(const char *dir, const char *request, struct buffer *answer, struct diagnostic *why) {
    char line[CONTROL_REQUEST_MAX + 1] = "";
    const int size = snprintf(line, sizeof(line), "%s\n", request);
    int result = 0;

    if (size < 0 || size > CONTROL_REQUEST_MAX) {
        diagnostic_set(why, "the request is too long");
        return -1;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int fd = connect_to(dir, &result, why);

        if (fd < 0)
            return result;
        buffer_truncate(answer, 0);
        /* A new socket takes so little at once, or it is broken. */
        result = send(fd, line, (size_t)size, MSG_DONTWAIT) == size ? receive_all(fd, answer, why) : 0;
        close(fd);
        if (result < 0)
            return result;
        /* Else the server has ended before it could answer; another may be there by now. */
        if (result == 1 && answer->size > 0)
            return judge(answer, why);
    }
    return stuck(why);
}
