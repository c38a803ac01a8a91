#include <config.h>

#include "proto/text.h"
#include "src/client/console.h"
#include "src/common/clock.h"
#include "src/common/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A line with the longest body, all of it escaped. */
#define LINE_LIMIT (CONSOLE_TIME_SIZE + NAME_SIZE + 8 + TEXT_ESCAPE_MAX(MESSAGE_BODY_MAX))

/* What a notice waits for a standard error that is full. */
#define STDERR_WAIT_MS 100

/* Two paths, two fingerprints, a sentence. */
#define NOTICE_SIZE 4096

struct console {
    struct output *out;
    struct output *screen; /* where the terminal shows; `out` if that is the same; NULL without a terminal */
    struct terminal *terminal;
    bool notices_on_screen;
    bool tabs; /* standard output is no terminal: a tab may mean something to who reads it */
    int error; /* of standard output */
};

static void show_record(void *context, const char *record, size_t size) {
    struct console *console = context;

    if (terminal_print(console->terminal, (struct span){record, size}) != PROTO_OK)
        return;
}

/* The descriptor to show the prompt on: the terminal's own is open for writing when all else is redirected. */
static int screen_fd(void) {
    if (isatty(STDOUT_FILENO))
        return STDOUT_FILENO;
    return isatty(STDERR_FILENO) ? STDERR_FILENO : STDIN_FILENO;
}

struct console *console_new(bool interactive) {
    struct console *console = calloc(1, sizeof(*console));

    if (!console)
        return NULL;
    console->out = output_new(STDOUT_FILENO);
    if (interactive && console->out) {
        console->screen = screen_fd() == STDOUT_FILENO ? console->out : output_new(screen_fd());
        if (console->screen)
            console->terminal = terminal_new(STDIN_FILENO, console->screen);
    }
    if (!console->out || (interactive && !console->terminal)) {
        console_free(console, 0);
        return NULL;
    }
    console->tabs = !isatty(STDOUT_FILENO);
    console->notices_on_screen = interactive && isatty(STDERR_FILENO);
    if (console->notices_on_screen)
        log_set_writer(show_record, console);
    return console;
}

static void drain(struct output *output, uint64_t until) {
    while (output_write(output) == 0 && output_waiting(output) > 0) {
        struct pollfd poller = {.fd = output_fd(output), .events = POLLOUT};
        int timeout = clock_poll_timeout(clock_monotonic_ms(), until);

        if (timeout == 0 || (poll(&poller, 1, timeout) < 0 && errno != EINTR))
            break;
    }
}

void console_free(struct console *console, int linger) {
    uint64_t until = clock_monotonic_ms() + (uint64_t)linger;

    if (!console)
        return;
    if (console->notices_on_screen)
        log_set_writer(NULL, NULL);
    if (console->terminal && terminal_hide(console->terminal) != PROTO_OK)
        until = 0;
    if (console->out)
        drain(console->out, until);
    if (console->screen && console->screen != console->out) {
        drain(console->screen, until);
        output_free(console->screen);
    }
    terminal_free(console->terminal);
    output_free(console->out);
    free(console);
}

struct terminal *console_terminal(const struct console *console) {
    return console->terminal;
}

struct output *console_output(const struct console *console) {
    return console->out;
}

struct output *console_screen(const struct console *console) {
    return console->screen == console->out ? NULL : console->screen;
}

void console_time(char out[static CONSOLE_TIME_SIZE], uint64_t wall) {
    time_t seconds = (time_t)(wall / 1000);
    struct tm local;

    if (!localtime_r(&seconds, &local) || strftime(out, CONSOLE_TIME_SIZE, "[%H:%M:%S] ", &local) == 0)
        snprintf(out, CONSOLE_TIME_SIZE, "[--:--:--] ");
}

/* Whole lines for standard output. */
static int say(struct console *console, struct span text) {
    if (console->screen == console->out)
        return terminal_print(console->terminal, text);
    return output_append(console->out, text);
}

int console_message(struct console *console, const char *peer, const struct conversation_event *event) {
    const struct span body = {event->body, event->body_size};
    struct buffer line = BUFFER_INIT(LINE_LIMIT);
    struct output_mark mark;
    char head[CONSOLE_TIME_SIZE + NAME_SIZE + 8];
    char clock[CONSOLE_TIME_SIZE];
    int error;

    console_time(clock, event->time);
    snprintf(head, sizeof(head), "%s[%s]: ", clock, peer);
    error = buffer_append(&line, head, strlen(head));
    if (error == PROTO_OK)
        error = console->tabs ? text_escape_but_tabs(&line, body) : text_escape(&line, body);
    if (error == PROTO_OK)
        error = buffer_append(&line, "\n", 1);
    if (error == PROTO_OK)
        error = say(console, buffer_span(&line));
    name_copy(mark.peer, span_of(peer));
    memcpy(mark.fingerprint, event->fingerprint, sizeof(mark.fingerprint));
    memcpy(mark.id, event->id, sizeof(mark.id));
    if (error == PROTO_OK)
        error = output_add_mark(console->out, &mark);
    buffer_free(&line);
    return error;
}

int console_answer(struct console *console, struct span text) {
    return say(console, text);
}

static void write_error(struct span text) {
    struct pollfd poller = {.fd = STDERR_FILENO, .events = POLLOUT};

    /* One that nobody reads must not stop the program. */
    while (text.size > 0 && poll(&poller, 1, STDERR_WAIT_MS) > 0) {
        ssize_t size = write(STDERR_FILENO, text.data, text.size);

        /* A standard error that cannot be written has nowhere to say so. */
        if (size < 0 && errno != EINTR)
            return;
        if (size > 0) {
            text.data += size;
            text.size -= (size_t)size;
        }
    }
}

void console_notice(struct console *console, const char *format, ...) {
    char raw[NOTICE_SIZE] = "";
    char text[NOTICE_SIZE] = "";
    char line[NOTICE_SIZE + 32] = "";
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    text_escape_cut(text, sizeof(text), span_of(raw));
    snprintf(line, sizeof(line), "%s%s\n", console->notices_on_screen ? "" : "chatsecure: ", text);
    if (!console->notices_on_screen || terminal_print(console->terminal, span_of(line)) != PROTO_OK)
        write_error(span_of(line));
}

void console_write(struct console *console) {
    console->error = output_write(console->out);
    if (console_screen(console))
        output_write(console->screen);
}

int console_output_error(const struct console *console) {
    return console->error;
}

bool console_next_mark(struct console *console, struct output_mark *mark) {
    return output_next_mark(console->out, mark);
}

bool console_is_full(const struct console *console) {
    return output_waiting(console->out) >= OUTPUT_HIGH;
}

bool console_is_empty(const struct console *console) {
    return output_waiting(console->out) == 0;
}
