#include <config.h>

#include "src/server/wake.h"

#include "src/common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#ifdef HAVE_EVENTFD
#include <sys/eventfd.h>

int wake_open(struct wake *wake) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0)
        return -errno;
    *wake = (struct wake){fd, fd};
    return 0;
}

#else

int wake_open(struct wake *wake) {
    int fds[2] = {-1, -1};

    if (pipe(fds) != 0)
        return -errno;
    for (int i = 0; i < 2; i++) {
        fcntl(fds[i], F_SETFD, FD_CLOEXEC);
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
    }
    *wake = (struct wake){fds[0], fds[1]};
    return 0;
}

#endif

void wake_signal(const struct wake *wake) {
    const uint64_t one = 1;
    ssize_t written = 0;

    /* A full pipe or counter is readable already: nothing is lost. */
    do
        written = write(wake->signal_fd, &one, sizeof(one));
    while (written < 0 && errno == EINTR);
}

void wake_drain(const struct wake *wake) {
    uint64_t counts[64] = {0};

    while (read(wake->poll_fd, counts, sizeof(counts)) == (ssize_t)sizeof(counts))
        continue;
}

bool wake_wait(const struct wake *wake, uint64_t deadline) {
    struct pollfd fd = {.fd = wake->poll_fd, .events = POLLIN};

    while (poll(&fd, 1, clock_poll_timeout(clock_monotonic_ms(), deadline)) <= 0)
        if (clock_monotonic_ms() >= deadline)
            return false;
    return true;
}

void wake_close(struct wake *wake) {
    if (wake->signal_fd >= 0 && wake->signal_fd != wake->poll_fd)
        close(wake->signal_fd);
    if (wake->poll_fd >= 0)
        close(wake->poll_fd);
    *wake = (struct wake)WAKE_INIT;
}
