/*
 * Base64, canonical form only.  base64_blocks.c does the most of it where the processor can, and the tables the rest
 * (nettle's decoder needs seven times as long as they, and accepts white space and missing padding).
 *
 * How long the tables take may tell one who shares the processor's cache something of what is coded.  What travels is
 * no secret: ciphertexts, MACs, public keys.  A private key in PEM is, and is decoded here once, when it is loaded: by
 * blocks, which look nothing up, but for its last few bytes, or by the tables where there are no blocks.
 */
#include <config.h>

#include "crypto/base64_blocks.h"
#include "crypto/cscrypto.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The value of a character, plus one, so that what is not listed is 0 and minus one sets the high bits. */
static const uint8_t value_plus_one[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/* Any of these bits in a decoded group tells that it had a character outside the alphabet. */
#define INVALID 0xff000000u

/* Four characters as 24 bits.  A character that is not listed underflows into the INVALID bits at each position. */
static uint32_t decode_group(const uint8_t *in) {
    return ((uint32_t)value_plus_one[in[0]] - 1) << 18 | ((uint32_t)value_plus_one[in[1]] - 1) << 12 |
           ((uint32_t)value_plus_one[in[2]] - 1) << 6 | ((uint32_t)value_plus_one[in[3]] - 1);
}

void csc_base64_encode(char *out, const void *data, size_t size) {
    const uint8_t *in = data;
    const size_t done = cs_base64_encode_blocks(out, in, size);

    in += done;
    out += CSC_BASE64_LENGTH(done);
    size -= done;
    for (; size >= 3; size -= 3, in += 3, out += 4) {
        uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

        out[0] = alphabet[group >> 18];
        out[1] = alphabet[group >> 12 & 63];
        out[2] = alphabet[group >> 6 & 63];
        out[3] = alphabet[group & 63];
    }
    if (size > 0) {
        uint32_t group = (uint32_t)in[0] << 16 | (size == 2 ? (uint32_t)in[1] << 8 : 0);

        out[0] = alphabet[group >> 18];
        out[1] = alphabet[group >> 12 & 63];
        out[2] = size == 2 ? alphabet[group >> 6 & 63] : '=';
        out[3] = '=';
    }
}

/* Decodes the last group, of which PAD characters are padding: 3 - PAD bytes. */
static int decode_last(uint8_t *out, const uint8_t *in, size_t pad) {
    const uint8_t filled[4] = {in[0], in[1], pad == 2 ? 'A' : in[2], pad >= 1 ? 'A' : in[3]};
    uint32_t group = decode_group(filled);
    uint32_t unused = pad == 2 ? 0xffff : pad == 1 ? 0xff : 0;

    if (group & (INVALID | unused))
        return CSC_ERR_BASE64;
    out[0] = (uint8_t)(group >> 16);
    if (pad < 2)
        out[1] = (uint8_t)(group >> 8);
    if (pad < 1)
        out[2] = (uint8_t)group;
    return CSC_OK;
}

int csc_base64_decode(void *out, size_t *size, const char *text, size_t length) {
    const uint8_t *in = (const uint8_t *)text;
    uint8_t *to = out;
    uint32_t seen = 0;
    size_t pad = 0;
    size_t done = 0;
    int rc = CSC_OK;

    if (length % 4 != 0)
        return CSC_ERR_BASE64;
    if (length == 0) {
        *size = 0;
        return CSC_OK;
    }
    if (in[length - 1] == '=')
        pad = in[length - 2] == '=' ? 2 : 1;
    done = cs_base64_decode_blocks(to, in, length);
    in += done;
    to += CSC_BASE64_SIZE(done);
    for (size_t groups = (length - done) / 4 - 1; groups > 0; groups--, in += 4, to += 3) {
        uint32_t group = decode_group(in);

        seen |= group;
        to[0] = (uint8_t)(group >> 16);
        to[1] = (uint8_t)(group >> 8);
        to[2] = (uint8_t)group;
    }
    if (seen & INVALID)
        return CSC_ERR_BASE64;
    rc = decode_last(to, in, pad);
    if (rc == CSC_OK)
        *size = CSC_BASE64_SIZE(length) - pad;
    return rc;
}
