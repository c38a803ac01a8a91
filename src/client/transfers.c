#include <config.h>

#include "src/client/transfers.h"
#include "src/common/clock.h"

/* A token has a bit that says what it is, 20 bits of number, 2 of message and 40 of index: a file of 2^53 bytes has
 * fewer pieces. */
#define TOKEN_MARK    (UINT64_C(2) << 62)
#define TOKEN_MARKS   (UINT64_C(3) << 62)
#define NUMBER_SHIFT  42
#define NUMBER_MAX    ((UINT64_C(1) << 20) - 1)
#define MESSAGE_SHIFT 40
#define INDEX_MAX     ((UINT64_C(1) << MESSAGE_SHIFT) - 1)

/* ---- the table -------------------------------------------------------------------------------------------------- */

/* Files that come, from KEY or, if that is NULL, from anybody. */
static size_t count_of(const struct transfers *transfers, const char *key) {
    size_t count = 0;

    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        const struct transfer *transfer = &transfers->list[i];

        if (transfer->number != 0 && !transfer->outgoing && (!key || strcmp(transfer->key, key) == 0))
            count++;
    }
    return count;
}

static bool is_stale(const struct transfer *transfer, const char *key, uint64_t now) {
    return transfer->number != 0 && !transfer->outgoing && now >= transfer->touched + TRANSFERS_STALE_MS &&
           (!key || strcmp(transfer->key, key) == 0);
}

/* The place of a file that has not come forward for long, from KEY or, if that is NULL, from anybody. */
static struct transfer *make_room(struct transfers *transfers, const char *key, uint64_t now) {
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *transfer = &transfers->list[i];

        if (is_stale(transfer, key, now)) {
            transfers_remove(transfer);
            return transfer;
        }
    }
    return NULL;
}

static struct transfer *find_room(struct transfers *transfers, const char *key, uint64_t now) {
    if (key && count_of(transfers, key) >= TRANSFERS_PEER_MAX)
        return make_room(transfers, key, now);
    if (key && count_of(transfers, NULL) >= TRANSFERS_IN_MAX)
        return make_room(transfers, NULL, now);
    for (size_t i = 0; i < TRANSFERS_MAX; i++)
        if (transfers->list[i].number == 0)
            return &transfers->list[i];
    return make_room(transfers, NULL, now);
}

struct transfer *transfers_add(struct transfers *transfers, const char *key, uint64_t now) {
    struct transfer *transfer = find_room(transfers, key, now);

    if (!transfer)
        return NULL;
    transfers->last = transfers->last % NUMBER_MAX + 1;
    *transfer = (struct transfer){
        .number = transfers->last, .touched = now, .resume_at = TRANSFER_NOWHERE, .deadline = CLOCK_NEVER};
    return transfer;
}

void transfers_remove(struct transfer *transfer) {
    upload_free(transfer->upload);
    download_free(transfer->download);
    *transfer = (struct transfer){.number = 0};
}

void transfers_free(struct transfers *transfers) {
    for (size_t i = 0; i < TRANSFERS_MAX; i++)
        transfers_remove(&transfers->list[i]);
}

struct transfer *transfers_find(struct transfers *transfers, uint64_t number) {
    for (size_t i = 0; number != 0 && i < TRANSFERS_MAX; i++)
        if (transfers->list[i].number == number)
            return &transfers->list[i];
    return NULL;
}

struct transfer *transfers_find_id(struct transfers *transfers, const char *peer, const char *key, const char *id,
                                   bool outgoing) {
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *transfer = &transfers->list[i];

        if (transfer->number != 0 && transfer->outgoing == outgoing && strcmp(transfer->id, id) == 0 &&
            name_equal(span_of(transfer->peer), span_of(peer)) &&
            (strcmp(transfer->key, key) == 0 || (outgoing && transfer->key[0] == '\0')))
            return transfer;
    }
    return NULL;
}

struct transfer *transfers_find_same(struct transfers *transfers, const char *key, uint64_t size,
                                     const uint8_t sha256[static CSC_SHA256_SIZE]) {
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *transfer = &transfers->list[i];

        if (transfer->number != 0 && !transfer->outgoing && transfer->size == size && strcmp(transfer->key, key) == 0 &&
            memcmp(transfer->sha256, sha256, CSC_SHA256_SIZE) == 0)
            return transfer;
    }
    return NULL;
}

struct transfer *transfers_only_offer(struct transfers *transfers) {
    struct transfer *found = NULL;

    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *transfer = &transfers->list[i];

        if (transfer->number == 0 || transfer->outgoing || transfer->state != TRANSFER_OFFERED)
            continue;
        if (found)
            return NULL;
        found = transfer;
    }
    return found;
}

bool transfers_are_going(const struct transfers *transfers) {
    for (size_t i = 0; i < TRANSFERS_MAX; i++)
        if (transfers->list[i].number != 0 && transfers->list[i].outgoing)
            return true;
    return false;
}

unsigned transfers_in_flight(const struct transfers *transfers, const char *peer) {
    unsigned count = 0;

    for (size_t i = 0; i < TRANSFERS_MAX; i++)
        if (transfers->list[i].in_flight > 0 && name_equal(span_of(transfers->list[i].peer), span_of(peer)))
            count += transfers->list[i].in_flight;
    return count;
}

/* ---- tokens ----------------------------------------------------------------------------------------------------- */

uint64_t transfer_token(const struct transfer *transfer, enum transfer_message message, uint64_t index) {
    return TOKEN_MARK | transfer->number << NUMBER_SHIFT | (uint64_t)message << MESSAGE_SHIFT | (index & INDEX_MAX);
}

bool transfer_is_token(uint64_t token) {
    return (token & TOKEN_MARKS) == TOKEN_MARK;
}

uint64_t transfer_token_number(uint64_t token) {
    return token >> NUMBER_SHIFT & NUMBER_MAX;
}

enum transfer_message transfer_token_message(uint64_t token) {
    return (enum transfer_message)(token >> MESSAGE_SHIFT & 3);
}

uint64_t transfer_token_index(uint64_t token) {
    return token & INDEX_MAX;
}
