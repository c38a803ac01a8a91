/*
 * history: the messages that a user has sent and received, encrypted in the state directory.
 *
 * The file `history` has a record for each message, and is only appended to; `history.key` has its key, encrypted for
 * the identity, so that the two are worth nothing without the identity and its passphrase.  A record that a crash has
 * cut short is removed at the next opening.  One that was changed, or moved to another place, is skipped and counted.
 * When the file exceeds HISTORY_MAX, its newer half is written to a new file.  One process may write at a time, while
 * any number read.
 * Errors: 0 or -errno with WHY.  Single owner.
 *
 * chatsecure(1), "MESSAGE HISTORY", has the format.
 */
#ifndef CLIENT_HISTORY_H
#define CLIENT_HISTORY_H

#include "src/client/history_form.h"
#include "src/common/diagnostic.h"
#include "src/common/identity.h"

/* Bytes of the file, above which its older half is dropped. */
#define HISTORY_MAX (16 * 1024 * 1024)

/* The most messages that one query finds, and the most bytes of their records. */
#define HISTORY_ANSWER_MAX 1000
#define HISTORY_TEXT_MAX   (512 * 1024)

struct history;

/* Opens the history in DIR, and makes it if it is missing.  -EKEYREJECTED: it was encrypted for another identity;
 * -ENOKEY: `history.key` is missing; -EBADMSG: a file is damaged, or not this user's alone. */
int history_open(struct history **history, const char *dir, const struct identity *identity, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Opens it to read what it has by now, while another process may add to it.  -ENOENT: there is none. */
int history_open_read(struct history **history, const char *dir, const struct identity *identity,
                      struct diagnostic *why) __attribute__((warn_unused_result));

/* Appends ENTRY.  It survives a crash of the program, but perhaps not of the machine. */
int history_add(struct history *history, const struct history_entry *entry, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The last `count` messages, at most HISTORY_ANSWER_MAX, to or from `name`, with `text` in them, whatever the case of
 * ASCII letters.  An empty name or text matches all. */
struct history_query {
    size_t count;
    struct span name, text;
};

/* Takes an entry, which is valid during the call.  A result other than 0 ends the query, and history_read() returns it.
 */
typedef int history_visitor(void *context, const struct history_entry *entry);

/* Gives the messages of QUERY to VISIT, the oldest first, and sets *DAMAGED to the number of records that were skipped.
 */
int history_read(struct history *history, const struct history_query *query, history_visitor *visit, void *context,
                 size_t *damaged, struct diagnostic *why) __attribute__((warn_unused_result));

/* Wipes.  NULL is legal. */
void history_close(struct history *history);

#endif
