#include <config.h>

#include "src/server/name_table.h"

#include "proto/error.h"
#include "src/server/name_hash.h"
#include <stdlib.h>

#define BUCKETS_FIRST 64

struct name_table {
    uint64_t seed;
    struct name_entry **buckets; /* a power of two, not fewer than the entries as far as there is memory */
    size_t bucket_count;
    size_t count;
};

int name_table_new(struct name_table **table) {
    struct name_table *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return PROTO_E_MEMORY;
    made->bucket_count = BUCKETS_FIRST;
    made->buckets = calloc(made->bucket_count, sizeof(struct name_entry *));
    if (made->buckets == NULL || csc_random_nonce(&made->seed, sizeof(made->seed)) != 0) {
        int error = made->buckets == NULL ? PROTO_E_MEMORY : PROTO_E_CRYPTO;

        name_table_free(made);
        return error;
    }
    *table = made;
    return 0;
}

void name_table_free(struct name_table *table) {
    if (table == NULL)
        return;
    for (size_t i = 0; table->buckets != NULL && i < table->bucket_count; i++) {
        while (table->buckets[i] != NULL) {
            struct name_entry *entry = table->buckets[i];

            table->buckets[i] = entry->next;
            free(entry);
        }
    }
    free(table->buckets);
    free(table);
}

size_t name_table_count(const struct name_table *table) {
    return table->count;
}

static struct name_entry **bucket(struct name_entry **buckets, size_t count, uint64_t seed, const char *folded) {
    return &buckets[name_hash(seed, folded) & (count - 1)];
}

/* Where the pointer to the entry of FOLDED is, or would be. */
static struct name_entry **slot(const struct name_table *table, const char *folded) {
    struct name_entry **slot = bucket(table->buckets, table->bucket_count, table->seed, folded);

    while (*slot != NULL && strcmp((*slot)->folded, folded) != 0)
        slot = &(*slot)->next;
    return slot;
}

struct name_entry *name_table_find(const struct name_table *table, const char *folded) {
    return *slot(table, folded);
}

/* Without memory the chains get longer, and that is all. */
static void grow(struct name_table *table) {
    size_t count = 2 * table->bucket_count;
    struct name_entry **buckets = calloc(count, sizeof(struct name_entry *));

    if (buckets == NULL)
        return;
    for (size_t i = 0; i < table->bucket_count; i++) {
        while (table->buckets[i] != NULL) {
            struct name_entry *entry = table->buckets[i];
            struct name_entry **place = bucket(buckets, count, table->seed, entry->folded);

            table->buckets[i] = entry->next;
            entry->next = *place;
            *place = entry;
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = count;
}

struct name_entry *name_table_add(struct name_table *table, const char *folded, const char *fingerprint,
                                  enum name_state state) {
    struct name_entry *entry = NULL;
    struct name_entry **place = NULL;

    if (table->count >= NAME_TABLE_MAX)
        return NULL;
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        return NULL;
    if (table->count >= table->bucket_count)
        grow(table);
    place = bucket(table->buckets, table->bucket_count, table->seed, folded);
    entry->next = *place;
    entry->state = state;
    memcpy(entry->folded, folded, strlen(folded) + 1);
    memcpy(entry->fingerprint, fingerprint, CSC_FINGERPRINT_SIZE);
    *place = entry;
    table->count++;
    return entry;
}

void name_table_remove(struct name_table *table, const char *folded) {
    struct name_entry **place = slot(table, folded);
    struct name_entry *entry = *place;

    if (entry == NULL)
        return;
    *place = entry->next;
    table->count--;
    free(entry);
}
