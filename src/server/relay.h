/*
 * relay: carries a payload from one client to another, unopened.
 *
 * Looks at the route alone, asks the session_table where the name is, and pushes the same bytes there.
 * It answers nothing when it relays, and `error` to the sender when it cannot; nothing is dropped in
 * silence.  It knows places to push to, no sockets.
 * Called by the sender's thread.
 *
 * chatsecure-protocol(7), "The relay".
 */
#ifndef SERVER_RELAY_H
#define SERVER_RELAY_H

#include "proto/message.h"
#include "src/server/session_table.h"
#include "src/server/stats.h"

/* Destinations that are flushed together; more than this in a row of lines is unusual. */
#define RELAY_BATCH_MAX 32

/* Destinations with something new in their outbox, held, and what is to be counted about it.  Owned by one thread, and
 * made by relay_begin(). */
struct relay_batch {
    struct stats *stats;
    uint64_t begun; /* when its messages had been received, nanoseconds of the monotonic clock */
    struct session *touched[RELAY_BATCH_MAX];
    size_t count;
    uint64_t messages, bytes; /* relayed */
};

/* Why a client has left: what those are told who talked to it. */
enum relay_departure { RELAY_LEFT, RELAY_LOST, RELAY_REPLACED, RELAY_REMOVED, RELAY_SHUTDOWN };

/* The messages that BATCH is for have been received. */
void relay_begin(struct relay_batch *batch, struct stats *stats);

/* Carries PAYLOAD from FROM, by its ROUTE; the answer, if there is one, is in FROM's outbox then.
 *   PROTO_E_STATE  the payload's `src` is not the sender's name: a violation that ends the session
 *   others         of answering: this side's trouble */
int relay_forward(struct session_table *table, struct session *from, const struct route *route, struct span payload,
                  struct relay_batch *batch, uint64_t now) __attribute__((warn_unused_result));

/* Sends to each destination touched what it is owed, and lets go of them. */
void relay_flush(struct relay_batch *batch, uint64_t now);

/* Tells all who exchanged client-connect with SESSION that it has left.  Only the first call does; a second one returns
 * when the first is done, so that what comes after it is also seen after it.  When the server itself stops everybody
 * gets a bye, and nobody is told about the others. */
void relay_depart(struct session_table *table, struct session *session, enum relay_departure why, uint64_t now);

/* The word for a departure. */
const char *relay_departure_word(enum relay_departure why);

#endif
