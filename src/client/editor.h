/*
 * editor: the line a person is typing.
 *
 * The bytes of a terminal in raw mode go in; finished lines come out, and what to show of the unfinished one.  Knows
 * UTF-8, the editing keys, the width of characters, and the lines typed before; knows nothing of the screen.  Pure: no
 * I/O.  Single owner.
 *
 * Keys: Enter; Backspace, Delete; Left, Right, Home, End; Ctrl-A, -E, -B, -F as these; Ctrl-Left and -Right, Alt-B and
 * -F go by words; Up, Down, Ctrl-P, -N go through the lines typed before, Ctrl-R searches them; Tab completes; Ctrl-U
 * erases to the start, Ctrl-K to the end, Ctrl-W a word; Ctrl-L redraws; Ctrl-D on an empty line is the end of input.
 * Keys treat a character and the marks that combine with it as one.  In a bracketed paste, only Enter is a key.
 */
#ifndef CLIENT_EDITOR_H
#define CLIENT_EDITOR_H

#include "proto/buffer.h"
#include "src/client/columns.h"
#include "src/client/recall.h"

/* Bytes of the text that Ctrl-R searches for. */
#define EDITOR_QUERY_MAX 64

enum editor_event {
    EDITOR_NOTHING,
    EDITOR_CHANGED, /* the line is to be shown anew */
    EDITOR_LINE,    /* Enter: editor_line() is finished; editor_finish() is to be called */
    EDITOR_END,     /* Ctrl-D on an empty line */
    EDITOR_FULL,    /* the key was refused: the line is full, or there is no older or newer line, or none found */
    EDITOR_TAB,     /* Tab: editor_before() is to be completed */
};

struct editor {
    struct buffer line;
    size_t cursor; /* offset in `line`, at the start of a character */
    enum { EDITOR_PLAIN, EDITOR_ESCAPE, EDITOR_CSI, EDITOR_SS3 } state;
    unsigned numbers[2]; /* parameters of the escape sequence that is being read */
    size_t number;       /* index of the one that is being read */
    bool pasting;        /* between the brackets of a paste */
    struct recall past;
    size_t age;          /* of the line in `line`: 0: a new one, 1: the last one typed, and so on */
    struct buffer draft; /* the new line, while an older one is in `line` */
    bool searching;      /* Ctrl-R was pressed */
    struct buffer query; /* the text searched for */
};

/* An empty line that holds at most BYTES bytes. */
#define EDITOR_INIT(bytes)                                                                                             \
    ((struct editor){.line = BUFFER_INIT(bytes), .draft = BUFFER_INIT(bytes), .query = BUFFER_INIT(EDITOR_QUERY_MAX)})

/* Takes one byte from the terminal. */
enum editor_event editor_feed(struct editor *editor, uint8_t byte);

/* The line as typed; valid until the next call. */
struct span editor_line(const struct editor *editor);

/* The part of it in front of the cursor. */
struct span editor_before(const struct editor *editor);

/* Replaces the SIZE bytes in front of the cursor by TEXT.  False: there is no room, and nothing has changed. */
bool editor_replace(struct editor *editor, size_t size, struct span text);

/* Starts a new line; the finished one joins the lines typed before. */
void editor_finish(struct editor *editor);

/* Starts a new line; the one that was typed is forgotten. */
void editor_clear(struct editor *editor);

/* Appends to OUT the PROMPT, in a search the text searched for in its place, and the line, escaped, for a screen
 * COLUMNS wide.  At most ROWS rows are used, which is at least 2; of a longer line only the part around the cursor is
 * shown.  Sets *CURSOR to where the cursor belongs, and *END to where the text ends.  PROTO_E_MEMORY, PROTO_E_FULL. */
int editor_show(const struct editor *editor, struct span prompt, size_t columns, size_t rows, struct buffer *out,
                struct place *cursor, struct place *end) __attribute__((warn_unused_result));

/* Wipes. */
void editor_free(struct editor *editor);

#endif
