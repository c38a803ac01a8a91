/*
 * ledger: lines on their way, until each has its receipt or its failure.
 *
 * Gives the tokens that conversations know messages by.  A line has a message for each of its recipients, and all of
 * them its number.  While there are CONVERSATION_WINDOW messages, over all peers, the ledger is full and no input is
 * read; the last line before that may still have all its recipients.  Pure.  Single owner.
 */
#ifndef CLIENT_LEDGER_H
#define CLIENT_LEDGER_H

#include "proto/conversation.h"
#include "src/client/recipients.h"

#define LEDGER_SIZE  CONVERSATION_WINDOW
#define LEDGER_SLOTS (LEDGER_SIZE + RECIPIENTS_MAX)

/* Messages that are not waited for any more and of which something may still be heard; older ones are forgotten. */
#define LEDGER_KEPT 512

struct ledger_line {
    uint64_t token;       /* 0: free */
    unsigned long number; /* of the input line */
    char peer[NAME_SIZE];
    char id[MESSAGE_ID_MAX + 1]; /* "" until it has one */
    uint64_t since;              /* when it was noted, milliseconds */
    uint64_t unread_until;       /* it is delivered, and waited for to be read until then; 0: it is not */
    bool keyless;                /* of the spool: no key was known that it is meant for */
};

struct ledger {
    struct ledger_line lines[LEDGER_SLOTS];
    size_t count;
    struct ledger_line kept[LEDGER_KEPT]; /* a ring */
    size_t next_kept;
    uint64_t last; /* tokens given so far */
};

bool ledger_is_full(const struct ledger *ledger);

/* Notes a message of line NUMBER to PEER, a valid name; it has a token now.  The ledger was not full when the line's
 * first recipient was noted.  Valid until it is taken out. */
struct ledger_line *ledger_add(struct ledger *ledger, unsigned long number, struct span peer, uint64_t now);

/* The message of TOKEN, or NULL. */
struct ledger_line *ledger_find(struct ledger *ledger, uint64_t token);

/* The message of ID to PEER that is waited for to be read, or NULL. */
struct ledger_line *ledger_find_unread(struct ledger *ledger, const char *peer, const char *id);

/* When the first message that is waited for to be read is late, CLOCK_NEVER if none is; and takes one out that is late
 * at NOW.  False: there is none. */
uint64_t ledger_deadline(const struct ledger *ledger);
bool ledger_take_late(struct ledger *ledger, uint64_t now, struct ledger_line *line);

/* Takes the line of TOKEN out.  False if there is none. */
bool ledger_settle(struct ledger *ledger, uint64_t token, struct ledger_line *line);

/* Keeps LINE, which was taken out; and finds one that was kept: of TOKEN, or of ID to PEER; or NULL. */
void ledger_keep(struct ledger *ledger, const struct ledger_line *line);
struct ledger_line *ledger_find_kept(struct ledger *ledger, uint64_t token);
struct ledger_line *ledger_find_kept_unread(struct ledger *ledger, const char *peer, const char *id);

/* Takes a message to PEER out.  False if there is none. */
bool ledger_take_to(struct ledger *ledger, const char *peer, struct ledger_line *line);

/* Takes the oldest line out.  False if there is none. */
bool ledger_take(struct ledger *ledger, struct ledger_line *line);

#endif
