/*
 * ticks: the marks that show how far a line that a person typed has come.
 *
 *   ·   sent              ✓ 2/3   two of three recipients have it
 *   ✓   delivered         ✓✓ 1/3  all have it, and one has read it
 *   ✓✓  read              ✗ 2/3   two of three have it, and the others will not get it
 *
 * The last TICKS_MAX lines are kept; changes of older ones are not shown.  Pure.  Single owner.
 *
 * chatsecure(1), "On a terminal".
 */
#ifndef CLIENT_TICKS_H
#define CLIENT_TICKS_H

#include "proto/name.h"

/* Lines that are kept: those that can be on their way, and as many more that may still be read. */
#define TICKS_MAX 512

/* Bytes of the beginning of a text that is kept, of a mark, and of a line of its own, each with its NUL. */
#define TICKS_TEXT_SIZE 48
#define TICKS_MARK_SIZE 48
#define TICKS_LINE_SIZE (TICKS_MARK_SIZE + NAME_SIZE + TICKS_TEXT_SIZE + 32)

/* In the order in which a message goes through them, but for the last. */
enum tick_state { TICK_SENT, TICK_DELIVERED, TICK_READ, TICK_FAILED, TICK_STATES };

struct tick {
    unsigned long number; /* of the line; 0: the slot is free */
    size_t recipients;
    size_t count[TICK_STATES];  /* recipients that have come that far */
    char to[NAME_SIZE];         /* the first recipient */
    char text[TICKS_TEXT_SIZE]; /* the beginning of the text */
    size_t width;               /* columns of the widest mark so far */
    enum tick_state told;       /* the last state that was told in a line of its own */
    bool changed;               /* since ticks_next() has returned it */
};

struct ticks {
    bool utf8, color;
    struct tick list[TICKS_MAX]; /* a ring */
    size_t next;
    bool changed; /* that of one of them is true */
};

/* Line NUMBER is a message with TEXT; it has one more recipient, PEER; one of its messages is in STATE. */
void ticks_begin(struct ticks *ticks, unsigned long number, struct span text);
void ticks_add(struct ticks *ticks, unsigned long number, const char *peer);
void ticks_note(struct ticks *ticks, unsigned long number, enum tick_state state);

/* The next line whose mark has changed since, the oldest first; NULL: there is none. */
struct tick *ticks_next(struct ticks *ticks);

/* Writes the mark of TICK, padded to cover any earlier one, and returns its columns; 0: there is nothing to show yet.
 */
size_t ticks_mark(const struct ticks *ticks, struct tick *tick, char out[static TICKS_MARK_SIZE]);

/* The mark of TICK has been put on the screen. */
void ticks_shown(struct tick *tick);

/* Writes the state of TICK as a line of its own, with its "\n", for a line that cannot be reached.  False: there is
 * nothing that was not told before. */
bool ticks_tell(const struct ticks *ticks, struct tick *tick, char out[static TICKS_LINE_SIZE]);

#endif
