/*
 * editor: the line a person is typing.
 *
 * Bytes from a terminal in raw mode go in; out come finished lines, and what of the unfinished one is to be shown
 * where.  Knows UTF-8, a few editing keys, and how wide characters are; knows nothing of the screen.  Pure: no I/O.
 * Single owner.
 *
 * Keys: Enter; Backspace, Delete; Left, Right, Home, End; Ctrl-A, -E, -B, -F as these; Ctrl-U erases to the start,
 * Ctrl-K to the end, Ctrl-W a word; Ctrl-L redraws; Ctrl-D on an empty line is the end of input.
 */
#ifndef CLIENT_EDITOR_H
#define CLIENT_EDITOR_H

#include "proto/buffer.h"

enum editor_event {
    EDITOR_NOTHING,
    EDITOR_CHANGED, /* what is shown is out of date */
    EDITOR_LINE,    /* Enter: editor_line() has the line */
    EDITOR_END,     /* Ctrl-D on an empty line */
    EDITOR_FULL,    /* a character was refused: the line is as long as it may be */
};

/* A place on a screen, counted from where the text began. */
struct editor_place {
    size_t row, column;
};

struct editor {
    struct buffer line;
    size_t cursor; /* offset in `line`, at the start of a character */
    enum { EDITOR_PLAIN, EDITOR_ESCAPE, EDITOR_CSI, EDITOR_SS3 } state;
    char parameter; /* first byte of the escape sequence that is coming in, 0: none yet */
};

/* An empty line that will hold at most LIMIT bytes. */
#define EDITOR_INIT(bytes) ((struct editor){.line = BUFFER_INIT(bytes)})

/* Takes one byte. */
enum editor_event editor_feed(struct editor *editor, uint8_t byte);

/* The line as typed; valid until the next call. */
struct span editor_line(const struct editor *editor);

/* Starts a new line. */
void editor_clear(struct editor *editor);

/* Appends to OUT what is to be shown of the line behind PROMPT on a screen COLUMNS wide, where at most ROWS rows may be
 * used, at least 2 (of a longer line only the part around the cursor is shown).  Sets *CURSOR to where the cursor
 * belongs and *END to where the text ends. PROTO_E_MEMORY, PROTO_E_FULL. */
int editor_show(const struct editor *editor, struct span prompt, size_t columns, size_t rows, struct buffer *out,
                struct editor_place *cursor, struct editor_place *end) __attribute__((warn_unused_result));

/* Wipes. */
void editor_free(struct editor *editor);

#endif
