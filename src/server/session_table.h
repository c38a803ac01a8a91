/*
 * session_table: who is connected, by name.
 *
 * Names are unique without regard to case.  A lookup gives a counted reference and nothing else happens
 * under the table's mutex: no sealing, no sending, no logging.
 * Locked: rank session_table.
 */
#ifndef SERVER_SESSION_TABLE_H
#define SERVER_SESSION_TABLE_H

#include "src/server/session.h"

struct session_table;

/* A connected user, copied. */
struct session_user {
    char name[NAME_SIZE];
    char fingerprint[CSC_FINGERPRINT_SIZE];
    uint64_t id;
    uint64_t since;
};

/* Has room for CAPACITY sessions; that there are never more is the caller's part.  PROTO_E_MEMORY, PROTO_E_CRYPTO. */
int session_table_new(struct session_table **table, size_t capacity) __attribute__((warn_unused_result));

/* Only when it is empty.  NULL is legal. */
void session_table_free(struct session_table *table);

/* Enters SESSION, whose key has been proven, and holds it.  If its name is in use with the same key, the old session is
 * taken out and given in *REPLACED, with its reference; else that is NULL.  False: the name is in use with another
 * key, or the table is full. */
bool session_table_insert(struct session_table *table, struct session *session, struct session **replaced)
    __attribute__((warn_unused_result));

/* The session of that name, held for the caller; NULL if nobody has it. */
struct session *session_table_find(struct session_table *table, struct span name) __attribute__((warn_unused_result));

/* Until UNTIL, on the monotonic clock in milliseconds, who is not there may be about to come back: all clients have
 * lost their sessions at once, or are about to.  Any thread. */
void session_table_expect(struct session_table *table, uint64_t until);

/* Whether that is so at NOW. */
bool session_table_expects(const struct session_table *table, uint64_t now);

/* Takes SESSION out and releases it, if it is there. */
void session_table_remove(struct session_table *table, struct session *session);

/* Copies up to COUNT users whose names come after AFTER (empty: from the first), in order.  Returns their number. */
size_t session_table_list(struct session_table *table, struct span after, struct session_user *users, size_t count);

#endif
