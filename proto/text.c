#include <config.h>

#include "proto/error.h"
#include "proto/text.h"

#include <assert.h>

#define CUT_MARK "..."

size_t text_decode(struct span text, uint32_t *character) {
    const uint8_t *p = (const uint8_t *)text.data;
    /* Smallest character of each length: anything below it is an overlong form. */
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length;
    uint32_t c;

    if (text.size == 0)
        return 0;
    if (p[0] < 0x80) {
        *character = p[0];
        return 1;
    }
    if ((p[0] & 0xe0) == 0xc0)
        length = 2, c = p[0] & 0x1f;
    else if ((p[0] & 0xf0) == 0xe0)
        length = 3, c = p[0] & 0x0f;
    else if ((p[0] & 0xf8) == 0xf0)
        length = 4, c = p[0] & 0x07;
    else
        return 0;
    if (length > text.size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < smallest[length] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
        return 0;
    *character = c;
    return length;
}

bool text_is_utf8(struct span text) {
    size_t i = 0;

    while (i < text.size) {
        uint32_t character;
        size_t length = text_decode((struct span){text.data + i, text.size - i}, &character);

        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

/*
 * Characters that do more to a terminal, or to a reader, than stand there: the controls, and those of
 * Unicode's "format" and "default ignorable" kinds, which reorder what is around them or hide.
 */
static const struct {
    uint32_t first, last;
} unsafe[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},                       /* C0, DEL, C1 */
    {0x00ad, 0x00ad},                                           /* soft hyphen */
    {0x034f, 0x034f},                                           /* combining grapheme joiner */
    {0x061c, 0x061c},                                           /* Arabic letter mark */
    {0x115f, 0x1160},   {0x17b4, 0x17b5},                       /* fillers that show nothing */
    {0x180b, 0x180f},                                           /* Mongolian variation selectors */
    {0x200b, 0x200f},   {0x2028, 0x202e},                       /* zero width, separators, bidi */
    {0x2060, 0x206f},                                           /* word joiner, isolates */
    {0x3164, 0x3164},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   /* Hangul fillers, byte order mark */
    {0xfff0, 0xfffb},                                           /* interlinear annotation */
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, /* format controls */
    {0xe0000, 0xe0fff},                                         /* tags */
};

bool text_is_safe(uint32_t character) {
    /* Nearly all text is plain ASCII. */
    if (character >= 0x20 && character < 0x7f)
        return true;
    for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
        if (character >= unsafe[i].first && character <= unsafe[i].last)
            return false;
    return true;
}

/* The longest form that one character is written in: \u{10FFFF}. */
#define ESCAPED_MAX 10

static size_t put_hex(char *out, uint32_t value, unsigned digits) {
    for (unsigned i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[value >> 4 * (digits - 1 - i) & 15];
    return digits;
}

/* Writes the character at the start of TEXT, escaped if need be, to OUT.  Returns the bytes written,
 * and sets *USED to those read. */
static size_t escape_one(char out[static ESCAPED_MAX], struct span text, size_t *used) {
    uint32_t character;
    size_t length = text_decode(text, &character), size = 0;

    *used = length ? length : 1;
    if (length == 0)
        character = (uint8_t)text.data[0];
    else if (text_is_safe(character)) {
        memcpy(out, text.data, length);
        return length;
    }
    out[size++] = '\\';
    if (length < 2) {
        out[size++] = 'x';
        return size + put_hex(out + size, character, 2);
    }
    out[size++] = 'u';
    out[size++] = '{';
    size += put_hex(out + size, character, character > 0xffff ? character > 0xfffff ? 6 : 5 : 4);
    out[size++] = '}';
    return size;
}

static int escape(struct buffer *out, struct span text, bool keep_tabs) {
    size_t before = out->size;

    while (text.size > 0) {
        char escaped[ESCAPED_MAX] = "\t";
        size_t used = 1, size = 1;
        int error;

        if (!keep_tabs || text.data[0] != '\t')
            size = escape_one(escaped, text, &used);
        if ((error = buffer_append(out, escaped, size)) != PROTO_OK) {
            buffer_truncate(out, before);
            return error;
        }
        text.data += used;
        text.size -= used;
    }
    return PROTO_OK;
}

int text_escape(struct buffer *out, struct span text) {
    return escape(out, text, false);
}

int text_escape_but_tabs(struct buffer *out, struct span text) {
    return escape(out, text, true);
}

const char *text_escape_cut(char *out, size_t size, struct span text) {
    const size_t mark = sizeof(CUT_MARK) - 1;
    size_t filled = 0, safe = 0; /* `safe`: the last place where the mark still fits */

    assert(size >= sizeof(CUT_MARK) + mark);
    while (text.size > 0) {
        char escaped[ESCAPED_MAX];
        size_t used, length = escape_one(escaped, text, &used);

        if (filled + length >= size) {
            memcpy(out + safe, CUT_MARK, mark);
            filled = safe + mark;
            break;
        }
        memcpy(out + filled, escaped, length);
        filled += length;
        if (filled + mark < size)
            safe = filled;
        text.data += used;
        text.size -= used;
    }
    out[filled] = '\0';
    return out;
}
