/*
 * The ring of what was handed on, as anything may have left it: the input says what the file has and where its ring
 * goes on, and then what is noted and asked for while programs start again.  What it knows is what a ring knows that is
 * as simple as can be.
 */
#include <config.h>

#include "src/client/received.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const fuzz_name = "received";

#define RING_AT   (MAPPED_FILE_MAGIC_SIZE + sizeof(uint64_t))
#define FILE_SIZE (RING_AT + RECEIVED_MAX * RECEIVED_DIGEST_SIZE)

static const char magic[MAPPED_FILE_MAGIC_SIZE] = "chatsecure received 1\n";

/* Digests are known here by a number of 16 bits; place and count of each. */
struct model {
    uint64_t next;
    uint16_t ring[RECEIVED_MAX];
    uint32_t counts[RECEIVED_MAX];
};

/* Few begin alike, so that they share lists. */
static void make_digest(uint8_t digest[static RECEIVED_DIGEST_SIZE], uint16_t number) {
    memset(digest, 0, RECEIVED_DIGEST_SIZE);
    digest[0] = number & 3;
    digest[RECEIVED_DIGEST_SIZE - 2] = (uint8_t)(number >> 8);
    digest[RECEIVED_DIGEST_SIZE - 1] = (uint8_t)number;
}

/* Counts what the ring has as a program does that opens the file. */
static void count(struct model *model) {
    if (model->next > UINT64_MAX / 2)
        model->next = RECEIVED_MAX + model->next % RECEIVED_MAX;
    for (size_t place = 0; place < RECEIVED_MAX && place < model->next; place++)
        model->counts[model->ring[place]]++;
}

static void note(struct model *model, uint16_t number) {
    uint16_t *place = &model->ring[model->next % RECEIVED_MAX];

    if (model->counts[number] > 0)
        return;
    if (model->next >= RECEIVED_MAX)
        model->counts[*place]--;
    *place = number;
    model->counts[number]++;
    model->next++;
}

/* Writes the file, and has MODEL be like it.  False: it is none of the kind. */
static bool write_ring(struct model *model, struct fuzz_input *input) {
    const uint8_t what = fuzz_byte(input);
    const bool is_short = what % 8 == 1, is_other = what % 8 == 2;
    char *path = fuzz_path("received");
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    memset(model, 0, sizeof(*model));
    model->next = fuzz_number(input, what & 8 ? 8 : 3);
    require(fd >= 0 && pwrite(fd, magic + is_other, sizeof(magic) - is_other, 0) > 0 &&
                pwrite(fd, &model->next, sizeof(model->next), MAPPED_FILE_MAGIC_SIZE) > 0,
            "its head");
    for (unsigned left = fuzz_byte(input); left > 0; left--) {
        const uint16_t place = (uint16_t)fuzz_number(input, 2), number = (uint16_t)fuzz_number(input, 2);
        uint8_t digest[RECEIVED_DIGEST_SIZE];

        make_digest(digest, number);
        model->ring[place] = number;
        require(pwrite(fd, digest, sizeof(digest), (off_t)(RING_AT + place * sizeof(digest))) > 0, "a digest");
    }
    require(ftruncate(fd, (off_t)FILE_SIZE - is_short) == 0 && close(fd) == 0, "its size");
    free(path);
    count(model);
    return !is_short && !is_other;
}

static struct received *open_ring(bool is_one) {
    struct diagnostic why = {""};
    struct received *received = NULL;

    FUZZ_MUST((received_open(&received, fuzz_folder(), false, &why) == 0) == is_one);
    FUZZ_MUST(is_one || why.text[0] != '\0');
    return received;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct model model;
    struct fuzz_input input = {data, size};
    struct received *received = open_ring(write_ring(&model, &input));

    while (received != NULL && input.size > 0) {
        const uint8_t what = fuzz_byte(&input);
        const uint16_t number = (uint16_t)fuzz_number(&input, 2);
        uint8_t digest[RECEIVED_DIGEST_SIZE];

        make_digest(digest, number);
        if (what % 4 == 0) {
            received_close(received);
            received = open_ring(true);
        } else if (what % 4 == 1) {
            received_note(received, digest);
            note(&model, number);
            FUZZ_MUST(received_has(received, digest));
        }
        FUZZ_MUST(received_has(received, digest) == (model.counts[number] > 0));
    }
    received_close(received);
    return 0;
}
