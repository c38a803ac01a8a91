#include <config.h>

#include "src/server/registry.h"

#include "proto/error.h"
#include "src/common/lock.h"
#include "src/server/name_hash.h"
#include <stdlib.h>

#define PLACES_FIRST 64

struct entry {
    char name[NAME_SIZE]; /* folded; empty: a free place */
    char fingerprint[CSC_FINGERPRINT_SIZE];
};

struct registry {
    uint64_t seed;
    struct lock lock;
    struct entry *entries GUARDED_BY(lock); /* open addressing, at most half full */
    size_t places GUARDED_BY(lock);         /* a power of two */
    size_t count GUARDED_BY(lock);
};

int registry_new(struct registry **registry) NO_THREAD_ANALYSIS {
    struct registry *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return PROTO_E_MEMORY;
    lock_init(&made->lock);
    made->places = PLACES_FIRST;
    made->entries = calloc(made->places, sizeof(*made->entries));
    if (made->entries == NULL || csc_random_nonce(&made->seed, sizeof(made->seed)) != 0) {
        int error = made->entries == NULL ? PROTO_E_MEMORY : PROTO_E_CRYPTO;

        registry_free(made);
        return error;
    }
    *registry = made;
    return 0;
}

void registry_free(struct registry *registry) NO_THREAD_ANALYSIS {
    if (registry == NULL)
        return;
    lock_destroy(&registry->lock);
    free(registry->entries);
    free(registry);
}

/* The place that FOLDED has in ENTRIES, or the free one where it belongs. */
static struct entry *find(struct entry *entries, size_t places, uint64_t seed, const char *folded) {
    size_t place = name_hash(seed, folded) & (places - 1);

    while (entries[place].name[0] != '\0' && strcmp(entries[place].name, folded) != 0)
        place = (place + 1) & (places - 1);
    return &entries[place];
}

static enum registry_answer look_locked(struct registry *registry, const char *folded, const char *fingerprint,
                                        struct entry **entry) REQUIRES(registry->lock) {
    *entry = find(registry->entries, registry->places, registry->seed, folded);
    if ((*entry)->name[0] == '\0')
        return REGISTRY_FREE;
    return strcmp((*entry)->fingerprint, fingerprint) == 0 ? REGISTRY_OWN : REGISTRY_OTHER;
}

enum registry_answer registry_look(struct registry *registry, struct span name, const char *fingerprint) {
    enum registry_answer answer = REGISTRY_FREE;
    char folded[NAME_SIZE] = "";
    struct entry *entry = NULL;

    name_fold(folded, name);
    lock_acquire(&registry->lock);
    answer = look_locked(registry, folded, fingerprint, &entry);
    lock_release(&registry->lock);
    return answer;
}

static bool grow_locked(struct registry *registry) REQUIRES(registry->lock) {
    size_t places = 2 * registry->places;
    struct entry *entries = calloc(places, sizeof(*entries));

    if (entries == NULL)
        return false;
    for (size_t i = 0; i < registry->places; i++)
        if (registry->entries[i].name[0] != '\0')
            *find(entries, places, registry->seed, registry->entries[i].name) = registry->entries[i];
    free(registry->entries);
    registry->entries = entries;
    registry->places = places;
    return true;
}

static enum registry_answer claim_locked(struct registry *registry, const char *folded, const char *fingerprint)
    REQUIRES(registry->lock) {
    struct entry *entry = NULL;
    enum registry_answer answer = look_locked(registry, folded, fingerprint, &entry);

    if (answer != REGISTRY_FREE)
        return answer;
    if (registry->count >= REGISTRY_NAMES_MAX)
        return REGISTRY_FULL;
    if (2 * (registry->count + 1) > registry->places) {
        if (!grow_locked(registry))
            return REGISTRY_FULL;
        entry = find(registry->entries, registry->places, registry->seed, folded);
    }
    memcpy(entry->name, folded, NAME_SIZE);
    memcpy(entry->fingerprint, fingerprint, CSC_FINGERPRINT_SIZE);
    registry->count++;
    return REGISTRY_OWN;
}

enum registry_answer registry_claim(struct registry *registry, struct span name, const char *fingerprint) {
    enum registry_answer answer = REGISTRY_FULL;
    char folded[NAME_SIZE] = "";

    name_fold(folded, name);
    lock_acquire(&registry->lock);
    answer = claim_locked(registry, folded, fingerprint);
    lock_release(&registry->lock);
    return answer;
}
