#include <config.h>

#include "proto/safety_number.h"

#include "proto/error.h"
#include "proto/fingerprint.h"

#include <string.h>

#define LABEL  "chatsecure/1 verify"
#define ROUNDS 5200

/* Of the hash, so many bytes make a group; one in 100,000 is likelier than another by a part in 10^7. */
#define GROUP_BYTES 5
#define GROUP_LIMIT 100000

#define HALF_DIGITS (SAFETY_NUMBER_DIGITS / 2)

/* Hashes again and again, so that each key an attacker tries costs that much. */
static void stretch(uint8_t out[static CSC_SHA256_SIZE], const uint8_t key[static CSC_SHA256_SIZE]) {
    static const uint8_t label_length[4] = {0, 0, 0, sizeof(LABEL) - 1};
    const struct csc_part parts[] = {{label_length, sizeof(label_length)},
                                     {LABEL, sizeof(LABEL) - 1},
                                     {out, CSC_SHA256_SIZE},
                                     {key, CSC_SHA256_SIZE}};

    memcpy(out, key, CSC_SHA256_SIZE);
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t next[CSC_SHA256_SIZE];

        csc_sha256(next, parts, sizeof(parts) / sizeof(parts[0]));
        memcpy(out, next, sizeof(next));
    }
}

static int half(char out[static HALF_DIGITS + 1], const char *fingerprint) {
    uint8_t key[CSC_SHA256_SIZE], hash[CSC_SHA256_SIZE];

    if (!fingerprint_decode(key, span_of(fingerprint)))
        return PROTO_E_KEY;
    stretch(hash, key);
    for (size_t group = 0; group < HALF_DIGITS / SAFETY_NUMBER_GROUP; group++) {
        uint64_t number = 0;

        for (size_t i = 0; i < GROUP_BYTES; i++)
            number = number << 8 | hash[group * GROUP_BYTES + i];
        number %= GROUP_LIMIT;
        for (size_t i = SAFETY_NUMBER_GROUP; i-- > 0; number /= 10)
            out[group * SAFETY_NUMBER_GROUP + i] = (char)('0' + number % 10);
    }
    out[HALF_DIGITS] = '\0';
    return PROTO_OK;
}

int safety_number(char out[static SAFETY_NUMBER_SIZE], const char *one, const char *other) {
    char a[HALF_DIGITS + 1], b[HALF_DIGITS + 1];
    int error = half(a, one);

    if (error == PROTO_OK)
        error = half(b, other);
    if (error != PROTO_OK)
        return error;
    bool one_first = strcmp(a, b) <= 0;
    memcpy(out, one_first ? a : b, HALF_DIGITS);
    memcpy(out + HALF_DIGITS, one_first ? b : a, HALF_DIGITS + 1);
    return PROTO_OK;
}

void safety_number_text(char out[static SAFETY_NUMBER_TEXT_SIZE], const char digits[static SAFETY_NUMBER_SIZE]) {
    size_t used = 0;

    for (size_t i = 0; i < SAFETY_NUMBER_DIGITS; i++) {
        if (i > 0 && i % SAFETY_NUMBER_GROUP == 0)
            out[used++] = ' ';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

bool safety_number_equal(const char digits[static SAFETY_NUMBER_SIZE], struct span text) {
    size_t found = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == ' ' || text.data[i] == '\t')
            continue;
        if (found == SAFETY_NUMBER_DIGITS || text.data[i] != digits[found])
            return false;
        found++;
    }
    return found == SAFETY_NUMBER_DIGITS;
}
