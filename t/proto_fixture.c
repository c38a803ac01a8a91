#include <config.h>

#include "t/proto_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void require(bool holds, const char *what) {
    if (!holds) {
        printf("Bail out! %s\n", what);
        exit(1);
    }
}

char *copy_exact(const void *data, size_t size) {
    char *copy = malloc(size > 0 ? size : 1);

    require(copy != NULL, "memory for a copy");
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

uint64_t prng_next(struct prng *prng) {
    uint64_t z = prng->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

size_t prng_below(struct prng *prng, size_t limit) {
    return (size_t)(prng_next(prng) % limit);
}

static const char *const fragments[] = {"\"",      "\\",
                                        "\\u",     "\\u0000",
                                        "\\ud83d", "\\ud83d\\ude00",
                                        "{",       "}",
                                        "[",       "]",
                                        ":",       ",",
                                        "0",       "-0",
                                        "1e5",     "0.5",
                                        "01",      "null",
                                        "'",       "NaN",
                                        "//",      "/*",
                                        "\n",      "\r",
                                        "\t",      "\x01",
                                        "\x7f",    "\x80",
                                        "\xc0",    "\xff",
                                        " ",       "=",
                                        "==",      "A",
                                        "a",       "\"type\":",
                                        "{}",      "\"x\":{},",
                                        "true,",   "9007199254740992"};

static void overwrite(struct prng *prng, char *data, size_t size) {
    const char *fragment = fragments[prng_below(prng, COUNT(fragments))];
    size_t length = strlen(fragment), at = prng_below(prng, size);

    memcpy(data + at, fragment, length < size - at ? length : size - at);
}

static void mutate_once(struct prng *prng, char *data, size_t *size, size_t capacity) {
    size_t at, length;

    if (*size == 0)
        return;
    at = prng_below(prng, *size);
    length = 1 + prng_below(prng, *size - at < 16 ? *size - at : 16);
    switch (prng_below(prng, 5)) {
    case 0:
        data[at] ^= (char)(1u << prng_below(prng, 8));
        break;
    case 1:
        data[at] = (char)prng_next(prng);
        break;
    case 2:
        memmove(data + at, data + at + length, *size - at - length);
        *size -= length;
        break;
    case 3:
        if (length > capacity - *size)
            break;
        memmove(data + at + length, data + at, *size - at);
        *size += length;
        break;
    default:
        overwrite(prng, data, *size);
    }
}

void prng_mutate(struct prng *prng, char *data, size_t *size, size_t capacity) {
    size_t places = 1 + prng_below(prng, 4);

    while (places-- > 0)
        mutate_once(prng, data, size, capacity);
}

double processor_seconds(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

double test_scale(void) {
    const char *value = getenv("CHATSECURE_TEST_SCALE");
    double scale = value != NULL ? strtod(value, NULL) : 1;

    return scale > 1 ? scale : 1;
}
