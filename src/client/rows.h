/*
 * rows: which of the lines that were typed can still be reached on the screen, and where.
 *
 * Is told all that the program shows.  A line can be reached while it is certain how many rows below it are in use, and
 * that it has not scrolled off the top; so nothing is known any more of lines above a text whose height the terminals
 * do not agree about, and after rows_resize() and rows_forget().  Rows are counted from the first that was used.  Pure.
 */
#ifndef CLIENT_ROWS_H
#define CLIENT_ROWS_H

#include "src/client/columns.h"

/* Lines that are kept: more than most screens have rows. */
#define ROWS_LINES 128

struct row_line {
    unsigned long number;
    uint64_t row;
    size_t column;
};

struct rows {
    size_t columns, height;            /* of the screen; no height: not known, and nothing can be reached */
    uint64_t next;                     /* the row in which the prompt begins, or the next text */
    uint64_t bottom;                   /* behind the lowest row that was ever used */
    struct row_line lines[ROWS_LINES]; /* the oldest at `first` */
    size_t first, count;
};

/* The screen has this size from now on. */
void rows_resize(struct rows *rows, size_t columns, size_t height);

/* Others have written to the screen. */
void rows_forget(struct rows *rows);

/* TEXT was shown, whole lines. */
void rows_print(struct rows *rows, struct span text);

/* COUNT rows from the next on are in use, until they are erased. */
void rows_use(struct rows *rows, size_t count);

/* The line NUMBER was shown, which takes EXTENT, and the cursor is at END; then the next row was begun. */
void rows_type(struct rows *rows, unsigned long number, const struct extent *extent, struct place end);

/* How many rows above the next the end of line NUMBER is, and in which column.  False: it cannot be reached. */
bool rows_find(const struct rows *rows, unsigned long number, size_t *up, size_t *column);

#endif
