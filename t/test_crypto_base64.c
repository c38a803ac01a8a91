/* crypto/base64.c against RFC 4648: the known answers, every canonical form, and no other. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/tap.h"

#include <stdio.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void test_known_answers(void) {
    static const struct {
        const char *plain, *text;
    } cases[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t plain_size = strlen(cases[i].plain);
        size_t length = strlen(cases[i].text);
        char text[16] = {0};
        uint8_t plain[16] = {0};
        size_t size = 99;

        IS_INT(CSC_BASE64_LENGTH(plain_size), length, "%zu bytes need %zu characters", plain_size, length);
        csc_base64_encode(text, cases[i].plain, plain_size);
        IS_STR(text, cases[i].text, "\"%s\" is made", cases[i].text);
        IS_INT(csc_base64_decode(plain, &size, text, length), CSC_OK, "\"%s\" is taken", cases[i].text);
        IS_INT(size, plain_size, "and has %zu bytes", plain_size);
        IS_MEM(plain, cases[i].plain, plain_size, "and they are right");
    }
}

static void test_refusals(void) {
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"Z", 1},        {"Zg", 2},     {"Zg=", 3},      {"Zm8", 3},          {"Zm9vZ", 5},
        {"Zm9vZg", 6},   {"Zg==\n", 5}, {"Zg= =", 5},    {"Zg==\n\n\n\n", 8}, {" Zg==", 5},
        {"Zm 9", 4},     {"Zm\n9", 4},  {"====", 4},     {"Z===", 4},         {"=g==", 4},
        {"Z=g=", 4},     {"Zg=g", 4},   {"Zm9v====", 8}, {"Zg==Zg==", 8},     {"Zm8=Zm8=", 8},
        {"Zm9=", 4},     {"Zh==", 4},   {"Zm-v", 4},     {"Zm_v", 4},         {"Zm9v\0\0\0\0", 8},
        {"\0\0\0\0", 4}, {"Zm9v=", 5},  {"Zm9\xc3", 4},  {"Zm9vZ=m=", 8},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t out[16];
        size_t size = 99;

        IS_INT(csc_base64_decode(out, &size, cases[i].text, cases[i].length), CSC_ERR_BASE64, "refused: \"%s\"",
               cases[i].text);
        IS_INT(size, 99, "and the size is left alone");
    }
}

/* Every byte at every place of a group in the middle and at the end. */
static void test_each_byte(void) {
    unsigned wrong = 0;

    for (unsigned place = 0; place < 8; place++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char text[8] = {'Q', 'U', 'J', 'D', 'R', 'E', 'V', 'G'};
            bool listed = byte != 0 && strchr(alphabet, (int)byte) != NULL;
            uint8_t out[6];
            size_t size = 0;

            text[place] = (char)byte;
            if ((csc_base64_decode(out, &size, text, 8) == CSC_OK) != listed)
                wrong++;
        }
    }
    IS_INT(wrong, 0, "a group takes the 64 characters at each of its places, and no other byte");
}

/* All endings of each kind: what is taken must be what encoding gives again. */
static void test_unused_bits(void) {
    unsigned one = 0, two = 0, changed = 0;

    for (unsigned i = 0; i < 64 * 64 * 64; i++) {
        char text[4] = {alphabet[i >> 12], alphabet[i >> 6 & 63], '=', '='};
        char again[4];
        uint8_t out[3];
        size_t size = 0;

        if (i % 64 == 0 && csc_base64_decode(out, &size, text, 4) == CSC_OK) {
            one++;
            csc_base64_encode(again, out, size);
            changed += memcmp(text, again, 4) != 0;
        }
        text[2] = alphabet[i & 63];
        if (csc_base64_decode(out, &size, text, 4) == CSC_OK) {
            two++;
            csc_base64_encode(again, out, size);
            changed += memcmp(text, again, 4) != 0;
        }
    }
    IS_INT(one, 256, "as many endings with \"==\" are taken as there are bytes");
    IS_INT(two, 65536, "as many endings with \"=\" as there are pairs of bytes");
    IS_INT(changed, 0, "and each is what its bytes encode to");
}

static void test_in_place(void) {
    uint8_t plain[300];
    char text[CSC_BASE64_LENGTH(sizeof(plain))];
    unsigned wrong = 0;

    for (size_t i = 0; i < sizeof(plain); i++)
        plain[i] = (uint8_t)(i * 37 + i / 7);
    for (size_t size = 0; size <= sizeof(plain); size++) {
        size_t got = 0;

        csc_base64_encode(text, plain, size);
        if (csc_base64_decode(text, &got, text, CSC_BASE64_LENGTH(size)) != CSC_OK || got != size ||
            memcmp(text, plain, size) != 0)
            wrong++;
    }
    IS_INT(wrong, 0, "0 to 300 bytes are decoded over their own text");
}

/* Long enough for the blocks of base64_blocks.c; groups of three bytes by themselves are not. */
static void test_blocks(void) {
    uint8_t plain[300];
    char text[CSC_BASE64_LENGTH(sizeof(plain)) + 1], pieces[CSC_BASE64_LENGTH(sizeof(plain))];
    unsigned wrong = 0, late = 0;

    for (unsigned round = 0; round < 256; round++) {
        for (size_t i = 0; i < sizeof(plain); i++)
            plain[i] = (uint8_t)(i * (round | 1) + (i * i >> 3) + round);
        for (size_t i = 0; i < sizeof(plain) / 3; i++)
            csc_base64_encode(pieces + 4 * i, plain + 3 * i, 3);
        for (size_t size = 0; size <= sizeof(plain); size += 3) {
            text[CSC_BASE64_LENGTH(size)] = '#';
            csc_base64_encode(text, plain, size);
            wrong += memcmp(text, pieces, CSC_BASE64_LENGTH(size)) != 0;
            late += text[CSC_BASE64_LENGTH(size)] != '#';
        }
    }
    IS_INT(wrong, 0, "up to 300 bytes are encoded as their groups are");
    IS_INT(late, 0, "and nothing is written behind");

    wrong = 0;
    for (size_t size = 0; size <= sizeof(plain); size++) {
        const size_t length = CSC_BASE64_LENGTH(size);

        csc_base64_encode(pieces, plain, size);
        memcpy(text + length - size, plain, size);
        csc_base64_encode(text, text + length - size, size);
        wrong += memcmp(text, pieces, length) != 0;
    }
    IS_INT(wrong, 0, "also over their own end");
}

/* Every byte at every place of a text that has blocks, and nothing behind what it decodes to is written. */
static void test_each_byte_of_blocks(void) {
    char text[64];
    uint8_t out[sizeof(text)];
    unsigned wrong = 0, late = 0;

    for (size_t place = 0; place < sizeof(text); place++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            const bool listed = byte != 0 && strchr(alphabet, (int)byte) != NULL;
            const bool pads = byte == '=' && place == sizeof(text) - 1;
            size_t size = 0;
            int rc;

            /* 'A' at the end leaves no unused bits when the last place is padding. */
            for (size_t i = 0; i < sizeof(text); i++)
                text[i] = alphabet[i * 11 % 64];
            text[sizeof(text) - 2] = 'A';
            text[place] = (char)byte;
            out[48] = '#';
            rc = csc_base64_decode(out, &size, text, sizeof(text));
            wrong += (rc == CSC_OK) != (listed || pads);
            wrong += rc == CSC_OK && size != (pads ? 47 : 48);
            late += out[48] != '#';
        }
    }
    IS_INT(wrong, 0, "64 characters take the alphabet at each place, and no other byte");
    IS_INT(late, 0, "and nothing is written behind");
}

int main(void) {
    test_known_answers();
    test_refusals();
    test_each_byte();
    test_unused_bits();
    test_in_place();
    test_blocks();
    test_each_byte_of_blocks();
    return tap_done();
}
