#include <config.h>

#include "proto/text.h"
#include "src/client/progress.h"
#include "src/client/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Bytes of one read; what is pasted is drawn once for each read. */
#define TERMINAL_READ 4096

/* The size of a screen that does not tell it, and the least that is drawn for. */
#define TERMINAL_COLUMNS     80
#define TERMINAL_ROWS        24
#define TERMINAL_COLUMNS_MIN 16
#define TERMINAL_ROWS_MIN    2

struct terminal {
    int fd;
    struct output *screen;
    bool plain; /* no cursor movement */
    struct editor editor;
    char prompt[TERMINAL_PROMPT_SIZE];
    char status[PROGRESS_LINE_SIZE]; /* stands above it */
    bool shown;
    struct place cursor, end; /* on the screen, from where the status or the prompt begins; while shown */
    struct extent extent;     /* of the prompt and the line */
    size_t columns, height;
    struct rows rows;
    unsigned long number;  /* of the line being typed, in the input */
    terminal_offer *offer; /* NULL: nothing is completed */
    void *offer_context;
};

/* What a signal handler needs to restore the mode. */
static struct {
    volatile sig_atomic_t raw;
    int fd, screen_fd;
    struct termios saved;
} mode;

/* Turns bracketed paste on or off.  Safe in a signal handler; does nothing if the screen takes nothing now. */
static void set_paste_brackets(bool on) {
    struct pollfd poller = {.fd = mode.screen_fd, .events = POLLOUT};

    if (poll(&poller, 1, 0) > 0 && write(mode.screen_fd, on ? "\033[?2004h" : "\033[?2004l", 8) < 0)
        return;
}

static void restore_mode(void) {
    if (mode.raw) {
        mode.raw = 0;
        set_paste_brackets(false);
        tcsetattr(mode.fd, TCSANOW, &mode.saved);
    }
}

static void restore_and_die(int number) {
    restore_mode();
    raise(number); /* SA_RESETHAND has put the default action back */
}

static void catch_deaths(void) {
    static const int deaths[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGALRM};
    struct sigaction action = {.sa_handler = restore_and_die, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
        sigaction(deaths[i], &action, NULL);
}

static void make_raw(const struct terminal *terminal) {
    struct termios raw;

    if (mode.raw || terminal->plain || tcgetattr(terminal->fd, &mode.saved) != 0)
        return;
    raw = mode.saved;
    raw.c_iflag &= ~(tcflag_t)(INLCR | IGNCR | ISTRIP | INPCK);
    raw.c_iflag |= ICRNL;
    raw.c_oflag |= OPOST | ONLCR;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    raw.c_lflag |= ISIG;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    mode.fd = terminal->fd;
    mode.screen_fd = output_fd(terminal->screen);
    if (tcsetattr(terminal->fd, TCSANOW, &raw) == 0) {
        mode.raw = 1;
        set_paste_brackets(true);
    }
}

static void measure(struct terminal *terminal) {
    struct winsize size = {0};

    terminal->columns = TERMINAL_COLUMNS;
    terminal->height = TERMINAL_ROWS;
    if (ioctl(output_fd(terminal->screen), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        terminal->columns = size.ws_col > TERMINAL_COLUMNS_MIN ? size.ws_col : TERMINAL_COLUMNS_MIN;
        terminal->height = size.ws_row > TERMINAL_ROWS_MIN ? size.ws_row : TERMINAL_ROWS_MIN;
    }
    rows_resize(&terminal->rows, terminal->columns,
                size.ws_col >= TERMINAL_COLUMNS_MIN && size.ws_row >= TERMINAL_ROWS_MIN ? size.ws_row : 0);
}

struct terminal *terminal_new(int fd, struct output *screen) {
    static bool prepared;
    struct terminal *terminal = calloc(1, sizeof(*terminal));
    const char *type = getenv("TERM");

    if (!terminal)
        return NULL;
    terminal->fd = fd;
    terminal->screen = screen;
    terminal->plain = !type || type[0] == '\0' || strcmp(type, "dumb") == 0;
    terminal->editor = EDITOR_INIT(INPUT_LINE_MAX);
    if (!prepared) {
        prepared = true;
        catch_deaths();
        atexit(restore_mode);
    }
    measure(terminal);
    make_raw(terminal);
    return terminal;
}

void terminal_free(struct terminal *terminal) {
    if (!terminal)
        return;
    restore_mode();
    editor_free(&terminal->editor);
    free(terminal);
}

static int append(struct terminal *terminal, const char *text) {
    return output_append(terminal->screen, span_of(text));
}

void terminal_set_prompt(struct terminal *terminal, const char *prompt) {
    snprintf(terminal->prompt, sizeof(terminal->prompt), "%s", prompt);
}

size_t terminal_status_columns(const struct terminal *terminal) {
    return terminal->plain ? 0 : terminal->columns - 1;
}

void terminal_set_status(struct terminal *terminal, const char *status) {
    if (terminal_hide(terminal) == PROTO_OK)
        snprintf(terminal->status, sizeof(terminal->status), "%s", status);
}

/* Rows of the status, which was made for a screen that may have been wider. */
static size_t status_rows(const struct terminal *terminal) {
    size_t width;

    columns_fit(span_of(terminal->status), SIZE_MAX - 2, &width);
    return (width + terminal->columns - 1) / terminal->columns;
}

bool terminal_is_shown(const struct terminal *terminal) {
    return terminal->shown;
}

bool terminal_is_typing(const struct terminal *terminal) {
    return terminal->editor.line.size > 0;
}

/* Moves the cursor from where it is to the start of what is shown. */
static int move_to_start(struct terminal *terminal) {
    char up[32] = "\r";

    if (terminal->cursor.row > 0)
        snprintf(up, sizeof(up), "\r\033[%zuA", terminal->cursor.row);
    return append(terminal, up);
}

int terminal_hide(struct terminal *terminal) {
    int error;

    if (!terminal->shown)
        return PROTO_OK;
    terminal->shown = false;
    if (terminal->plain)
        return append(terminal, "\n");
    error = move_to_start(terminal);
    return error != PROTO_OK ? error : append(terminal, "\033[J");
}

int terminal_print(struct terminal *terminal, struct span text) {
    int error = terminal_hide(terminal);

    if (error == PROTO_OK)
        error = output_append(terminal->screen, text);
    if (error == PROTO_OK)
        rows_print(&terminal->rows, text);
    return error;
}

/* Moves the cursor from END, where drawing left it, to CURSOR. */
static int place_cursor(struct terminal *terminal, struct place end, struct place cursor) {
    char move[64] = "";
    int length = 0;

    if (end.row > cursor.row)
        length = snprintf(move, sizeof(move), "\033[%zuA", end.row - cursor.row);
    snprintf(move + length, sizeof(move) - (size_t)length, cursor.column > 0 ? "\r\033[%zuC" : "\r", cursor.column);
    return append(terminal, move);
}

/* Moves the cursor to the next row if a line has ended at the right edge: there it is still on the last character. */
static int leave_edge(struct terminal *terminal, struct place *place) {
    if (place->column < terminal->columns)
        return PROTO_OK;
    place->row++;
    place->column = 0;
    return append(terminal, "\n\r");
}

/* Writes the prompt and the line, of which HEIGHT rows may be shown, to TEXT, and measures them. */
static int lay_out(struct terminal *terminal, size_t height, struct buffer *text) {
    int error = editor_show(&terminal->editor, span_of(terminal->prompt), terminal->columns, height, text,
                            &terminal->cursor, &terminal->end);

    terminal->extent = (struct extent){{0, 0}, {0, 0}};
    columns_extend(&terminal->extent, buffer_span(text), terminal->columns);
    return error;
}

/* Shows the prompt and the line behind it, ABOVE rows below the status, with the cursor in its place. */
static int draw(struct terminal *terminal, size_t height, size_t above) {
    struct buffer text = BUFFER_INIT(TERMINAL_PROMPT_SIZE + TEXT_ESCAPE_MAX(INPUT_LINE_MAX));
    struct place *cursor = &terminal->cursor, *end = &terminal->end;
    int error = lay_out(terminal, height, &text);

    if (error == PROTO_OK)
        error = output_append(terminal->screen, buffer_span(&text));
    if (error == PROTO_OK)
        error = leave_edge(terminal, end);
    if (cursor->column >= terminal->columns)
        *cursor = (struct place){cursor->row + 1, 0};
    if (error == PROTO_OK && (cursor->row != end->row || cursor->column != end->column))
        error = place_cursor(terminal, *end, *cursor);
    if (terminal->extent.least.row != terminal->extent.most.row)
        rows_forget(&terminal->rows);
    cursor->row += above;
    end->row += above;
    rows_use(&terminal->rows, end->row + 1);
    buffer_free(&text);
    return error;
}

static int draw_below_status(struct terminal *terminal) {
    const size_t above = status_rows(terminal), height = terminal->height;
    int error = PROTO_OK;

    if (above > 0)
        error = append(terminal, terminal->status);
    if (above > 0 && error == PROTO_OK)
        error = append(terminal, "\n");
    if (error != PROTO_OK)
        return error;
    return draw(terminal, height >= above + TERMINAL_ROWS_MIN ? height - above : TERMINAL_ROWS_MIN, above);
}

int terminal_show(struct terminal *terminal) {
    if (terminal->shown || terminal->prompt[0] == '\0')
        return PROTO_OK;
    terminal->shown = true;
    return terminal->plain ? append(terminal, terminal->prompt) : draw_below_status(terminal);
}

static int feed_input(struct input *input, struct span text) {
    uint8_t *room = NULL;
    int error = buffer_reserve(&input->bytes, text.size, &room);

    if (error == PROTO_OK && text.size > 0) {
        memcpy(room, text.data, text.size);
        input_commit(input, text.size);
    }
    return error;
}

/* Leaves the finished line on the screen, whole, with room for a mark behind it. */
static int leave_line(struct terminal *terminal) {
    int error = draw(terminal, SIZE_MAX, 0);

    if (error == PROTO_OK && terminal->end.column + TERMINAL_MARK_COLUMNS > terminal->columns) {
        terminal->end = (struct place){terminal->end.row + 1, 0};
        error = append(terminal, "\n");
    }
    rows_type(&terminal->rows, terminal->number, &terminal->extent, terminal->end);
    terminal->shown = false;
    return error == PROTO_OK ? append(terminal, "\n") : error;
}

/* Gives the finished line to INPUT. */
static int finish_line(struct terminal *terminal, struct input *input) {
    struct span line = editor_line(&terminal->editor);
    int error = terminal_hide(terminal);

    terminal->editor.cursor = line.size;
    if (error == PROTO_OK)
        error = terminal->prompt[0] != '\0' ? leave_line(terminal) : terminal_print(terminal, SPAN("\n"));
    terminal->number++;
    if (error == PROTO_OK)
        error = feed_input(input, line);
    if (error == PROTO_OK)
        error = feed_input(input, SPAN("\n"));
    editor_finish(&terminal->editor);
    return error;
}

/* Moves the cursor UP rows and COLUMN columns to the right of where the prompt begins; or back again. */
static int go(struct terminal *terminal, char direction, size_t rows, size_t column) {
    char move[64];
    int length = snprintf(move, sizeof(move), "\r\033[%zu%c", rows, direction);

    if (column > 0)
        snprintf(move + length, sizeof(move) - (size_t)length, "\033[%zuC", column);
    return append(terminal, move);
}

int terminal_mark(struct terminal *terminal, unsigned long number, struct span mark, size_t width, bool *done) {
    const struct place cursor = terminal->shown ? terminal->cursor : (struct place){0, 0};
    size_t up = 0, column = 0;
    int error;

    *done = !terminal->plain && rows_find(&terminal->rows, number, &up, &column) && column + width <= terminal->columns;
    if (!*done)
        return PROTO_OK;
    error = go(terminal, 'A', cursor.row + up, column);
    if (error == PROTO_OK)
        error = output_append(terminal->screen, mark);
    return error == PROTO_OK ? go(terminal, 'B', cursor.row + up, cursor.column) : error;
}

void terminal_set_completer(struct terminal *terminal, terminal_offer *offer, void *context) {
    terminal->offer = offer;
    terminal->offer_context = context;
}

/* Completes the word in front of the cursor.  Where there is only text, a tab is a tab. */
static int complete(struct terminal *terminal) {
    struct buffer choices = BUFFER_INIT(COMPLETION_LINE_MAX);
    char text[COMPLETION_TEXT_SIZE];
    struct completion completion;
    int error;

    completion_begin(&completion, editor_before(&terminal->editor));
    if (completion.kind == COMPLETION_NOTHING || !terminal->offer)
        return editor_replace(&terminal->editor, 0, SPAN("\t")) ? terminal_hide(terminal) : append(terminal, "\a");
    terminal->offer(terminal->offer_context, &completion);
    error = completion_end(&completion, text, &choices);
    if (error == PROTO_OK && choices.size > 0)
        error = terminal_print(terminal, buffer_span(&choices));
    if (error == PROTO_OK)
        error = terminal_hide(terminal);
    if (error == PROTO_OK &&
        (completion.count == 0 || !editor_replace(&terminal->editor, completion.word.size, span_of(text))))
        error = append(terminal, "\a");
    buffer_free(&choices);
    return error;
}

static int take_key(struct terminal *terminal, struct input *input, uint8_t key) {
    switch (editor_feed(&terminal->editor, key)) {
    case EDITOR_LINE:
        return finish_line(terminal, input);
    case EDITOR_END:
        input_end(input);
        break;
    case EDITOR_FULL:
        return append(terminal, "\a");
    case EDITOR_TAB:
        return complete(terminal);
    case EDITOR_CHANGED:
        return terminal_hide(terminal);
    case EDITOR_NOTHING:
        break;
    }
    return PROTO_OK;
}

int terminal_read(struct terminal *terminal, struct input *input) {
    uint8_t keys[TERMINAL_READ];
    ssize_t size = read(terminal->fd, keys, sizeof(keys));
    int error = PROTO_OK;

    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return PROTO_OK;
    if (size <= 0) {
        input_end(input);
        return PROTO_OK;
    }
    terminal->number = input->number + 1;
    if (terminal->plain) {
        terminal->shown = false;
        return feed_input(input, (struct span){(const char *)keys, (size_t)size});
    }
    for (ssize_t i = 0; error == PROTO_OK && i < size && !input->ended; i++)
        error = take_key(terminal, input, keys[i]);
    csc_wipe(keys, sizeof(keys));
    return error;
}

int terminal_resize(struct terminal *terminal) {
    bool shown = terminal->shown;
    int error;

    /* Most terminals have wrapped the line anew by now, so the cursor's row is what it is at the new width. */
    measure(terminal);
    if (shown && !terminal->plain) {
        struct buffer text = BUFFER_INIT(TERMINAL_PROMPT_SIZE + TEXT_ESCAPE_MAX(INPUT_LINE_MAX));

        error = lay_out(terminal, terminal->height, &text);
        terminal->cursor.row += status_rows(terminal);
        buffer_free(&text);
        if (error != PROTO_OK)
            return error;
    }
    error = terminal_hide(terminal);
    if (error == PROTO_OK && shown)
        error = terminal_show(terminal);
    return error;
}

void terminal_suspend(struct terminal *terminal) {
    (void)terminal;
    restore_mode();
}

int terminal_resume(struct terminal *terminal) {
    make_raw(terminal);
    terminal->shown = false;
    terminal->cursor = (struct place){0, 0};
    measure(terminal);
    return terminal_show(terminal);
}
