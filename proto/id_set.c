#include <config.h>

#include "crypto/cscrypto.h"
#include "proto/error.h"
#include "proto/id_set.h"

#include <stdlib.h>

#define DIGEST_SIZE    16
#define CAPACITY_FIRST 64

struct id_slot {
    uint8_t digest[DIGEST_SIZE];
    uint8_t state; /* ID_UNKNOWN: the slot is free */
};

static void digest(uint8_t out[static DIGEST_SIZE], struct span owner, struct span id) {
    /* An owner has always the same length, so the two cannot run into each other. */
    const struct csc_part parts[] = {{owner.data, owner.size}, {id.data, id.size}};
    uint8_t hash[CSC_SHA256_SIZE];

    csc_sha256(hash, parts, 2);
    memcpy(out, hash, DIGEST_SIZE);
}

/* The slot of DIGEST, or the free one where it would be.  A generation is never full. */
static struct id_slot *slot_of(const struct id_generation *generation, const uint8_t *wanted) {
    size_t index;

    memcpy(&index, wanted, sizeof(index));
    for (;; index++) {
        struct id_slot *slot = &generation->slots[index & (generation->capacity - 1)];

        if (slot->state == ID_UNKNOWN || memcmp(slot->digest, wanted, DIGEST_SIZE) == 0)
            return slot;
    }
}

static struct id_slot *find(const struct id_generation *generation, const uint8_t *wanted) {
    struct id_slot *slot = generation->capacity > 0 ? slot_of(generation, wanted) : NULL;

    return slot != NULL && slot->state != ID_UNKNOWN ? slot : NULL;
}

/* Doubles a generation of which half is used. */
static int grow(struct id_generation *generation) {
    struct id_generation larger = {.capacity = generation->capacity ? 2 * generation->capacity : CAPACITY_FIRST,
                                   .used = generation->used};

    if ((larger.slots = calloc(larger.capacity, sizeof(larger.slots[0]))) == NULL)
        return PROTO_E_MEMORY;
    for (size_t i = 0; i < generation->capacity; i++)
        if (generation->slots[i].state != ID_UNKNOWN)
            *slot_of(&larger, generation->slots[i].digest) = generation->slots[i];
    free(generation->slots);
    *generation = larger;
    return PROTO_OK;
}

enum id_state id_set_find(const struct id_set *set, struct span owner, struct span id) {
    uint8_t wanted[DIGEST_SIZE];
    const struct id_slot *slot;

    digest(wanted, owner, id);
    if ((slot = find(&set->young, wanted)) == NULL)
        slot = find(&set->old, wanted);
    return slot ? (enum id_state)slot->state : ID_UNKNOWN;
}

int id_set_note(struct id_set *set, struct span owner, struct span id, enum id_state state) {
    uint8_t wanted[DIGEST_SIZE];
    struct id_slot *slot;
    int error;

    digest(wanted, owner, id);
    if ((slot = find(&set->young, wanted)) != NULL || (slot = find(&set->old, wanted)) != NULL) {
        slot->state = (uint8_t)state;
        return PROTO_OK;
    }
    if (set->young.used == ID_SET_MAX / 2) {
        free(set->old.slots);
        set->old = set->young;
        set->young = (struct id_generation){NULL, 0, 0};
    }
    if (2 * set->young.used >= set->young.capacity && (error = grow(&set->young)) != PROTO_OK)
        return error;
    slot = slot_of(&set->young, wanted);
    memcpy(slot->digest, wanted, DIGEST_SIZE);
    slot->state = (uint8_t)state;
    set->young.used++;
    return PROTO_OK;
}

void id_set_free(struct id_set *set) {
    free(set->young.slots);
    free(set->old.slots);
    *set = (struct id_set){{NULL, 0, 0}, {NULL, 0, 0}};
}
