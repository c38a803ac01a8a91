#include <config.h>

#include "src/server/session_table.h"

#include "src/server/name_hash.h"
#include <stdlib.h>

struct session_table {
    uint64_t seed;
    size_t capacity;
    size_t bucket_mask;
    _Atomic uint64_t expected_until; /* monotonic milliseconds */
    struct lock lock;
    struct session **buckets GUARDED_BY(lock); /* chained through session.next */
    struct session **sorted GUARDED_BY(lock);  /* the same sessions by folded name, for the list */
    size_t count GUARDED_BY(lock);
};

int session_table_new(struct session_table **table, size_t capacity) NO_THREAD_ANALYSIS {
    struct session_table *made = calloc(1, sizeof(*made));
    size_t buckets = 1;
    int error = PROTO_E_MEMORY;

    if (made == NULL)
        return PROTO_E_MEMORY;
    lock_init(&made->lock);
    while (buckets < 2 * capacity)
        buckets *= 2;
    made->capacity = capacity;
    made->bucket_mask = buckets - 1;
    made->buckets = calloc(buckets, sizeof(*made->buckets));
    made->sorted = calloc(capacity, sizeof(*made->sorted));
    if (made->buckets == NULL || made->sorted == NULL)
        goto fail;
    error = PROTO_E_CRYPTO;
    if (csc_random_nonce(&made->seed, sizeof(made->seed)) != 0)
        goto fail;
    *table = made;
    return 0;
fail:
    session_table_free(made);
    return error;
}

void session_table_free(struct session_table *table) NO_THREAD_ANALYSIS {
    if (table == NULL)
        return;
    lock_destroy(&table->lock);
    free(table->buckets);
    free(table->sorted);
    free(table);
}

void session_table_expect(struct session_table *table, uint64_t until) {
    atomic_store_explicit(&table->expected_until, until, memory_order_relaxed);
}

bool session_table_expects(const struct session_table *table, uint64_t now) {
    return now < atomic_load_explicit(&table->expected_until, memory_order_relaxed);
}

/* The place of FOLDED in the sorted array: of the first name that is not before it. */
static size_t position_locked(const struct session_table *table, const char *folded) REQUIRES(table->lock) {
    size_t low = 0;
    size_t high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(table->sorted[middle]->folded, folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Where the pointer to the session called FOLDED is, or would be. */
static struct session **slot_locked(struct session_table *table, const char *folded) REQUIRES(table->lock) {
    struct session **slot = &table->buckets[name_hash(table->seed, folded) & table->bucket_mask];

    while (*slot != NULL && strcmp((*slot)->folded, folded) != 0)
        slot = &(*slot)->next;
    return slot;
}

static void add_locked(struct session_table *table, struct session *session) REQUIRES(table->lock) {
    size_t position = position_locked(table, session->folded);

    memmove(&table->sorted[position + 1], &table->sorted[position],
            (table->count - position) * sizeof(struct session *));
    table->sorted[position] = session_hold(session);
    table->count++;
}

bool session_table_insert(struct session_table *table, struct session *session, struct session **replaced) {
    struct session **slot = NULL;
    struct session *old = NULL;
    bool entered = false;

    lock_acquire(&table->lock);
    slot = slot_locked(table, session->folded);
    old = *slot;
    if (old != NULL && strcmp(old->fingerprint, session->fingerprint) == 0) {
        table->sorted[position_locked(table, session->folded)] = session_hold(session);
        session->next = old->next;
        *slot = session;
        entered = true;
    } else if (old == NULL && table->count < table->capacity) {
        add_locked(table, session);
        *slot = session;
        entered = true;
    }
    lock_release(&table->lock);
    if (entered)
        *replaced = old;
    return entered;
}

struct session *session_table_find(struct session_table *table, struct span name) {
    char folded[NAME_SIZE] = "";
    struct session *found = NULL;

    name_fold(folded, name);
    lock_acquire(&table->lock);
    found = *slot_locked(table, folded);
    if (found != NULL)
        session_hold(found);
    lock_release(&table->lock);
    return found;
}

void session_table_remove(struct session_table *table, struct session *session) {
    struct session **slot = NULL;
    size_t position = 0;
    bool found = false;

    lock_acquire(&table->lock);
    slot = slot_locked(table, session->folded);
    if (*slot == session) {
        found = true;
        *slot = session->next;
        position = position_locked(table, session->folded);
        table->count--;
        memmove(&table->sorted[position], &table->sorted[position + 1],
                (table->count - position) * sizeof(struct session *));
    }
    lock_release(&table->lock);
    if (found)
        session_release(session);
}

size_t session_table_list(struct session_table *table, struct span after, struct session_user *users, size_t count) {
    char folded[NAME_SIZE] = "";
    size_t position = 0;
    size_t copied = 0;

    if (after.size > 0)
        name_fold(folded, after);
    lock_acquire(&table->lock);
    position = position_locked(table, folded);
    if (position < table->count && strcmp(table->sorted[position]->folded, folded) == 0)
        position++;
    for (; copied < count && position < table->count; copied++, position++) {
        const struct session *session = table->sorted[position];
        struct session_user *user = &users[copied];

        memcpy(user->name, session->name, sizeof(user->name));
        memcpy(user->fingerprint, session->fingerprint, sizeof(user->fingerprint));
        user->id = session->id;
        user->since = session->since;
    }
    lock_release(&table->lock);
    return copied;
}
