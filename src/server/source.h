/*
 * source: where connections come from, as far as strangers are told apart, and a table of what is known of them.
 *
 * An IPv4 address is a source; so is an IPv6 network of 64 bits, since whoever has one address of it has all.  An IPv4
 * address in the form of an IPv6 one is that IPv4 address.
 *
 * The table remembers a bounded number of sources.  One with connections in their handshake stays; of the others the
 * one not seen for the longest time gives way to the next newcomer, and those about which there is nothing to remember
 * any more go when a newcomer comes by.
 * Single owner; the clock, monotonic milliseconds, is an argument.
 */
#ifndef SERVER_SOURCE_H
#define SERVER_SOURCE_H

#include "src/server/bucket.h"
#include "src/server/keyed_hash.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct source_key {
    uint64_t family; /* 4, 6, or 0: neither, and then all are one */
    uint64_t prefix;
};

struct source_key source_key_of(const struct sockaddr *address);

struct source {
    struct source_key key;
    size_t handshakes;     /* connections in their handshake: source_hold() and source_release() */
    struct bucket begun;   /* handshakes a second */
    uint64_t penalty_ends; /* the penalty is what is left until then */
    bool refused;          /* until the penalty ends */

    struct source *chained;         /* in its hash bucket */
    struct source *older, *younger; /* among those without connections */
};

struct source_table;

/* Remembers MAX sources.  -ENOMEM. */
int source_table_new(struct source_table **table, size_t max, const struct keyed_hash *hash)
    __attribute__((warn_unused_result));

/* NULL is legal. */
void source_table_free(struct source_table *table);

size_t source_table_count(const struct source_table *table);

/* What is known of KEY; NULL if nothing is. */
struct source *source_find(struct source_table *table, const struct source_key *key)
    __attribute__((warn_unused_result));

/* The same, and a source seen for the first time is remembered from now on.  It stays valid until the next call that
 * may forget it.  NULL: all that can be remembered have connections. */
struct source *source_meet(struct source_table *table, const struct source_key *key, uint64_t now)
    __attribute__((warn_unused_result));

/* One more, or one less, of its connections is in its handshake. */
void source_hold(struct source_table *table, struct source *source);
void source_release(struct source_table *table, struct source *source);

/* Adds to the penalty, which never gets beyond MOST; with FROM of it the source is refused until none is left. */
void source_penalise(struct source *source, uint64_t penalty, uint64_t from, uint64_t most, uint64_t now);

/* Whether it is refused for its penalty. */
bool source_is_refused(struct source *source, uint64_t now);

#endif
