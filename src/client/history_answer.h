/*
 * history_answer: what is asked of the history, and how a message of it is printed.
 *
 * The same at the prompt and in the shell.  Errors: PROTO_E_MEMORY, PROTO_E_FULL.  Pure, but for the time zone.
 */
#ifndef CLIENT_HISTORY_ANSWER_H
#define CLIENT_HISTORY_ANSWER_H

#include "proto/buffer.h"
#include "src/client/history.h"

/* Bytes in front of a text: "[YYYY-MM-DD HH:MM:SS] ", brackets around a name. */
#define HISTORY_ANSWER_HEAD (64 + NAME_SIZE)

/* Reads WORDS, [NAME] [N], where N is 20 if it is left out.  False: they are something else. */
bool history_answer_query(struct history_query *query, const struct span *words, size_t count);

/* Appends the line of ENTRY to OUT, escaped. */
int history_answer_line(struct buffer *out, const struct history_entry *entry) __attribute__((warn_unused_result));

/* Appends ENTRY to OUT as a `message` event: what is not known is empty.  OWN is the fingerprint of who has sent what
 * was sent; VERIFIED, that somebody has compared the key of who has sent what was received. */
int history_answer_event(struct buffer *out, const struct history_entry *entry, const char *own, bool verified)
    __attribute__((warn_unused_result));

#endif
