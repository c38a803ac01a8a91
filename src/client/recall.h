/*
 * recall: the lines that a person has typed, to be brought back by Up, Down and Ctrl-R.
 *
 * They are kept in memory only, bounded, the oldest being dropped, and wiped.  Pure: no I/O.  Single owner.
 */
#ifndef CLIENT_RECALL_H
#define CLIENT_RECALL_H

#include "proto/span.h"

/* The most lines that are kept, and the most bytes. */
#define RECALL_LINES_MAX 500
#define RECALL_BYTES_MAX (512 * 1024)

struct recall {
    struct span lines[RECALL_LINES_MAX]; /* the oldest first; each owned */
    size_t count, bytes;
};

/* Keeps a copy of LINE as the newest, unless it is empty, the same as the newest, or memory is lacking. */
void recall_add(struct recall *recall, struct span line);

/* The line of AGE; 1 is the newest.  Empty if there is none.  Valid until recall_add(). */
struct span recall_line(const struct recall *recall, size_t age);

/* The age of the newest line, among those of AGE and older, that contains QUERY; 0 if there is none. */
size_t recall_find(const struct recall *recall, struct span query, size_t age);

/* Wipes. */
void recall_free(struct recall *recall);

#endif
