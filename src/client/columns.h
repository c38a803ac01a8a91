/*
 * columns: how many columns and rows of a screen a text takes.
 *
 * Knows the width of characters, and for which of them terminals disagree about it.  Pure.
 */
#ifndef CLIENT_COLUMNS_H
#define CLIENT_COLUMNS_H

#include "proto/span.h"

#include <stdint.h>

/* A place on a screen, counted from where a text began. */
struct place {
    size_t row, column;
};

/* The width of CHARACTER in columns: 0 if it combines with the one in front of it, else 1 or 2. */
size_t columns_of(uint32_t character);

/* Moves PLACE to behind TEXT, on a screen COLUMNS wide.  After a text that ends at the right edge it is still there,
 * and not in the next row. */
void columns_walk(struct place *place, struct span text, size_t columns);

/* How many bytes of the beginning of TEXT fit into COLUMNS on every terminal, and *WIDTH, the most columns that they
 * take.  TEXT has no control sequences. */
size_t columns_fit(struct span text, size_t columns, size_t *width);

/* Where a text ends, at the least and at the most, depending on the terminal. */
struct extent {
    struct place least, most;
};

/* Moves EXTENT to behind TEXT, which may have control sequences that set colours. */
void columns_extend(struct extent *extent, struct span text, size_t columns);

#endif
