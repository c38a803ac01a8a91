/*
 * ledger: the messages that are on their way, until each has its receipt or has failed.
 *
 * It gives out the tokens by which conversations know messages.  A line of input has a message for each recipient, all
 * with the line's number.  When LEDGER_SIZE messages are on their way, over all peers, the ledger is full, and no more
 * input is taken; the last line before that may still have all its recipients.  Pure.  Single owner.
 */
#ifndef CLIENT_LEDGER_H
#define CLIENT_LEDGER_H

#include "proto/conversation.h"
#include "src/client/recipients.h"

#define LEDGER_SIZE  CONVERSATION_WINDOW
#define LEDGER_SLOTS (LEDGER_SIZE + RECIPIENTS_MAX)

/* Messages that are kept after they are no longer waited for, since they may still be read, or fail; the oldest are
 * forgotten. */
#define LEDGER_KEPT 512

struct ledger_line {
    uint64_t token;       /* 0: the slot is free */
    unsigned long number; /* of the input line */
    char peer[NAME_SIZE];
    char id[MESSAGE_ID_MAX + 1]; /* "" until it has one */
    uint64_t since;              /* when the line was read, monotonic milliseconds */
    uint64_t unread_until;       /* delivered, and waited for to be read until then; 0: not so */
    bool keyless;                /* from the spool, and not meant for a certain key yet */
};

struct ledger {
    struct ledger_line lines[LEDGER_SLOTS];
    size_t count;
    struct ledger_line kept[LEDGER_KEPT]; /* a ring */
    size_t next_kept;
    uint64_t last; /* tokens given so far */
};

/* True when no further line should be taken. */
bool ledger_is_full(const struct ledger *ledger);

/* Adds a message of line NUMBER to PEER, a valid name, and gives it a token.  The ledger must not have been full before
 * the first recipient of the line.  Valid until it is taken out. */
struct ledger_line *ledger_add(struct ledger *ledger, unsigned long number, struct span peer, uint64_t now);

/* The message of TOKEN, or NULL. */
struct ledger_line *ledger_find(struct ledger *ledger, uint64_t token);

/* The message ID to PEER that is delivered and waited for to be read, or NULL. */
struct ledger_line *ledger_find_unread(struct ledger *ledger, const char *peer, const char *id);

/* When the first `unread_until` is over, or CLOCK_NEVER. */
uint64_t ledger_deadline(const struct ledger *ledger);

/* Takes a message out whose `unread_until` is over at NOW.  False: there is none. */
bool ledger_take_late(struct ledger *ledger, uint64_t now, struct ledger_line *line);

/* Takes the message of TOKEN out, into *LINE.  False: there is none. */
bool ledger_settle(struct ledger *ledger, uint64_t token, struct ledger_line *line);

/* Keeps LINE, which has been taken out. */
void ledger_keep(struct ledger *ledger, const struct ledger_line *line);

/* The message that was kept, by its TOKEN, or by its ID and PEER; or NULL. */
struct ledger_line *ledger_find_kept(struct ledger *ledger, uint64_t token);
struct ledger_line *ledger_find_kept_unread(struct ledger *ledger, const char *peer, const char *id);

/* Takes some message to PEER out, into *LINE.  False: there is none. */
bool ledger_take_to(struct ledger *ledger, const char *peer, struct ledger_line *line);

/* Takes the oldest message out, into *LINE.  False: there is none. */
bool ledger_take(struct ledger *ledger, struct ledger_line *line);

#endif
