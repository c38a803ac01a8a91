#include <config.h>

#include "src/server/farewell.h"

#include "src/common/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

/* Waits until the last words are with the kernel.  False if it does not take them. */
static bool drain(struct outbox *outbox, int socket) {
    uint64_t now = clock_monotonic_ms();
    const uint64_t deadline = now + FAREWELL_DRAIN_MS;

    outbox_flush(outbox, now);
    for (;;) {
        struct pollfd fd = {.fd = socket, .events = POLLOUT};
        struct outbox_status status = outbox_status(outbox);

        if (status.empty || status.broken || now >= deadline)
            return status.empty;
        poll(&fd, 1, clock_poll_timeout(now, deadline));
        now = clock_monotonic_ms();
        outbox_resume(outbox, now);
    }
}

/* Reads on until the other side has closed. */
static void linger(int socket) {
    uint64_t now = clock_monotonic_ms();
    const uint64_t deadline = now + FAREWELL_LINGER_MS;
    char discarded[4096];

    for (; now < deadline; now = clock_monotonic_ms()) {
        struct pollfd fd = {.fd = socket, .events = POLLIN};
        ssize_t received = recv(socket, discarded, sizeof(discarded), MSG_DONTWAIT);

        if (received == 0 || (received < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return;
        if (received < 0)
            poll(&fd, 1, clock_poll_timeout(now, deadline));
    }
}

void farewell(struct outbox *outbox, int socket) {
    if (drain(outbox, socket) && shutdown(socket, SHUT_WR) == 0)
        linger(socket);
}
