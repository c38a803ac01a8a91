#include <config.h>

#include "src/client/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const int always[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
static const int terminal_signals[] = {SIGWINCH, SIGTSTP};

static int pipe_ends[2] = {-1, -1};

static void note(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;

    /* If the pipe is full, the loop will wake up anyway. */
    if (write(pipe_ends[1], &byte, 1) < 0)
        errno = saved;
    errno = saved;
}

static void set_action(const int *numbers, size_t count, void (*handler)(int)) {
    /* Without SA_RESTART, so that a signal interrupts a write to a terminal that takes nothing. */
    struct sigaction action = {.sa_handler = handler};
    struct sigaction old;

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < count; i++)
        /* What is ignored from the start, as by nohup, stays ignored. */
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
}

static int set_flags(int fd) {
    return fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ? -errno : 0;
}

int signals_open(bool terminal) {
    int error;

    if (pipe(pipe_ends) != 0)
        return -errno;
    error = set_flags(pipe_ends[0]);
    if (error == 0)
        error = set_flags(pipe_ends[1]);
    if (error != 0) {
        signals_close();
        return error;
    }
    set_action(always, sizeof(always) / sizeof(always[0]), note);
    if (terminal)
        set_action(terminal_signals, sizeof(terminal_signals) / sizeof(terminal_signals[0]), note);
    return pipe_ends[0];
}

int signals_next(void) {
    unsigned char number = 0;

    return read(pipe_ends[0], &number, 1) == 1 ? number : 0;
}

void signals_stop(void) {
    raise(SIGSTOP);
}

void signals_close(void) {
    set_action(always, sizeof(always) / sizeof(always[0]), SIG_DFL);
    set_action(terminal_signals, sizeof(terminal_signals) / sizeof(terminal_signals[0]), SIG_DFL);
    for (size_t i = 0; i < 2; i++) {
        if (pipe_ends[i] >= 0)
            close(pipe_ends[i]);
        pipe_ends[i] = -1;
    }
}
