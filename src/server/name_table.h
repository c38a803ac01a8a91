/*
 * name_table: names and the keys they belong to, in memory.
 *
 * A hash table of chained entries; an entry stays where it is until it is removed.  Names are folded by the caller.
 * Single owner: who shares one has a lock of its own for it.
 */
#ifndef SERVER_NAME_TABLE_H
#define SERVER_NAME_TABLE_H

#include "crypto/cscrypto.h"
#include "proto/name.h"

/* Any key may claim any number of names, so there is a bound.  An entry and its place in the buckets take some 140
 * bytes: 150 MB of memory at most, and twice that while SIGHUP has the registry read again.  To fill it a stranger must
 * do a million handshakes, each of which costs the server an RSA operation: hours of both sides' processors. */
#define NAME_TABLE_MAX 1048576

enum name_state { NAME_ACTIVE, NAME_BLOCKED };

struct name_entry {
    struct name_entry *next; /* in its bucket */
    uint64_t seen;           /* when its owner was last here, Unix seconds, as far as `noted` */
    enum name_state state;
    bool noted; /* `seen` is still to be written down */
    char folded[NAME_SIZE];
    char fingerprint[CSC_FINGERPRINT_SIZE];
};

struct name_table;

/* PROTO_E_MEMORY, PROTO_E_CRYPTO. */
int name_table_new(struct name_table **table) __attribute__((warn_unused_result));

/* NULL is legal. */
void name_table_free(struct name_table *table);

size_t name_table_count(const struct name_table *table);

/* The entry of FOLDED, or NULL. */
struct name_entry *name_table_find(const struct name_table *table, const char *folded);

/* Adds FOLDED, which is not there.  NULL: the table is full, or there is no memory. */
struct name_entry *name_table_add(struct name_table *table, const char *folded, const char *fingerprint,
                                  enum name_state state) __attribute__((warn_unused_result));

/* Removes FOLDED if it is there. */
void name_table_remove(struct name_table *table, const char *folded);

#endif
