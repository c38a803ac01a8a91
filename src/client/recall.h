/*
 * recall: the lines typed before, for the person who types the next.
 *
 * Kept in memory only, wiped, and bounded: the oldest are dropped.  Pure: no I/O.  Single owner.
 */
#ifndef CLIENT_RECALL_H
#define CLIENT_RECALL_H

#include "proto/span.h"

/* Lines, and bytes of them, that are kept at most. */
#define RECALL_LINES_MAX 500
#define RECALL_BYTES_MAX (512 * 1024)

struct recall {
    struct span lines[RECALL_LINES_MAX]; /* the oldest first; each owned */
    size_t count, bytes;
};

/* Keeps a copy of LINE as the newest, unless it is empty or the same as the newest.  Without memory it is not kept. */
void recall_add(struct recall *recall, struct span line);

/* The line of AGE, 1 being the newest; empty if there is none. */
struct span recall_line(const struct recall *recall, size_t age);

/* The age of the newest line with QUERY in it that is at least as old as AGE, or 0. */
size_t recall_find(const struct recall *recall, struct span query, size_t age);

/* Wipes. */
void recall_free(struct recall *recall);

#endif
