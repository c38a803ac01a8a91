#include <config.h>

#include "proto/text.h"
#include "src/client/columns.h"

/* Ranges of characters that take no column, and that take two.  wcwidth() depends on the locale, which is often
 * "C" where the terminal is not. */
struct range {
    uint32_t first, last;
};

static const struct range zero_width[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
                                          {0x64b, 0x65f},   {0x93c, 0x93c},   {0x94d, 0x94d},   {0xe31, 0xe31},
                                          {0xe34, 0xe3a},   {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
                                          {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
static const struct range two_wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},
                                        {0xa960, 0xa97f},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                                        {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
                                        {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

/* Characters for which all terminals agree on the width.  About the rest (emoji above all, and scripts with ligatures)
 * they differ, and a newer table here would not help with an older terminal. */
static const struct range undisputed[] = {{0x20, 0x482},    {0x48a, 0x52f},   {0x1e00, 0x1fff}, {0x2010, 0x2027},
                                          {0x2030, 0x205e}, {0x20a0, 0x20bf}, {0x2200, 0x22ff}, {0x2500, 0x257f},
                                          {0x3000, 0x3029}, {0x3041, 0x3096}, {0x30a1, 0x30fe}, {0x3400, 0x4dbf},
                                          {0x4e00, 0x9fff}, {0xac00, 0xd7a3}, {0xff01, 0xff60}};

#define IN_RANGES(character, ranges) in_ranges(character, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static bool in_ranges(uint32_t character, const struct range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

size_t columns_of(uint32_t character) {
    if (IN_RANGES(character, zero_width))
        return 0;
    return IN_RANGES(character, two_wide) ? 2 : 1;
}

/* Where the cursor is after one more character of WIDTH. */
static void advance(struct place *place, size_t width, size_t columns) {
    if (place->column + width > columns) {
        place->row++;
        place->column = 0;
    }
    place->column += width;
}

/* Takes the first character off TEXT; a byte that is no UTF-8 counts as one. */
static uint32_t take(struct span *text) {
    uint32_t character = 0;
    size_t size = text_decode(*text, &character);

    size = size ? size : 1;
    text->data += size;
    text->size -= size;
    return character;
}

void columns_walk(struct place *place, struct span text, size_t columns) {
    while (text.size > 0)
        advance(place, columns_of(take(&text)), columns);
}

size_t columns_fit(struct span text, size_t columns, size_t *width) {
    struct span rest = text;

    *width = 0;
    while (rest.size > 0) {
        struct span next = rest;
        const uint32_t character = take(&next);
        const size_t most = IN_RANGES(character, undisputed) ? columns_of(character) : 2;

        if (*width + most > columns)
            break;
        *width += most;
        rest = next;
    }
    return text.size - rest.size;
}

/* Takes the rest of a control sequence "\033[...m" off TEXT. */
static void skip_color(struct span *text) {
    while (text->size > 0 && take(text) != 'm')
        continue;
}

void columns_extend(struct extent *extent, struct span text, size_t columns) {
    while (text.size > 0) {
        const uint32_t character = take(&text);

        if (character == '\033') {
            skip_color(&text);
        } else if (IN_RANGES(character, undisputed)) {
            advance(&extent->least, columns_of(character), columns);
            advance(&extent->most, columns_of(character), columns);
        } else {
            advance(&extent->most, 2, columns);
        }
    }
}
