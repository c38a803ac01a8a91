#include <config.h>

#include "src/server/source.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Sources looked at for a newcomer, so that more go than come and none has to wait for it. */
#define SWEEP 4

struct source_table {
    struct keyed_hash hash;
    struct source **chains;
    size_t mask; /* of the hash: the number of chains less one */
    /* All places there are, so that sources come from no heap, where each would hold on to a page between the memory of
     * connections that have gone.  Untouched, they cost nothing. */
    struct source *places;
    size_t max;
    size_t touched;      /* of `places`, the first */
    struct source *free; /* of those, by `chained` */
    size_t count;
    struct source *oldest, *youngest;
};

struct source_key source_key_of(const struct sockaddr *address) {
    struct source_key key = {0, 0};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof(v4));
        key = (struct source_key){4, ntohl(v4.sin_addr.s_addr)};
    } else if (address->sa_family == AF_INET6) {
        const uint8_t *bytes = v6.sin6_addr.s6_addr;
        bool mapped;

        memcpy(&v6, address, sizeof(v6));
        mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
        key.family = mapped ? 4 : 6;
        for (size_t i = mapped ? 12 : 0; i < (mapped ? 16 : 8); i++)
            key.prefix = key.prefix << 8 | bytes[i];
    }
    return key;
}

int source_table_new(struct source_table **table, size_t max, const struct keyed_hash *hash) {
    struct source_table *made = calloc(1, sizeof(*made));
    size_t chains = 1;

    if (made == NULL)
        return -ENOMEM;
    while (chains < max)
        chains *= 2;
    *made = (struct source_table){.hash = *hash, .mask = chains - 1, .max = max};
    made->chains = calloc(chains, sizeof(struct source *));
    made->places = calloc(max, sizeof(*made->places));
    if (made->chains == NULL || made->places == NULL) {
        source_table_free(made);
        return -ENOMEM;
    }
    *table = made;
    return 0;
}

void source_table_free(struct source_table *table) {
    if (table == NULL)
        return;
    free(table->chains);
    free(table->places);
    free(table);
}

size_t source_table_count(const struct source_table *table) {
    return table->count;
}

static struct source **chain_of(struct source_table *table, const struct source_key *key) {
    return &table->chains[keyed_hash(&table->hash, key->family, key->prefix) & table->mask];
}

struct source *source_find(struct source_table *table, const struct source_key *key) {
    struct source *source = *chain_of(table, key);

    while (source != NULL && (source->key.family != key->family || source->key.prefix != key->prefix))
        source = source->chained;
    return source;
}

/* ---- the order of age, of those without connections -------------------------------------------- */

static void append(struct source_table *table, struct source *source) {
    source->older = table->youngest;
    source->younger = NULL;
    *(table->youngest != NULL ? &table->youngest->younger : &table->oldest) = source;
    table->youngest = source;
}

static void detach(struct source_table *table, struct source *source) {
    *(source->older != NULL ? &source->older->younger : &table->oldest) = source->younger;
    *(source->younger != NULL ? &source->younger->older : &table->youngest) = source->older;
}

static void forget(struct source_table *table, struct source *source) {
    struct source **place = chain_of(table, &source->key);

    while (*place != source)
        place = &(*place)->chained;
    *place = source->chained;
    detach(table, source);
    source->chained = table->free;
    table->free = source;
    table->count--;
}

static bool is_worth_remembering(const struct source *source, uint64_t now) {
    return source->penalty_ends > now || source->begun.full / 1000000 >= now;
}

/* Makes room for one more.  False if all have connections. */
static bool make_room(struct source_table *table, uint64_t now) {
    for (size_t i = 0; i < SWEEP && table->oldest != NULL && !is_worth_remembering(table->oldest, now); i++)
        forget(table, table->oldest);
    if (table->count == table->max && table->oldest != NULL)
        forget(table, table->oldest);
    return table->count < table->max;
}

/* A place that is free, of which there is one. */
static struct source *take_place(struct source_table *table) {
    struct source *source = table->free;

    if (source != NULL)
        table->free = source->chained;
    else
        source = &table->places[table->touched++];
    *source = (struct source){0};
    table->count++;
    return source;
}

struct source *source_meet(struct source_table *table, const struct source_key *key, uint64_t now) {
    struct source *source = source_find(table, key);
    struct source **chain = NULL;

    if (source != NULL) {
        if (source->handshakes == 0) {
            detach(table, source);
            append(table, source);
        }
        return source;
    }
    if (!make_room(table, now))
        return NULL;
    source = take_place(table);
    chain = chain_of(table, key);
    source->key = *key;
    source->chained = *chain;
    *chain = source;
    append(table, source);
    return source;
}

void source_hold(struct source_table *table, struct source *source) {
    if (source->handshakes++ == 0)
        detach(table, source);
}

void source_release(struct source_table *table, struct source *source) {
    if (--source->handshakes == 0)
        append(table, source);
}

/* ---- penalties ----------------------------------------------------------------------------------- */

void source_penalise(struct source *source, uint64_t penalty, uint64_t from, uint64_t most, uint64_t now) {
    if (source->penalty_ends <= now) {
        source->penalty_ends = now;
        source->refused = false;
    }
    source->penalty_ends += penalty;
    if (source->penalty_ends > now + most)
        source->penalty_ends = now + most;
    if (source->penalty_ends - now >= from)
        source->refused = true;
}

bool source_is_refused(struct source *source, uint64_t now) {
    if (source->penalty_ends <= now)
        source->refused = false;
    return source->refused;
}
