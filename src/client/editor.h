/*
 * editor: the line a person is typing.
 *
 * Bytes from a terminal in raw mode go in; out come finished lines, and what of the unfinished one is to be shown
 * where.  Knows UTF-8, a few editing keys, how wide characters are, and the lines typed before; knows nothing of the
 * screen.  Pure: no I/O.  Single owner.
 *
 * Keys: Enter; Backspace, Delete; Left, Right, Home, End; Ctrl-A, -E, -B, -F as these; Ctrl-Left and -Right, Alt-B and
 * -F go by words; Up, Down, Ctrl-P, -N go through the lines typed before, Ctrl-R searches them; Tab completes; Ctrl-U
 * erases to the start, Ctrl-K to the end, Ctrl-W a word; Ctrl-L redraws; Ctrl-D on an empty line is the end of input.
 * A character and the marks that combine with it are one to the keys.  Within a paste that the terminal brackets only
 * Enter is a key.
 */
#ifndef CLIENT_EDITOR_H
#define CLIENT_EDITOR_H

#include "proto/buffer.h"
#include "src/client/columns.h"
#include "src/client/recall.h"

/* Bytes of what is searched for. */
#define EDITOR_QUERY_MAX 64

enum editor_event {
    EDITOR_NOTHING,
    EDITOR_CHANGED, /* what is shown is out of date */
    EDITOR_LINE,    /* Enter: editor_line() has the line */
    EDITOR_END,     /* Ctrl-D on an empty line */
    EDITOR_FULL,    /* a key was refused: the line is as long as it may be, or there is nothing to find */
    EDITOR_TAB,     /* the text in front of the cursor, editor_before(), is to be completed */
};

struct editor {
    struct buffer line;
    size_t cursor; /* offset in `line`, at the start of a character */
    enum { EDITOR_PLAIN, EDITOR_ESCAPE, EDITOR_CSI, EDITOR_SS3 } state;
    unsigned numbers[2]; /* of the escape sequence that is coming in */
    size_t number;       /* which of them is coming in */
    bool pasting;        /* between the brackets of a paste */
    struct recall past;
    size_t age;          /* of the line that is shown, 0: it is new */
    struct buffer draft; /* the new line, while an older one is shown */
    bool searching;
    struct buffer query;
};

/* An empty line that will hold at most LIMIT bytes. */
#define EDITOR_INIT(bytes)                                                                                             \
    ((struct editor){.line = BUFFER_INIT(bytes), .draft = BUFFER_INIT(bytes), .query = BUFFER_INIT(EDITOR_QUERY_MAX)})

/* Takes one byte. */
enum editor_event editor_feed(struct editor *editor, uint8_t byte);

/* The line as typed; valid until the next call. */
struct span editor_line(const struct editor *editor);

/* What of it stands in front of the cursor. */
struct span editor_before(const struct editor *editor);

/* Puts TEXT in place of the SIZE bytes in front of the cursor.  False: there is no room, and nothing has changed. */
bool editor_replace(struct editor *editor, size_t size, struct span text);

/* Starts a new line; the finished one may be asked for again. */
void editor_finish(struct editor *editor);

/* Starts a new line. */
void editor_clear(struct editor *editor);

/* Appends to OUT what is to be shown of the line behind PROMPT, or behind what is searched for, on a screen COLUMNS
 * wide, where at most ROWS rows may be used, at least 2 (of a longer line only the part around the cursor is shown).
 * Sets *CURSOR to where the cursor belongs and *END to where the text ends. PROTO_E_MEMORY, PROTO_E_FULL. */
int editor_show(const struct editor *editor, struct span prompt, size_t columns, size_t rows, struct buffer *out,
                struct place *cursor, struct place *end) __attribute__((warn_unused_result));

/* Wipes. */
void editor_free(struct editor *editor);

#endif
