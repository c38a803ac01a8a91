/* proto/text.c */
#include <config.h>

#include "proto/error.h"
#include "proto/text.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>

#define UNICODE_MAX 0x10ffff

static size_t encode(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 + c / 0x40);
        out[1] = (char)(0x80 + c % 0x40);
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 + c / 0x1000);
        out[1] = (char)(0x80 + c / 0x40 % 0x40);
        out[2] = (char)(0x80 + c % 0x40);
        return 3;
    }
    out[0] = (char)(0xf0 + c / 0x40000);
    out[1] = (char)(0x80 + c / 0x1000 % 0x40);
    out[2] = (char)(0x80 + c / 0x40 % 0x40);
    out[3] = (char)(0x80 + c % 0x40);
    return 4;
}

/* ---- UTF-8 ------------------------------------------------------------------------------------ */

/* The grammar of RFC 3629 section 4: the ranges of the first two bytes, and how many any-tail bytes follow. */
static const struct {
    uint8_t first, last, second_first, second_last;
    size_t tails;
} grammar[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 0}, {0xe0, 0xe0, 0xa0, 0xbf, 1}, {0xe1, 0xec, 0x80, 0xbf, 1}, {0xed, 0xed, 0x80, 0x9f, 1},
    {0xee, 0xef, 0x80, 0xbf, 1}, {0xf0, 0xf0, 0x90, 0xbf, 2}, {0xf1, 0xf3, 0x80, 0xbf, 2}, {0xf4, 0xf4, 0x80, 0x8f, 2},
};

/* The bytes that the character at the start takes, 0 if there is none. */
static size_t grammar_length(const uint8_t *p, size_t size) {
    if (size > 0 && p[0] < 0x80)
        return 1;
    for (size_t i = 0; i < COUNT(grammar); i++) {
        if (size < 2 || p[0] < grammar[i].first || p[0] > grammar[i].last)
            continue;
        if (p[1] < grammar[i].second_first || p[1] > grammar[i].second_last || size < 2 + grammar[i].tails)
            return 0;
        for (size_t j = 2; j < 2 + grammar[i].tails; j++)
            if (p[j] < 0x80 || p[j] > 0xbf)
                return 0;
        return 2 + grammar[i].tails;
    }
    return 0;
}

static void test_characters(void) {
    unsigned wrong = 0;

    for (uint32_t c = 0; c <= UNICODE_MAX + 0x1000; c++) {
        char bytes[4];
        const struct span text = {bytes, encode(bytes, c)};
        const bool exists = c <= UNICODE_MAX && !(c >= 0xd800 && c <= 0xdfff);
        uint32_t character = 0;

        wrong += text_decode(text, &character) != (exists ? text.size : 0) || character != (exists ? c : 0);
        wrong += text_is_utf8(text) != exists;
    }
    IS_INT(wrong, 0, "every character is decoded, and no surrogate nor what is above U+10FFFF");
}

static void test_sequences(void) {
    static const uint8_t borders[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    unsigned wrong = 0;

    for (unsigned pair = 0; pair < 0x10000; pair++)
        for (size_t tails = 0; tails < COUNT(borders) * COUNT(borders); tails++) {
            const uint8_t bytes[] = {(uint8_t)(pair >> 8), (uint8_t)pair, borders[tails % COUNT(borders)],
                                     borders[tails / COUNT(borders)]};

            /* Whole, and cut short. */
            for (size_t size = 1; size <= sizeof(bytes); size++) {
                uint32_t character;

                wrong +=
                    text_decode((struct span){(const char *)bytes, size}, &character) != grammar_length(bytes, size);
            }
        }
    IS_INT(wrong, 0, "sequences are well-formed as RFC 3629 has it: no overlong form, no stray or missing byte");
}

static void test_texts(void) {
    static const char good[] = "plain, \xc3\xa9, \xe2\x82\xac, \xf0\x9f\x98\x80";
    uint32_t character = 77;

    OK(text_is_utf8((struct span){NULL, 0}), "an empty text is UTF-8");
    IS_INT(text_decode((struct span){NULL, 0}, &character), 0, "but has no first character");
    IS_INT(character, 77, "and none is given");
    OK(text_is_utf8(SPAN("a\0b")), "so is a NUL");
    OK(text_is_utf8(span_of(good)), "and text of all lengths");
    for (size_t size = sizeof(good) - 4; size < sizeof(good) - 1; size++) {
        char *cut = copy_exact(good, size);

        OK(!text_is_utf8((struct span){cut, size}), "not one that is cut in a character");
        free(cut);
    }
    OK(!text_is_utf8(SPAN("a\xff"
                          "b")),
       "nor one with a byte that never occurs");
}

/* ---- escaping --------------------------------------------------------------------------------- */

static void test_escape(void) {
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        {"plain text", "Hello, world! ~", "Hello, world! ~"},
        {"a backslash", "a\\b", "a\\b"},
        {"a tab", "a\tb", "a\\x09b"},
        {"BEL", "\a", "\\x07"},
        {"BS", "\b", "\\x08"},
        {"LF", "a\nb", "a\\x0ab"},
        {"CR", "a\rb", "a\\x0db"},
        {"ESC", "\033[2J", "\\x1b[2J"},
        {"US", "\037 ", "\\x1f "},
        {"DEL", "\177", "\\x7f"},
        {"C1: CSI", "\xc2\x9b", "\\u{009b}"},
        {"C1: the first and last", "\xc2\x80\xc2\x9f\xc2\xa0", "\\u{0080}\\u{009f}\xc2\xa0"},
        {"letters", "\xc3\xa9\xce\xa9\xd0\x96\xe4\xb8\xad", "\xc3\xa9\xce\xa9\xd0\x96\xe4\xb8\xad"},
        {"a soft hyphen", "\xc2\xad", "\\u{00ad}"},
        {"bidi: LRM", "\xe2\x80\x8e", "\\u{200e}"},
        {"bidi: RLM", "\xe2\x80\x8f", "\\u{200f}"},
        {"bidi: ALM", "\xd8\x9c", "\\u{061c}"},
        {"bidi: RLO",
         "a\xe2\x80\xae"
         "b",
         "a\\u{202e}b"},
        {"bidi: LRI to PDI", "\xe2\x81\xa6\xe2\x81\xa9", "\\u{2066}\\u{2069}"},
        {"zero width: ZWSP, ZWNJ, ZWJ", "\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d", "\\u{200b}\\u{200c}\\u{200d}"},
        {"zero width: WJ, BOM", "\xe2\x81\xa0\xef\xbb\xbf", "\\u{2060}\\u{feff}"},
        {"line and paragraph separators", "\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
        {"interlinear annotation", "\xef\xbf\xb9", "\\u{fff9}"},
        {"tags", "\xf3\xa0\x80\x81\xf3\xa0\x81\xbf", "\\u{e0001}\\u{e007f}"},
        {"an emoji", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
        {"the last character", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        {"a stray byte", "a\x80", "a\\x80"},
        {"an overlong form", "\xc0\xaf", "\\xc0\\xaf"},
        {"a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"a character cut short", "\xf0\x9f\x98", "\\xf0\\x9f\\x98"},
        {"what follows it", "\xe2\x82z", "\\xe2\\x82z"},
        {"bytes that never occur", "\xfe\xff", "\\xfe\\xff"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = BUFFER_INIT(100);
        char *text = copy_exact(cases[i].text, strlen(cases[i].text));

        IS_INT(text_escape(&out, (struct span){text, strlen(cases[i].text)}), PROTO_OK, "%s: escaped", cases[i].name);
        OK(span_equal(buffer_span(&out), span_of(cases[i].want)), "%s: as it should be", cases[i].name);
        free(text);
        buffer_free(&out);
    }
}

static bool in_ranges(uint32_t c, const uint32_t (*ranges)[2], size_t count) {
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static void test_all_characters(void) {
    /* Unicode 15: general categories Cc, Zl, Zp; properties Bidi_Control and Default_Ignorable_Code_Point
     * less the variation selectors, which are a part of how an emoji is written. */
    static const uint32_t escaped[][2] = {
        {0x0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
        {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfff8},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0xe0fff},
    };
    /* What text consists of: all else up to U+2FFF but for format characters, and the blocks of CJK and Hangul. */
    static const uint32_t plain[][2] = {{0x20, 0x7e},      {0xa0, 0xac},     {0xae, 0x34e},    {0x350, 0x5ff},
                                        {0x620, 0x6dc},    {0x900, 0x115e},  {0x1e00, 0x200a}, {0x2010, 0x2027},
                                        {0x2030, 0x205f},  {0x2070, 0x3163}, {0x3165, 0xd7ff}, {0xe000, 0xf8ff},
                                        {0x1f300, 0x1faff}};
    unsigned left = 0, needless = 0, unprintable = 0;

    for (uint32_t c = 0; c <= UNICODE_MAX; c++) {
        struct buffer out = BUFFER_INIT(10);
        char bytes[4];
        const struct span text = {bytes, encode(bytes, c)};
        bool same;

        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        require(text_escape(&out, text) == PROTO_OK, "ten bytes are enough for one character");
        same = span_equal(buffer_span(&out), text);
        left += same && in_ranges(c, escaped, COUNT(escaped));
        needless += !same && in_ranges(c, plain, COUNT(plain));
        for (size_t i = 0; !same && i < out.size; i++)
            unprintable += buffer_data(&out)[i] < 0x20 || buffer_data(&out)[i] > 0x7e;
        buffer_free(&out);
    }
    IS_INT(left, 0, "of all characters, controls, bidirectional and invisible ones are escaped");
    IS_INT(needless, 0, "letters, signs and symbols are not");
    IS_INT(unprintable, 0, "and an escape is printable ASCII");
}

static void test_escape_bounds(void) {
    struct buffer out = BUFFER_INIT(TEXT_ESCAPE_MAX(4));

    IS_INT(text_escape(&out, SPAN("\xff\xff\xff\xff")), PROTO_OK, "four bytes become TEXT_ESCAPE_MAX(4)");
    IS_INT(out.size, out.limit, "which is full then");
    buffer_truncate(&out, 3);
    IS_INT(text_escape(&out, SPAN("ok\xff\xff\xff\xff")), PROTO_E_FULL, "more than there is room for");
    IS_INT(out.size, 3, "changes nothing");
    IS_INT(text_escape(&out, (struct span){NULL, 0}), PROTO_OK, "nothing becomes nothing");
    buffer_free(&out);
}

/* Every size of the array, for texts whose escapes have all lengths: the whole if it fits, else as many whole
 * characters as fit with the mark. */
static void test_cut(void) {
    static const char *const texts[] = {"",
                                        "short",
                                        "a text that is somewhat longer than most of the arrays",
                                        "\033\033\033\033\033\033\033\033",
                                        "\xf3\xa0\x80\x81z\xf3\xa0\x80\x81z\xf3\xa0\x80\x81",
                                        "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9",
                                        "ab\xe2\x80\xae-cd\xff\xc2\x9b e\xe2\x82"};
    unsigned wrong = 0, sizes = 0;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buffer whole = BUFFER_INIT(1000);

        require(text_escape(&whole, span_of(texts[i])) == PROTO_OK, "a text is escaped");
        for (size_t size = 8; size < whole.size + 10; size++) {
            char *out = malloc(size);
            const char *got;
            size_t length, kept;

            require(out != NULL, "memory for an array");
            got = text_escape_cut(out, size, span_of(texts[i]));
            length = strlen(out);
            sizes++;
            wrong += got != out || length >= size;
            if (whole.size < size) {
                wrong += !span_equal((struct span){out, length}, buffer_span(&whole));
            } else {
                kept = length - 3;
                wrong += length < 3 || memcmp(out + kept, "...", 3) != 0;
                wrong += kept > 0 && memcmp(out, buffer_data(&whole), kept) != 0;
                wrong += !text_is_utf8(span_of(out));
                /* Not cut within an escape, and not earlier than the longest character has to be. */
                wrong += memchr(out + (kept > 9 ? kept - 9 : 0), '{', kept > 9 ? 9 : kept) != NULL &&
                         strchr(out + (kept > 9 ? kept - 9 : 0), '}') == NULL;
                wrong += kept + 3 + 10 < size - 1;
            }
            free(out);
        }
        buffer_free(&whole);
    }
    IS_INT(wrong, 0, "a text is cut to %u sizes at a character, and marked", sizes);
}

int main(void) {
    char out[8];

    test_characters();
    test_sequences();
    test_texts();
    test_escape();
    test_all_characters();
    test_escape_bounds();
    test_cut();
    IS_STR(text_escape_cut(out, sizeof(out), SPAN("abcdefg")), "abcdefg", "seven characters fit in eight bytes");
    IS_STR(text_escape_cut(out, sizeof(out), SPAN("abcdefgh")), "abcd...", "eight do not");
    IS_STR(text_escape_cut(out, sizeof(out), SPAN("\033\033")), "\\x1b...", "nor do two escapes");
    IS_STR(text_escape_cut(out, sizeof(out), SPAN("\xe2\x80\xae")), "...", "an escape that does not fit is left out");
    IS_STR(text_escape_cut(out, sizeof(out), SPAN("a\0b")), "a\\x00b", "a NUL does not end a text");
    return tap_done();
}
