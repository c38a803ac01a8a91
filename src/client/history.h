/*
 * history: the messages of a user, kept in the state directory for nobody else to read.
 *
 * `history` is only ever appended to, a record each message, and `history.key` has the key of it, encrypted for the
 * identity: who has the files without the identity, or its passphrase, has nothing.  A record that a crash has cut is
 * cut off at the next opening; one that was changed, or is not where it was written, is passed over and counted.  When
 * the file is longer than HISTORY_MAX the newer half of it is written anew.  Only one process may write it at once, and
 * any number read it meanwhile.
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

/* Messages that one question is answered with, at most, and bytes of their texts. */
#define HISTORY_ANSWER_MAX 1000
#define HISTORY_TEXT_MAX   (512 * 1024)

struct history;

/* Opens the history in DIR, and makes it if it is missing.  -EKEYREJECTED: it is not for IDENTITY; -ENOKEY: its key is
 * missing; -EBADMSG: a file is not what it should be. */
int history_open(struct history **history, const char *dir, const struct identity *identity, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The same to read what there is by now, while another process may add to it.  -ENOENT: there is none. */
int history_open_read(struct history **history, const char *dir, const struct identity *identity,
                      struct diagnostic *why) __attribute__((warn_unused_result));

/* Appends ENTRY.  It is there after a crash of the program, though not of the machine. */
int history_add(struct history *history, const struct history_entry *entry, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* What is asked for: the last COUNT messages, at most HISTORY_ANSWER_MAX, with NAME and with TEXT in them, ASCII in any
 * case; an empty one is in all. */
struct history_query {
    size_t count;
    struct span name, text;
};

/* Takes an entry, valid for the call.  Not 0 ends the answer, and is what history_read() returns. */
typedef int history_visitor(void *context, const struct history_entry *entry);

/* Gives the messages of QUERY to VISIT, the oldest first, and sets *DAMAGED to the records that were passed over. */
int history_read(struct history *history, const struct history_query *query, history_visitor *visit, void *context,
                 size_t *damaged, struct diagnostic *why) __attribute__((warn_unused_result));

/* Wipes.  NULL is legal. */
void history_close(struct history *history);

#endif
