/*
 * sending: a message to each of its recipients.
 *
 * Called by what takes the lines of input.  Every recipient ends with a result of its own: delivered, or named on
 * stderr.  Errors: 0 or a proto_error, this side's trouble, which ends the program.
 */
#ifndef CLIENT_SENDING_H
#define CLIENT_SENDING_H

#include "src/client/client_state.h"
#include "src/client/spool.h"

/* What is sent, line NUMBER of the input. */
struct sending_text {
    unsigned long number;
    struct span body;
    struct span line; /* as it was read */
    struct span id;   /* the caller's own, or empty */
};

/* Whether anything may go to somebody, and to which key. */
struct sending_meeting {
    struct conversation *conversation;
    const char *key;         /* NULL: the one that will be shown; it lives as long as the conversation */
    enum exit_status status; /* STATUS_OK: it may; else WHY not */
    struct diagnostic why;
};

/* Looks for NAME, a valid one, and not one's own. */
int sending_meet(struct client *client, const char *name, uint64_t now, struct sending_meeting *meeting)
    __attribute__((warn_unused_result));

/* Sends TEXT to LIST (recipients.h). */
int sending_list(struct client *client, const struct sending_text *text, struct span list, uint64_t now)
    __attribute__((warn_unused_result));

/* The same to RECIPIENTS. */
int sending_recipients(struct client *client, const struct sending_text *text, const struct recipients *recipients,
                       uint64_t now) __attribute__((warn_unused_result));

/* Sends MESSAGE of the spool, which has not expired; LINE is its entry for the ledger, but for its token. */
int sending_spooled(struct client *client, const struct ledger_line *line, const struct spool_message *message,
                    uint64_t now) __attribute__((warn_unused_result));

#endif
