/*
 * The method is that of Mula and Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions" (2018), in its
 * form for registers of 128 bits.
 */
#include <config.h>

#include "crypto/base64_blocks.h"

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))

#include <immintrin.h>
#include <stdbool.h>

#define SSSE3 __attribute__((target("ssse3")))

static bool have_ssse3(void) {
    return __builtin_cpu_supports("ssse3") != 0;
}

/* Twelve bytes at the beginning of IN become sixteen numbers of six bits. */
SSSE3 static __m128i split(__m128i in) {
    /* Each 32 bits get the three bytes of a group, b a c b from the lowest. */
    const __m128i groups = _mm_shuffle_epi8(in, _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    /* The first and the third number of a group come down by a multiplication's upper half, the others go up. */
    const __m128i odd = _mm_mulhi_epu16(_mm_and_si128(groups, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040));
    const __m128i even = _mm_mullo_epi16(_mm_and_si128(groups, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010));

    return _mm_or_si128(odd, even);
}

/* The characters of sixteen numbers: each is a number and what its range of the alphabet is away from it. */
SSSE3 static __m128i to_characters(__m128i numbers) {
    const __m128i away = _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                       '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    const __m128i capital = _mm_cmpgt_epi8(_mm_set1_epi8(26), numbers);
    /* 0 for a to z, 1 to 10 for the digits, 11, 12, and 13 for A to Z. */
    const __m128i range =
        _mm_or_si128(_mm_subs_epu8(numbers, _mm_set1_epi8(51)), _mm_and_si128(capital, _mm_set1_epi8(13)));

    return _mm_add_epi8(_mm_shuffle_epi8(away, range), numbers);
}

SSSE3 static size_t encode_blocks(char *out, const uint8_t *in, size_t size) {
    size_t done = 0;

    /* A block reads four bytes more than it takes. */
    for (; size - done >= 16; done += 12, out += 16)
        _mm_storeu_si128((__m128i *)out, to_characters(split(_mm_loadu_si128((const __m128i *)(in + done)))));
    return done;
}

/* Turns sixteen characters into numbers.  False: one is not in the alphabet. */
SSSE3 static bool to_numbers(__m128i *numbers, __m128i characters) {
    /* For each high and each low half of a character a set of faults; a character with one that both have is wrong. */
    const __m128i high_faults =
        _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const __m128i low_faults =
        _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
    /* What a character's range is away from its numbers, by its high half; '/', which shares it with '+', has 1. */
    const __m128i away =
        _mm_setr_epi8(0, 63 - '/', 62 - '+', 52 - '0', 0 - 'A', 0 - 'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i slash = _mm_set1_epi8('/');
    const __m128i high = _mm_and_si128(_mm_srli_epi32(characters, 4), _mm_set1_epi8(0x0f));
    const __m128i low = _mm_and_si128(characters, _mm_set1_epi8(0x0f));
    const __m128i faults = _mm_and_si128(_mm_shuffle_epi8(high_faults, high), _mm_shuffle_epi8(low_faults, low));
    const __m128i range = _mm_add_epi8(_mm_cmpeq_epi8(characters, slash), high);

    *numbers = _mm_add_epi8(characters, _mm_shuffle_epi8(away, range));
    return _mm_movemask_epi8(_mm_cmpgt_epi8(faults, _mm_setzero_si128())) == 0;
}

/* Sixteen numbers become twelve bytes, and four that mean nothing. */
SSSE3 static __m128i join(__m128i numbers) {
    const __m128i pairs = _mm_maddubs_epi16(numbers, _mm_set1_epi32(0x01400140));
    const __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));

    return _mm_shuffle_epi8(groups, _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
}

SSSE3 static size_t decode_blocks(uint8_t *out, const uint8_t *in, size_t length) {
    size_t done = 0;
    __m128i numbers;

    /* A block writes four bytes more than it makes: there is room for them while eight characters are left. */
    for (; length - done >= 24; done += 16, out += 12) {
        if (!to_numbers(&numbers, _mm_loadu_si128((const __m128i *)(in + done))))
            break;
        _mm_storeu_si128((__m128i *)out, join(numbers));
    }
    return done;
}

size_t cs_base64_encode_blocks(char *out, const uint8_t *in, size_t size) {
    return have_ssse3() ? encode_blocks(out, in, size) : 0;
}

size_t cs_base64_decode_blocks(uint8_t *out, const uint8_t *in, size_t length) {
    return have_ssse3() ? decode_blocks(out, in, length) : 0;
}

#else

size_t cs_base64_encode_blocks(char *out, const uint8_t *in, size_t size) {
    (void)out;
    (void)in;
    (void)size;
    return 0;
}

size_t cs_base64_decode_blocks(uint8_t *out, const uint8_t *in, size_t length) {
    (void)out;
    (void)in;
    (void)length;
    return 0;
}

#endif
