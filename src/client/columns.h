/*
 * columns: how much of a screen a text takes.
 *
 * Knows how wide characters are, and of which the terminals do not all think the same.  Pure.
 */
#ifndef CLIENT_COLUMNS_H
#define CLIENT_COLUMNS_H

#include "proto/span.h"

#include <stdint.h>

/* A place on a screen, counted from where a text began. */
struct place {
    size_t row, column;
};

/* The columns of CHARACTER: 0 for one that combines with the one in front of it, 1 or 2. */
size_t columns_of(uint32_t character);

/* Moves PLACE behind TEXT on a screen COLUMNS wide.  A text that ends at the right edge leaves it there. */
void columns_walk(struct place *place, struct span text, size_t columns);

/* The first bytes of TEXT, without control sequences, that fit into COLUMNS on any terminal, and the *WIDTH that they
 * take at the most. */
size_t columns_fit(struct span text, size_t columns, size_t *width);

/* Where a text ends at the earliest and at the latest, on whichever terminal. */
struct extent {
    struct place least, most;
};

/* Moves EXTENT behind TEXT, in which control sequences may set colours. */
void columns_extend(struct extent *extent, struct span text, size_t columns);

#endif
