/*
 * history_answer: reads the operands of `history`, and prints the messages found.
 *
 * The command at the prompt and the verb in the shell share it.  Errors: PROTO_E_MEMORY, PROTO_E_FULL.  Pure, but for
 * the time zone.
 */
#ifndef CLIENT_HISTORY_ANSWER_H
#define CLIENT_HISTORY_ANSWER_H

#include "proto/buffer.h"
#include "src/client/history.h"

/* The most bytes in front of a text: "[YYYY-MM-DD HH:MM:SS] [NAME]: ". */
#define HISTORY_ANSWER_HEAD (64 + NAME_SIZE)

/* Reads COUNT WORDS as [NAME] [N]; N is 20 if it is left out.  False: they are something else. */
bool history_answer_query(struct history_query *query, const struct span *words, size_t count);

/* Appends ENTRY to OUT as a line for people, escaped. */
int history_answer_line(struct buffer *out, const struct history_entry *entry) __attribute__((warn_unused_result));

/* Appends ENTRY to OUT as a `message` event; members that the history does not know are "".  OWN is the user's
 * fingerprint, the sender of what was sent.  VERIFIED: the key of the sender of what was received is marked so. */
int history_answer_event(struct buffer *out, const struct history_entry *entry, const char *own, bool verified)
    __attribute__((warn_unused_result));

#endif
