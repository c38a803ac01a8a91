#include <config.h>

#include "src/client/child.h"
#include "src/client/or_else.h"
#include "src/client/signals.h"
#include "src/common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How often signals are looked for while the command runs, and bytes copied at once. */
#define WAIT_STEP_MS 100
#define COPY_SIZE    65536

struct noted {
    struct noted *next;
    unsigned long number;
    size_t size;
    char text[];
};

struct or_else {
    struct noted *first, *last; /* lines that are on their way */
    struct buffer failed;       /* the others, a line each */
    size_t noted;               /* bytes on their way */
    unsigned long dropped;      /* lines there was no room for */
};

struct or_else *or_else_new(void) {
    struct or_else *made = calloc(1, sizeof(*made));

    if (made)
        made->failed = BUFFER_INIT(OR_ELSE_MAX);
    return made;
}

static void forget(struct or_else *or_else, struct noted *noted) {
    or_else->noted -= noted->size;
    csc_wipe(noted->text, noted->size);
    free(noted);
}

void or_else_free(struct or_else *or_else) {
    if (!or_else)
        return;
    while (or_else->first) {
        struct noted *first = or_else->first;

        or_else->first = first->next;
        forget(or_else, first);
    }
    buffer_free(&or_else->failed);
    free(or_else);
}

int or_else_note(struct or_else *or_else, unsigned long number, struct span text) {
    struct noted *noted = calloc(1, sizeof(*noted) + text.size);

    if (!noted)
        return PROTO_E_MEMORY;
    noted->number = number;
    noted->size = text.size;
    if (text.size > 0)
        memcpy(noted->text, text.data, text.size);
    if (or_else->last)
        or_else->last->next = noted;
    else
        or_else->first = noted;
    or_else->last = noted;
    or_else->noted += text.size;
    return PROTO_OK;
}

void or_else_settle(struct or_else *or_else, unsigned long number, bool delivered) {
    struct noted *before = NULL, *noted = or_else->first;

    for (; noted && noted->number != number; noted = noted->next)
        before = noted;
    if (!noted)
        return;
    *(before ? &before->next : &or_else->first) = noted->next;
    if (or_else->last == noted)
        or_else->last = before;
    if (!delivered && (buffer_append(&or_else->failed, noted->text, noted->size) != PROTO_OK ||
                       buffer_append(&or_else->failed, "\n", 1) != PROTO_OK))
        or_else->dropped++;
    forget(or_else, noted);
}

bool or_else_has_lines(const struct or_else *or_else) {
    return or_else->failed.size > 0;
}

unsigned long or_else_dropped(const struct or_else *or_else) {
    return or_else->dropped;
}

/* ---- the program ------------------------------------------------------------------------------------------------- */

/* True if a signal asks for the end. */
static bool is_interrupted(void) {
    int number;

    while ((number = signals_next()) != 0)
        if (number != SIGCHLD)
            return true;
    return false;
}

/* Writes TEXT to FD.  False if the program takes no more, or a signal came. */
static bool feed(int fd, struct span text) {
    struct pollfd poller = {.fd = fd, .events = POLLOUT};

    while (text.size > 0) {
        ssize_t size = write(fd, text.data, text.size);

        if (size < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (size > 0) {
            text.data += size;
            text.size -= (size_t)size;
        } else if (poll(&poller, 1, WAIT_STEP_MS) < 0 || is_interrupted()) {
            return false;
        }
    }
    return true;
}

/* Copies the input FROM to FD until it ends, or until UNTIL. */
static void copy_rest(int fd, int from, uint64_t until) {
    struct pollfd poller = {.fd = from, .events = POLLIN};
    char bytes[COPY_SIZE];
    ssize_t got = 1;

    while (got > 0) {
        int timeout = clock_poll_timeout(clock_monotonic_ms(), until);

        if (poll(&poller, 1, timeout) <= 0 || is_interrupted())
            break;
        got = read(from, bytes, sizeof(bytes));
        if (got > 0 && !feed(fd, (struct span){bytes, (size_t)got}))
            break;
    }
    csc_wipe(bytes, sizeof(bytes));
}

static void feed_all(struct or_else *or_else, const struct or_else_run *run, int fd) {
    struct input_line line;

    if (!feed(fd, buffer_span(&or_else->failed)))
        return;
    while (input_next(run->input, &line))
        if (!feed(fd, line.text) || !feed(fd, SPAN("\n")))
            return;
    if (!feed(fd, input_rest(run->input)))
        return;
    if (run->fd >= 0 && !run->input->ended)
        copy_rest(fd, run->fd, clock_monotonic_ms() + run->wait);
}

static int wait_for_end(struct child *child) {
    struct pollfd nothing = {.fd = -1};
    unsigned status = 0;

    while (!child_ended(child, &status)) {
        if (is_interrupted())
            return -EINTR;
        poll(&nothing, 1, WAIT_STEP_MS);
    }
    return (int)status;
}

int or_else_run(struct or_else *or_else, const struct or_else_run *run) {
    char variable[32], shell[] = "/bin/sh", option[] = "-c", command[CHILD_COMMAND_SIZE];
    char *environment[] = {variable, NULL};
    struct child_command words = {.words = {shell, option, command, NULL}, .to_stderr = run->to_stderr};
    struct child child = {.pid = 0};
    int error;

    if (strlen(run->command) >= sizeof(command))
        return -E2BIG;
    snprintf(variable, sizeof(variable), "CHATSECURE_STATUS=%u", run->status);
    memcpy(command, run->command, strlen(run->command) + 1);
    error = child_open(&child, &words, environment);
    if (error != 0)
        return error;
    feed_all(or_else, run, child.fd);
    child_close_input(&child);
    return wait_for_end(&child);
}
