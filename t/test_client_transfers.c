/* src/client/transfers.c: places, whose they are, and tokens. */
#include <config.h>

#include "src/client/transfers.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

static struct transfers *make(void) {
    struct transfers *made = calloc(1, sizeof(*made));

    if (!made)
        abort();
    return made;
}

static void end(struct transfers *transfers) {
    transfers_free(transfers);
    free(transfers);
}

/* An incoming file of key number KEY. */
static struct transfer *add(struct transfers *transfers, unsigned key, uint64_t now) {
    char fingerprint[CSC_FINGERPRINT_SIZE];
    struct transfer *transfer;

    snprintf(fingerprint, sizeof(fingerprint), "SHA256:%u", key);
    if ((transfer = transfers_add(transfers, fingerprint, now)))
        memcpy(transfer->key, fingerprint, sizeof(fingerprint));
    return transfer;
}

static void test_shares(void) {
    struct transfers *transfers = make();
    size_t count = 0, own = 0;

    for (size_t i = 0; i < TRANSFERS_PEER_MAX; i++)
        count += add(transfers, 1, 0) != NULL;
    IS_INT(count, TRANSFERS_PEER_MAX, "a key has its share");
    OK(add(transfers, 1, 0) == NULL, "and no more");
    for (unsigned key = 2; key < 100; key++)
        count += add(transfers, key, 0) != NULL;
    IS_INT(count, TRANSFERS_IN_MAX, "all keys together have theirs");
    while (own < TRANSFERS_MAX && transfers_add(transfers, NULL, 0))
        own++;
    IS_INT(own, TRANSFERS_MAX - TRANSFERS_IN_MAX, "and leave room for own ones");
    end(transfers);
}

static void test_stale(void) {
    struct transfers *transfers = make();
    struct transfer *moving;
    uint64_t first;

    for (size_t i = 0; i < TRANSFERS_PEER_MAX; i++)
        add(transfers, 1, 0);
    add(transfers, 2, 0);
    moving = transfers_find(transfers, 1);
    moving->touched = 1;
    first = moving->number;
    OK(add(transfers, 1, TRANSFERS_STALE_MS - 1) == NULL, "what has moved lately makes no room");
    OK(add(transfers, 1, TRANSFERS_STALE_MS) != NULL, "what has not does");
    OK(transfers_find(transfers, first) != NULL, "and what has stays");
    IS_INT(transfers_find(transfers, TRANSFERS_PEER_MAX + 1) != NULL, 1, "so does that of another");
    end(transfers);
}

static void test_find(void) {
    const uint8_t sha256[CSC_SHA256_SIZE] = {7}, other[CSC_SHA256_SIZE] = {8};
    struct transfers *transfers = make();
    struct transfer *in = add(transfers, 1, 0), *out = transfers_add(transfers, NULL, 0);

    if (!OK(in && out, "one comes, one goes"))
        return;
    snprintf(in->id, sizeof(in->id), "f");
    snprintf(out->id, sizeof(out->id), "f");
    snprintf(in->peer, sizeof(in->peer), "Eve");
    snprintf(out->peer, sizeof(out->peer), "Eve");
    out->outgoing = true;
    out->in_flight = 3;
    in->size = 5;
    memcpy(in->sha256, sha256, sizeof(sha256));
    OK(transfers_find_id(transfers, "eve", "SHA256:1", "f", false) == in, "an id is its sender's");
    OK(transfers_find_id(transfers, "Eve", "SHA256:2", "f", false) == NULL, "and of no other key");
    OK(transfers_find_id(transfers, "Eve", "SHA256:2", "f", true) == out, "one for anybody is anybody's");
    snprintf(out->key, sizeof(out->key), "SHA256:3");
    OK(transfers_find_id(transfers, "Eve", "SHA256:2", "f", true) == NULL, "until it is somebody's");
    OK(transfers_find_same(transfers, "SHA256:1", 5, sha256) == in, "the same file of the same key");
    OK(transfers_find_same(transfers, "SHA256:1", 6, sha256) == NULL, "has the same size");
    OK(transfers_find_same(transfers, "SHA256:1", 5, other) == NULL, "the same hash");
    OK(transfers_find_same(transfers, "SHA256:2", 5, sha256) == NULL, "and the same key");
    IS_INT(transfers_in_flight(transfers, "EVE"), 3, "what is on its way to somebody is counted");
    OK(transfers_are_going(transfers), "something goes");
    in->state = TRANSFER_OFFERED;
    OK(transfers_only_offer(transfers) == in, "the only offer");
    add(transfers, 2, 0)->state = TRANSFER_OFFERED;
    OK(transfers_only_offer(transfers) == NULL, "is none when there are two");
    end(transfers);
}

static void test_tokens(void) {
    const struct transfer transfer = {.number = (1 << 20) - 1};
    const uint64_t index = (UINT64_C(1) << 53) / MESSAGE_FILE_DATA_MAX;
    const uint64_t token = transfer_token(&transfer, TRANSFER_DATA, index);

    OK(transfer_is_token(token), "a token is one");
    IS_INT(transfer_token_number(token), transfer.number, "of that transfer");
    IS_INT(transfer_token_message(token), TRANSFER_DATA, "of that message");
    IS_INT(transfer_token_index(token), index, "of that piece, of the largest file too");
    OK(!transfer_is_token(1) && !transfer_is_token(UINT64_MAX), "those of others are none");
}

int main(void) {
    test_shares();
    test_stale();
    test_find();
    test_tokens();
    return tap_done();
}
