/* proto/buffer.c */
#include <config.h>

#include "proto/buffer.h"
#include "proto/error.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>

static void test_empty(void) {
    struct buffer buffer = BUFFER_INIT(10);
    uint8_t *room = NULL;

    IS_INT(buffer.size, 0, "a new buffer is empty");
    IS_INT(buffer.capacity, 0, "and takes no memory");
    OK(buffer_data(&buffer) == NULL, "nor has any");
    IS_INT(buffer_append(&buffer, NULL, 0), PROTO_OK, "nothing can be appended to it");
    IS_INT(buffer_reserve(&buffer, 0, &room), PROTO_OK, "and reserved");
    IS_INT(buffer_append(&buffer, "01234567890", 11), PROTO_E_FULL, "one byte over the limit is refused");
    IS_INT(buffer_append(&buffer, "x", SIZE_MAX), PROTO_E_FULL, "and the most that can be asked for");
    IS_INT(buffer.capacity, 0, "without taking memory");
    buffer_consume(&buffer, 0);
    buffer_truncate(&buffer, 0);
    buffer_shrink(&buffer, 0);
    buffer_free(&buffer);
    buffer_free(NULL);
    IS_INT(buffer.limit, 10, "freeing keeps the limit");
}

static void test_limit(void) {
    struct buffer buffer = BUFFER_INIT(3000);
    char bytes[3000];
    uint8_t *room = NULL;

    memset(bytes, 'b', sizeof(bytes));
    IS_INT(buffer_append(&buffer, bytes, 2999), PROTO_OK, "all but one byte of the limit");
    IS_INT(buffer_append(&buffer, "ab", 2), PROTO_E_FULL, "two more are too many");
    IS_INT(buffer.size, 2999, "and change nothing");
    IS_INT(buffer_append(&buffer, "z", 1), PROTO_OK, "one is not");
    OK(buffer.capacity <= buffer.limit, "the memory stays within the limit");
    IS_INT(buffer_reserve(&buffer, 1, &room), PROTO_E_FULL, "then it is full");
    OK(room == NULL, "and no room is given");
    buffer_consume(&buffer, 2000);
    IS_INT(buffer_reserve(&buffer, 2000, &room), PROTO_OK, "what is consumed can be filled again");
    IS_INT(buffer.size, 1000, "what is reserved does not count");
    memset(room, 'c', 2000);
    buffer_commit(&buffer, 2000);
    IS_INT(buffer_data(&buffer)[999], 'z', "the bytes held have moved along");
    IS_INT(buffer_data(&buffer)[1000], 'c', "and the new ones follow");
    IS_INT(buffer_reserve(&buffer, SIZE_MAX, &room), PROTO_E_FULL, "sizes do not overflow");
    buffer_free(&buffer);
    IS_INT(buffer.size, 0, "a freed buffer is empty");
    IS_INT(buffer_append(&buffer, "again", 5), PROTO_OK, "and can be used again");
    buffer_free(&buffer);
}

static void test_shrink(void) {
    struct buffer buffer = BUFFER_INIT(1 << 20);
    char bytes[5000] = {0};

    IS_INT(buffer_append(&buffer, bytes, sizeof(bytes)), PROTO_OK, "a buffer with memory");
    buffer_shrink(&buffer, 0);
    IS_INT(buffer.size, sizeof(bytes), "does not shrink while it holds something");
    buffer_truncate(&buffer, 7);
    IS_INT(buffer.size, 7, "is cut at its end");
    buffer_consume(&buffer, 7);
    IS_INT(buffer.start, 0, "starts over when all is consumed");
    buffer_shrink(&buffer, buffer.capacity);
    OK(buffer.capacity > 0, "keeps as much as it may");
    buffer_shrink(&buffer, buffer.capacity - 1);
    IS_INT(buffer.capacity, 0, "and gives back more than that");
}

/* One that was large and is never empty. */
static void test_shrink_partly(void) {
    struct buffer buffer = BUFFER_INIT(1 << 20);
    static char bytes[200000];

    memset(bytes, 'c', sizeof(bytes));
    IS_INT(buffer_append(&buffer, bytes, sizeof(bytes)), PROTO_OK, "a large buffer");
    buffer_consume(&buffer, 190000);
    buffer_shrink(&buffer, buffer.capacity);
    OK(buffer.capacity > 190000, "with little in it keeps as much as it may");
    buffer_shrink(&buffer, 4096);
    OK(buffer.capacity <= 2 * 10000, "and gives most of it back");
    IS_INT(buffer.size, 10000, "but for what it holds");
    IS_INT(buffer_data(&buffer)[9999], 'c', "which is still there");
    buffer_consume(&buffer, 9999);
    buffer_shrink(&buffer, 4096);
    IS_INT(buffer.capacity, 4096, "as much as it may keep is left");
    buffer_free(&buffer);
}

/* What will be wiped. */
static void test_touched(void) {
    struct buffer buffer = BUFFER_INIT(100000);
    uint8_t *room = NULL;

    IS_INT(buffer_reserve(&buffer, 60000, &room), PROTO_OK, "much room is reserved");
    IS_INT(buffer.touched, 0, "which was not touched yet");
    memset(room, 'a', 300);
    buffer_commit(&buffer, 300);
    IS_INT(buffer.touched, 300, "what is committed was");
    buffer_consume(&buffer, 300);
    IS_INT(buffer_append(&buffer, "abc", 3), PROTO_OK, "what is held later");
    IS_INT(buffer.touched, 300, "does not hide what was held before");
    buffer_consume(&buffer, 1);
    IS_INT(buffer_reserve(&buffer, 80000, &room), PROTO_OK, "in new memory");
    IS_INT(buffer.touched, 2, "only what was moved there was touched");
    buffer_free(&buffer);
    IS_INT(buffer.touched, 0, "and nothing when it is gone");
}

/* The same operations on a buffer and on plain memory. */
static void test_against_model(void) {
    enum { LIMIT = 10000, STEPS = 20000 };
    static char model[LIMIT], piece[LIMIT];
    struct buffer buffer = BUFFER_INIT(LIMIT);
    struct prng prng = {1};
    size_t size = 0;
    unsigned wrong = 0;

    for (int step = 0; step < STEPS; step++) {
        size_t length = prng_below(&prng, 10) == 0 ? prng_below(&prng, LIMIT) : prng_below(&prng, 100);
        int error;

        switch (prng_below(&prng, 4)) {
        case 0:
        case 1:
            memset(piece, (int)prng_below(&prng, 256), length);
            error = buffer_append(&buffer, piece, length);
            wrong += error != (length > LIMIT - size ? PROTO_E_FULL : PROTO_OK);
            if (error == PROTO_OK) {
                memcpy(model + size, piece, length);
                size += length;
            }
            break;
        case 2:
            length = length < size ? length : size;
            buffer_consume(&buffer, length);
            memmove(model, model + length, size - length);
            size -= length;
            break;
        default:
            length = length < size ? length / 4 : 0;
            buffer_truncate(&buffer, size - length);
            size -= length;
        }
        wrong += buffer.size != size || (size > 0 && memcmp(buffer_data(&buffer), model, size) != 0);
        wrong += buffer.start + buffer.size > buffer.touched || buffer.touched > buffer.capacity ||
                 buffer.capacity > buffer.limit;
    }
    IS_INT(wrong, 0, "%d operations do what they do to plain memory", STEPS);
    buffer_free(&buffer);
}

int main(void) {
    test_empty();
    test_limit();
    test_shrink();
    test_shrink_partly();
    test_touched();
    test_against_model();
    return tap_done();
}
