#include <config.h>

#include "proto/text.h"
#include "src/client/console.h"
#include "src/client/paint.h"
#include "src/client/progress.h"
#include "src/common/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Stands behind the name of the sender of a signed message.  No name has a comma, so it cannot be imitated. */
#define SIGNED ", signed"

/* Bytes of the longest line: an event takes more than the text. */
#define LINE_LIMIT JSON_EVENT_MAX

/* How long a notice waits for a standard error that takes nothing. */
#define STDERR_WAIT_MS 100

/* A narrower terminal has no room for a progress bar. */
#define CONSOLE_COLUMNS_MIN 24

/* Two paths, two fingerprints, a sentence. */
#define NOTICE_SIZE 4096

struct console {
    struct output *out;
    struct output *screen; /* where the terminal shows; `out` if that is the same; NULL without a terminal */
    struct terminal *terminal;
    bool notices_on_screen;
    bool json; /* standard output has events only */
    bool color, bell;
    char progress[PROGRESS_LINE_SIZE]; /* as it stands there, "" if it does not */
    bool tabs;                         /* standard output is no terminal: a tab may mean something to who reads it */
    int error;                         /* of standard output */
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

struct console *console_new(bool interactive, bool json) {
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
    console->json = json;
    console->tabs = !isatty(STDOUT_FILENO);
    console->notices_on_screen = interactive && isatty(STDERR_FILENO);
    if (console->notices_on_screen)
        log_set_writer(show_record, console);
    return console;
}

void console_set_style(struct console *console, bool color, bool bell) {
    console->color = color && !console->json;
    console->bell = bell && console->terminal;
}

void console_hand_through(struct console *console, struct handing *handing) {
    output_hand_through(console->out, handing);
}

static void write_error(struct span text) {
    struct pollfd poller = {.fd = STDERR_FILENO, .events = POLLOUT};

    /* A standard error that nobody reads must not stop the program. */
    while (text.size > 0 && poll(&poller, 1, STDERR_WAIT_MS) > 0) {
        ssize_t size = write(STDERR_FILENO, text.data, text.size);

        /* There is nowhere to say that standard error cannot be written. */
        if (size < 0 && errno != EINTR)
            return;
        if (size > 0) {
            text.data += size;
            text.size -= (size_t)size;
        }
    }
}

/* Removes the progress line before a line is written to standard error, or to standard output, which may be the same
 * terminal. */
static void clear_progress(struct console *console) {
    if (console->progress[0] == '\0' || console->terminal)
        return;
    console->progress[0] = '\0';
    write_error(SPAN("\r\033[K"));
}

void console_free(struct console *console, int linger) {
    if (!console)
        return;
    clear_progress(console);
    if (console->notices_on_screen)
        log_set_writer(NULL, NULL);
    if (console->terminal && terminal_hide(console->terminal) != PROTO_OK)
        linger = 0;
    if (console->out)
        output_drain(console->out, linger);
    if (console->screen && console->screen != console->out) {
        output_drain(console->screen, linger);
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

void console_progress(struct console *console, const char *line) {
    if (strcmp(console->progress, line) == 0)
        return;
    clear_progress(console);
    snprintf(console->progress, sizeof(console->progress), "%s", line);
    if (console->terminal)
        terminal_set_status(console->terminal, line);
    else
        write_error(span_of(line));
}

size_t console_columns(const struct console *console) {
    const char *type = getenv("TERM");
    struct winsize size = {0};

    if (console->terminal)
        return terminal_status_columns(console->terminal);
    if (!type || type[0] == '\0' || strcmp(type, "dumb") == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col < CONSOLE_COLUMNS_MIN)
        return 0;
    return size.ws_col - 1;
}

bool console_has_progress(const struct console *console) {
    return console->progress[0] != '\0';
}

/* Whole lines for standard output. */
static int say(struct console *console, struct span text) {
    clear_progress(console);
    if (console->screen == console->out)
        return terminal_print(console->terminal, text);
    return output_append(console->out, text);
}

int console_event(struct console *console, struct span line, const struct output_mark *mark) {
    int error = say(console, line);

    if (error == PROTO_OK && mark)
        error = output_add_mark(console->out, mark);
    return error;
}

static int append_text(const struct console *console, struct buffer *line, const struct json_message *message) {
    const struct span body = {message->event->body, message->event->body_size};
    char head[CONSOLE_TIME_SIZE + NAME_SIZE + sizeof(SIGNED) + 32];
    const char *color = console->color ? paint_color(message->from) : "";
    char clock[CONSOLE_TIME_SIZE];
    int error;

    console_time(clock, message->event->time);
    snprintf(head, sizeof(head), "%s%s[%s%s]%s: ", clock, color, message->from, message->event->signature ? SIGNED : "",
             console->color ? PAINT_PLAIN : "");
    error = buffer_append(line, head, strlen(head));
    if (error == PROTO_OK)
        error = console->tabs ? text_escape_but_tabs(line, body) : text_escape(line, body);
    return error == PROTO_OK ? buffer_append(line, "\n", 1) : error;
}

int console_left(struct console *console, const struct json_message *message) {
    struct output_mark mark;

    output_mark_set(&mark, message->from, message->event->fingerprint, message->event->id);
    return output_add_mark(console->out, &mark);
}

int console_message(struct console *console, const struct json_message *message) {
    struct output_mark mark;
    struct buffer line = BUFFER_INIT(LINE_LIMIT);
    int error = console->json ? json_event_message(&line, message) : append_text(console, &line, message);

    output_mark_set(&mark, message->from, message->event->fingerprint, message->event->id);
    if (error == PROTO_OK)
        error = console_event(console, buffer_span(&line), &mark);
    if (error == PROTO_OK && console->bell &&
        paint_mentions((struct span){message->event->body, message->event->body_size}, message->to))
        error = output_append(console->screen, SPAN("\a"));
    buffer_free(&line);
    return error;
}

int console_answer(struct console *console, struct span text) {
    if (!console->json)
        return say(console, text);
    clear_progress(console);
    write_error(text);
    return PROTO_OK;
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
    clear_progress(console);
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
