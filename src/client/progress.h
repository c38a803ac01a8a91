/*
 * progress: the progress of a transfer as a line for people: how far, how fast, how much longer.
 *
 * Pure.  Single owner.
 */
#ifndef CLIENT_PROGRESS_H
#define CLIENT_PROGRESS_H

#include "proto/span.h"

#include <stdint.h>

struct progress {
    uint64_t mark_at;   /* when the rate was last measured, milliseconds */
    uint64_t mark_done; /* bytes that were done then */
    uint64_t rate;      /* bytes a second; 0: not known yet */
};

/* A transfer begins, or is resumed, with DONE bytes at NOW. */
void progress_begin(struct progress *progress, uint64_t done, uint64_t now);

/* DONE bytes in all are done at NOW. */
void progress_note(struct progress *progress, uint64_t done, uint64_t now);

/* Writes BYTES as people do: "1.2 MiB". */
#define PROGRESS_SIZE_SIZE 32
void progress_size(char out[static PROGRESS_SIZE_SIZE], uint64_t bytes);

/* Bytes of the longest line, with its NUL: a character of a name has up to four. */
#define PROGRESS_LINE_SIZE 1024

/* Writes a line at most COLUMNS wide, which is at least 20: NAME, which is safe for a terminal, and cut if it does not
 * fit; how much of SIZE is DONE; a bar; the rate; and the time that is left. */
void progress_line(char out[static PROGRESS_LINE_SIZE], const struct progress *progress, const char *name,
                   uint64_t done, uint64_t size, size_t columns);

#endif
