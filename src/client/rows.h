/*
 * rows: knows where on the screen the lines are that were typed, so that a mark can be put behind them.
 *
 * It is told everything that the program shows.  A line can be reached while it is certain how many rows below it are
 * in use, and that it has not scrolled off the top.  So lines are lost above a text whose height differs between
 * terminals, and after rows_resize() and rows_forget().  Rows are counted from the first that was used.  Pure.
 */
#ifndef CLIENT_ROWS_H
#define CLIENT_ROWS_H

#include "src/client/columns.h"

/* Lines that are remembered: more than most screens have rows. */
#define ROWS_LINES 128

struct row_line {
    unsigned long number;
    uint64_t row;
    size_t column;
};

struct rows {
    size_t columns, height;            /* of the screen; height 0: unknown, and no line can be reached */
    uint64_t next;                     /* the row in which the prompt begins, or the next text */
    uint64_t bottom;                   /* behind the lowest row that was ever used */
    struct row_line lines[ROWS_LINES]; /* the oldest at `first` */
    size_t first, count;
};

/* The screen has this size from now on. */
void rows_resize(struct rows *rows, size_t columns, size_t height);

/* Somebody else has written to the screen: no line can be reached any more. */
void rows_forget(struct rows *rows);

/* TEXT, whole lines, has been shown. */
void rows_print(struct rows *rows, struct span text);

/* COUNT rows from `next` on are in use for now; they will be erased. */
void rows_use(struct rows *rows, size_t count);

/* Line NUMBER has been shown from `next` on: it takes EXTENT and ends at END; the cursor is in the row below it now. */
void rows_type(struct rows *rows, unsigned long number, const struct extent *extent, struct place end);

/* Finds the end of line NUMBER: *UP rows above `next`, in *COLUMN.  False: it cannot be reached. */
bool rows_find(const struct rows *rows, unsigned long number, size_t *up, size_t *column);

#endif
