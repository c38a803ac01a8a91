#include <config.h>

#include "crypto/cscrypto.h"
#include "src/client/received.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "chatsecure received 1\n"

/* The ring, as it is in the file. */
struct ring {
    char magic[MAPPED_FILE_MAGIC_SIZE];
    uint64_t next; /* digests ever noted: the next one goes to this place, modulo RECEIVED_MAX */
    uint8_t digests[RECEIVED_MAX][RECEIVED_DIGEST_SIZE];
};

/* A hash table in memory over the ring: lists of places whose digests begin alike.  Entries are a place plus one; 0
 * ends a list. */
struct received {
    struct mapped_file file;
    struct ring *ring;
    uint32_t heads[RECEIVED_MAX];
    uint32_t links[RECEIVED_MAX];
};

static uint32_t *head_of(struct received *received, const uint8_t *digest) {
    return &received->heads[(digest[0] | (size_t)digest[1] << 8) % RECEIVED_MAX];
}

static void link_place(struct received *received, uint32_t place) {
    uint32_t *head = head_of(received, received->ring->digests[place]);

    received->links[place] = *head;
    *head = place + 1;
}

static void unlink_place(struct received *received, uint32_t place) {
    uint32_t *link = head_of(received, received->ring->digests[place]);

    while (*link != 0 && *link != place + 1)
        link = &received->links[*link - 1];
    if (*link != 0)
        *link = received->links[place];
}

int received_open(struct received **received, const char *dir, bool make, struct diagnostic *why) {
    struct received *made = calloc(1, sizeof(*made));
    int error;

    if (!made) {
        diagnostic_set(why, "%s", diagnostic_errno(ENOMEM));
        return -ENOMEM;
    }
    made->file = (struct mapped_file)MAPPED_FILE_INIT;
    error = mapped_file_open(&made->file, dir, "received", MAGIC, sizeof(struct ring), make, why);
    if (error != 0) {
        received_close(made);
        return error;
    }
    made->ring = made->file.memory;
    /* No program counts that far: the file is damaged, and the counter must not overflow. */
    if (made->ring->next > UINT64_MAX / 2)
        made->ring->next = RECEIVED_MAX + made->ring->next % RECEIVED_MAX;
    for (uint32_t place = 0; place < RECEIVED_MAX && place < made->ring->next; place++)
        link_place(made, place);
    *received = made;
    return 0;
}

void received_close(struct received *received) {
    if (!received)
        return;
    mapped_file_close(&received->file);
    free(received);
}

void received_digest(uint8_t digest[static RECEIVED_DIGEST_SIZE], const char *fingerprint, const char *id) {
    /* A fingerprint has always the same length, so the two cannot run into each other. */
    const struct csc_part parts[] = {{fingerprint, strlen(fingerprint)}, {id, strlen(id)}};
    uint8_t hash[CSC_SHA256_SIZE];

    csc_sha256(hash, parts, 2);
    memcpy(digest, hash, RECEIVED_DIGEST_SIZE);
}

bool received_has(const struct received *received, const uint8_t digest[static RECEIVED_DIGEST_SIZE]) {
    uint32_t at = received->heads[(digest[0] | (size_t)digest[1] << 8) % RECEIVED_MAX];

    while (at != 0 && memcmp(received->ring->digests[at - 1], digest, RECEIVED_DIGEST_SIZE) != 0)
        at = received->links[at - 1];
    return at != 0;
}

void received_note(struct received *received, const uint8_t digest[static RECEIVED_DIGEST_SIZE]) {
    struct ring *ring = received->ring;
    const uint32_t place = (uint32_t)(ring->next % RECEIVED_MAX);

    if (received_has(received, digest))
        return;
    if (ring->next >= RECEIVED_MAX)
        unlink_place(received, place);
    memcpy(ring->digests[place], digest, RECEIVED_DIGEST_SIZE);
    link_place(received, place);
    mapped_file_order();
    ring->next++;
}
