/*
 * sending: sends a message to each of its recipients.
 *
 * Every recipient gets a result of its own: delivered, or a line on stderr that names it.  Errors: 0 or a proto_error,
 * this side's trouble, which ends the program.
 */
#ifndef CLIENT_SENDING_H
#define CLIENT_SENDING_H

#include "src/client/client_state.h"
#include "src/client/spool.h"

/* A message. */
struct sending_text {
    unsigned long number; /* of the line of input */
    struct span body;
    struct span line; /* the line as it was read */
    struct span id;   /* given by the caller, or empty */
};

/* The answer of sending_meet(): whether a peer may be sent anything, and to which key. */
struct sending_meeting {
    struct conversation *conversation;
    const char *key;         /* fingerprint; NULL: whichever the peer shows.  Lives as long as the conversation */
    enum exit_status status; /* STATUS_OK: it may; else `why` not */
    struct diagnostic why;
};

/* Finds or makes the conversation with NAME, which is valid and not the user's own. */
int sending_meet(struct client *client, const char *name, uint64_t now, struct sending_meeting *meeting)
    __attribute__((warn_unused_result));

/* Sends TEXT to the recipients of LIST (recipients.h). */
int sending_list(struct client *client, const struct sending_text *text, struct span list, uint64_t now)
    __attribute__((warn_unused_result));

/* Sends TEXT to RECIPIENTS. */
int sending_recipients(struct client *client, const struct sending_text *text, const struct recipients *recipients,
                       uint64_t now) __attribute__((warn_unused_result));

/* Sends MESSAGE from the spool, which has not expired.  LINE is its entry for the ledger, without a token. */
int sending_spooled(struct client *client, const struct ledger_line *line, const struct spool_message *message,
                    uint64_t now) __attribute__((warn_unused_result));

#endif
