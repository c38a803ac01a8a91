/*
 * progress: how far a transfer is, how fast, and how long it will take; for a person.
 *
 * Pure.  Single owner.
 */
#ifndef CLIENT_PROGRESS_H
#define CLIENT_PROGRESS_H

#include "proto/span.h"

#include <stdint.h>

struct progress {
    uint64_t mark_at;   /* when the rate was measured last, milliseconds */
    uint64_t mark_done; /* and what was done then */
    uint64_t rate;      /* bytes a second, 0: not known yet */
};

/* Begins, or goes on after a rest: DONE bytes at NOW. */
void progress_begin(struct progress *progress, uint64_t done, uint64_t now);

/* DONE bytes are done at NOW. */
void progress_note(struct progress *progress, uint64_t done, uint64_t now);

/* "1.2 MiB", with a NUL. */
#define PROGRESS_SIZE_SIZE 32
void progress_size(char out[static PROGRESS_SIZE_SIZE], uint64_t bytes);

/* Bytes of the widest line, with its NUL: characters of a name have four at most. */
#define PROGRESS_LINE_SIZE 1024

/* Writes a line at most COLUMNS wide, 20 at least: NAME, which is safe for a terminal and cut where there is no room
 * for it, how much of SIZE is DONE, a bar, the rate, and the time that is left. */
void progress_line(char out[static PROGRESS_LINE_SIZE], const struct progress *progress, const char *name,
                   uint64_t done, uint64_t size, size_t columns);

#endif
