/* The limit of a relayed message: a process that passes bytes on, and one that sends them through it. */
#include <config.h>

#include "src/bench/limits.h"

#include "src/bench/flow.h"
#include "src/bench/loopback.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UP 100

/* What one call receives: as much as the server's. */
#define RECEIVE_SIZE 65536

/* A connection: FDS are its two ends. */
static int connect_pair(int fds[static 2]) {
    struct sockaddr_in address;
    int listener = loopback_listen(&address);

    fds[0] = listener >= 0 ? loopback_connect(&address) : -1;
    fds[1] = fds[0] >= 0 ? loopback_accept(listener) : -1;
    if (listener >= 0)
        close(listener);
    return fds[1] >= 0 ? 0 : -1;
}

/* The process that passes on what comes, until nothing more does. */
static void pass_on(int from, int to) {
    static char data[RECEIVE_SIZE];
    ssize_t received = 0;

    while ((received = recv(from, data, sizeof(data), 0)) > 0)
        if (!loopback_send(to, data, (size_t)received))
            break;
    _exit(0);
}

/* The process that sends, and takes in what comes back. */
struct driver {
    int out, in;
    char *data; /* the lines of one write */
    size_t line_size;
    uint64_t per_write, window;
    uint64_t sent;
    uint64_t received; /* bytes */
};

/* Sends until GOAL messages are sent and have come back. */
static bool drive(struct driver *driver, uint64_t goal) {
    static char data[RECEIVE_SIZE];

    while (driver->received < goal * driver->line_size) {
        ssize_t size = 0;

        while (driver->sent < goal &&
               driver->sent + driver->per_write <= driver->received / driver->line_size + driver->window) {
            if (!loopback_send(driver->out, driver->data, driver->per_write * driver->line_size))
                return false;
            driver->sent += driver->per_write;
        }
        /* Waits as the load generator does, and not in recv(), since the two wake up at different times. */
        if (poll(&(struct pollfd){.fd = driver->in, .events = POLLIN}, 1, -1) < 0)
            continue;
        size = recv(driver->in, data, sizeof(data), 0);
        if (size <= 0)
            return false;
        driver->received += (uint64_t)size;
    }
    return true;
}

static int measure(struct driver *driver, uint64_t messages, pid_t pid, double *microseconds) {
    /* Whole writes. */
    const uint64_t begin = (WARM_UP / driver->per_write + 1) * driver->per_write;
    const uint64_t end = begin + (messages / driver->per_write + 1) * driver->per_write;
    struct usage before = {0};
    struct usage after = {0};

    if (!drive(driver, begin) || usage_read(&before, pid) != 0 || !drive(driver, end) || usage_read(&after, pid) != 0)
        return -1;
    *microseconds = (double)(after.cpu_ns - before.cpu_ns) / 1e3 / (double)(end - begin);
    return 0;
}

static int start(struct driver *driver, pid_t *pid) {
    int there[2] = {-1, -1};
    int back[2] = {-1, -1};

    if (connect_pair(there) != 0 || connect_pair(back) != 0)
        return -1;
    *pid = fork();
    if (*pid == 0) {
        close(there[0]);
        close(back[1]);
        pass_on(there[1], back[0]);
    }
    close(there[1]);
    close(back[0]);
    driver->out = there[0];
    driver->in = back[1];
    return *pid > 0 ? 0 : -1;
}

int limit_loopback(const struct traffic *traffic, double *microseconds, struct diagnostic *why) {
    struct driver driver = {.out = -1, .in = -1, .per_write = traffic->per_write, .window = traffic->window};
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    pid_t pid = -1;
    int error = flow_write_opaque(&payload, SPAN("bench-0"), SPAN("bench-1"), traffic->size);

    driver.line_size = channel_line_size(payload.size);
    driver.data = calloc(traffic->per_write, driver.line_size);
    if (error == 0)
        error = driver.data != NULL ? start(&driver, &pid) : -1;
    if (error == 0)
        error = measure(&driver, traffic->messages, pid, microseconds);
    if (error != 0)
        diagnostic_set(why, "the limit of the loopback cannot be measured: %s", diagnostic_errno(errno));
    if (driver.out >= 0)
        close(driver.out);
    if (driver.in >= 0)
        close(driver.in);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    free(driver.data);
    buffer_free(&payload);
    return error != 0 ? -1 : 0;
}
