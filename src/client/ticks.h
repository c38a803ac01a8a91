/*
 * ticks: how far the messages of each line that a person typed have come, in a few characters.
 *
 *   ·   sent              ✓ 2/3   of several, so many have it
 *   ✓   delivered         ✓✓ 1/3  all have it, so many were shown it
 *   ✓✓  read              ✗ 2/3   nothing more is due, and not all have it
 *
 * The last lines are kept; what becomes of older ones is not told any more.  Pure.  Single owner.
 *
 * chatsecure(1), "On a terminal".
 */
#ifndef CLIENT_TICKS_H
#define CLIENT_TICKS_H

#include "proto/name.h"

/* Lines that are kept: all that can be on their way, and as many that may still be read. */
#define TICKS_MAX 512

/* Bytes of the beginning of a text, of a mark, and of a line that tells it, each with its NUL. */
#define TICKS_TEXT_SIZE 48
#define TICKS_MARK_SIZE 48
#define TICKS_LINE_SIZE (TICKS_MARK_SIZE + NAME_SIZE + TICKS_TEXT_SIZE + 32)

/* In the order in which a message goes through them, but for the last. */
enum tick_state { TICK_SENT, TICK_DELIVERED, TICK_READ, TICK_FAILED, TICK_STATES };

struct tick {
    unsigned long number; /* of the line; 0: free */
    size_t recipients;
    size_t count[TICK_STATES]; /* of them that have come as far */
    char to[NAME_SIZE];        /* the first of them */
    char text[TICKS_TEXT_SIZE];
    size_t width;         /* of the widest mark so far */
    enum tick_state told; /* in a line of its own */
    bool changed;         /* since the last call of ticks_next() */
};

struct ticks {
    bool utf8, color;
    struct tick list[TICKS_MAX]; /* a ring */
    size_t next;
    bool changed; /* one of them has */
};

/* Line NUMBER of the input is a message with TEXT; has one more recipient; a message of it has come to STATE. */
void ticks_begin(struct ticks *ticks, unsigned long number, struct span text);
void ticks_add(struct ticks *ticks, unsigned long number, const char *peer);
void ticks_note(struct ticks *ticks, unsigned long number, enum tick_state state);

/* Takes a line of which the mark has changed, the oldest first.  NULL: there is none. */
struct tick *ticks_next(struct ticks *ticks);

/* Writes the mark of TICK, as wide as any it had, and returns its columns; 0: there is nothing to show yet. */
size_t ticks_mark(const struct ticks *ticks, struct tick *tick, char out[static TICKS_MARK_SIZE]);

/* The mark of TICK is on the screen. */
void ticks_shown(struct tick *tick);

/* Writes the same as a line of its own, with its end, for where there is no mark to be changed.  False: nothing is to
 * be told that was not told before. */
bool ticks_tell(const struct ticks *ticks, struct tick *tick, char out[static TICKS_LINE_SIZE]);

#endif
