/*
 * A recursive descent over the grammar of RFC 8259; the depth of the recursion is bounded by
 * JSON_DEPTH_MAX.
 *
 * Duplicate members are found by a 64-bit hash of the unescaped name.  Two different names with one
 * hash are refused as if they were the same: a sender can only do that to its own message, and by
 * chance it does not happen.
 */
#include <config.h>

#include "proto/error.h"
#include "proto/json_scan.h"
#include "proto/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Integers of a double's exactness, ±(2^53-1): sixteen digits. */
#define INTEGER_DIGITS_MAX 16
#define INTEGER_MAX        ((UINT64_C(1) << 53) - 1)

struct scanner {
    const char *at, *end;
    unsigned depth;
    size_t values;
    size_t names;                     /* members of the objects that are open */
    uint64_t hashes[JSON_VALUES_MAX]; /* and the hashes of their names, the innermost object's last */
    struct json_member *members;
    size_t count;
};

static bool scan_value(struct scanner *scanner, enum json_kind *kind);

static void skip_space(struct scanner *scanner) {
    while (scanner->at < scanner->end &&
           (*scanner->at == ' ' || *scanner->at == '\t' || *scanner->at == '\r' || *scanner->at == '\n'))
        scanner->at++;
}

static bool take(struct scanner *scanner, char c) {
    if (scanner->at == scanner->end || *scanner->at != c)
        return false;
    scanner->at++;
    return true;
}

static bool take_word(struct scanner *scanner, struct span word) {
    if ((size_t)(scanner->end - scanner->at) < word.size || memcmp(scanner->at, word.data, word.size) != 0)
        return false;
    scanner->at += word.size;
    return true;
}

static bool hex_digit(char c, uint32_t *value) {
    if (c >= '0' && c <= '9')
        *value = *value << 4 | (uint32_t)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *value = *value << 4 | (uint32_t)(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
        *value = *value << 4 | (uint32_t)(c - 'A' + 10);
    else
        return false;
    return true;
}

/* The four hexadecimal digits of a \u escape at TEXT. */
static bool hex_unit(const char *text, uint32_t *unit) {
    *unit = 0;
    for (size_t i = 0; i < 4; i++)
        if (!hex_digit(text[i], unit))
            return false;
    return true;
}

/* Reads the escape at TEXT of SIZE bytes, backslash first, and its character.  Returns the bytes it
 * takes, 0 if it is not one that is allowed. */
static size_t read_escape(const char *text, size_t size, uint32_t *character) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *letter;
    uint32_t low;

    if (size < 2)
        return 0;
    if (text[1] != 'u') {
        letter = memchr(letters, text[1], sizeof(letters) - 1);
        if (letter == NULL)
            return 0;
        *character = (uint32_t)meant[letter - letters];
        return 2;
    }
    if (size < 6 || !hex_unit(text + 2, character) || *character == 0)
        return 0;
    if (*character < 0xd800 || *character > 0xdfff)
        return 6;
    if (*character > 0xdbff || size < 12 || text[6] != '\\' || text[7] != 'u' || !hex_unit(text + 8, &low) ||
        low < 0xdc00 || low > 0xdfff)
        return 0;
    *character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
    return 12;
}

/* Bytes that a string may hold as they are: ASCII from space on, but for the quote and the backslash. */
static bool is_plain(uint8_t c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Sixteen bytes or eight at a time, since most of what travels is base64. */
#ifdef __SSE2__

/* Goes on from *AT over whole blocks of plain bytes.  True: *AT is one that is not plain. */
static bool skip_blocks(const char **at, const char *end) {
    for (; end - *at >= 16; *at += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)*at);
        /* As numbers with a sign, bytes that are not ASCII are under 0x20 too. */
        const __m128i odd = _mm_or_si128(
            _mm_cmplt_epi8(block, _mm_set1_epi8(0x20)),
            _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))));
        const int mask = _mm_movemask_epi8(odd);

        if (mask != 0) {
            *at += __builtin_ctz((unsigned)mask);
            return true;
        }
    }
    return false;
}

#else

/* The same, but for where in its block the byte is.  The top bit of a byte of ODD is set if that byte, or one below it,
 * is a quote, a backslash, under 0x20, or not ASCII: what has that bit already keeps it in two of the three
 * differences. */
static bool skip_blocks(const char **at, const char *end) {
    const uint64_t each = UINT64_C(0x0101010101010101);

    for (; end - *at >= 8; *at += 8) {
        uint64_t word, odd;

        memcpy(&word, *at, sizeof(word));
        odd = (word - each * 0x20) | ((word ^ each * '"') - each) | ((word ^ each * '\\') - each);
        if ((odd & each * 0x80) != 0)
            break;
    }
    return false;
}

#endif

/* The first byte from AT on that is not plain, END if all are. */
static const char *skip_plain(const char *at, const char *end) {
    if (skip_blocks(&at, end))
        return at;
    while (at < end && is_plain((uint8_t)*at))
        at++;
    return at;
}

/* A string, at its opening quote.  VALUE gets what is between the quotes. */
static bool scan_string(struct scanner *scanner, struct span *value, bool *escaped) {
    const char *begin, *at, *end = scanner->end;

    if (!take(scanner, '"'))
        return false;
    *escaped = false;
    begin = at = scanner->at;
    for (;;) {
        uint32_t character;
        size_t length;

        at = skip_plain(at, end);
        if (at == end)
            return false;
        if (*at == '"')
            break;
        if (*at == '\\') {
            *escaped = true;
            length = read_escape(at, (size_t)(end - at), &character);
        } else if ((uint8_t)*at < 0x20) {
            return false;
        } else {
            length = text_decode((struct span){at, (size_t)(end - at)}, &character);
        }
        if (length == 0)
            return false;
        at += length;
    }
    *value = (struct span){begin, (size_t)(at - begin)};
    scanner->at = at + 1;
    return true;
}

/* -?(0|[1-9][0-9]*), and nothing that would make it a fraction. */
static bool scan_integer(struct scanner *scanner) {
    const char *begin;
    uint64_t value = 0;

    take(scanner, '-');
    begin = scanner->at;
    while (scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9') {
        if (scanner->at - begin == INTEGER_DIGITS_MAX)
            return false;
        value = value * 10 + (uint64_t)(*scanner->at++ - '0');
    }
    if (scanner->at == begin || (*begin == '0' && scanner->at - begin > 1) || value > INTEGER_MAX)
        return false;
    return scanner->at == scanner->end || strchr(".eE", *scanner->at) == NULL;
}

/* FNV-1a over the unescaped bytes. */
static uint64_t hash_name(struct span name) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < name.size;) {
        uint32_t character = (uint8_t)name.data[i];
        size_t length = 1;

        if (name.data[i] == '\\')
            length = read_escape(name.data + i, name.size - i, &character);
        else if (character >= 0x80)
            length = text_decode((struct span){name.data + i, name.size - i}, &character);

        hash = (hash ^ character) * UINT64_C(0x100000001b3);
        i += length;
    }
    return hash;
}

/* Notes a member of the innermost object. */
static bool note_name(struct scanner *scanner, struct span name) {
    if (scanner->names == JSON_VALUES_MAX)
        return false;
    scanner->hashes[scanner->names++] = hash_name(name);
    return true;
}

/* True if no two of COUNT hashes are equal.  Sorts them, with Shell's method and Ciura's gaps: an object of two
 * thousand members must not cost a millisecond, and one of ten not more than ten comparisons. */
static bool all_differ(uint64_t *hashes, size_t count) {
    static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};

    for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
        for (size_t i = gaps[g]; i < count; i++) {
            uint64_t hash = hashes[i];
            size_t at = i;

            for (; at >= gaps[g] && hashes[at - gaps[g]] > hash; at -= gaps[g])
                hashes[at] = hashes[at - gaps[g]];
            hashes[at] = hash;
        }
    }
    for (size_t i = 1; i < count; i++)
        if (hashes[i] == hashes[i - 1])
            return false;
    return true;
}

/* True if RAW, a scanned string, means NAME, with escapes or without. */
static bool means(struct span raw, struct span name) {
    size_t used = 0;

    for (size_t i = 0; i < raw.size; used++) {
        uint32_t character = (uint8_t)raw.data[i];

        i += raw.data[i] == '\\' ? read_escape(raw.data + i, raw.size - i, &character) : 1;
        if (used == name.size || character != (uint8_t)name.data[used])
            return false;
    }
    return used == name.size;
}

static struct json_member *wanted_member(const struct scanner *scanner, struct span name) {
    if (scanner->depth != 1)
        return NULL;
    for (size_t i = 0; i < scanner->count; i++)
        if (means(name, scanner->members[i].name))
            return &scanner->members[i];
    return NULL;
}

/* One `"name": value`. */
static bool scan_member(struct scanner *scanner) {
    struct json_member *wanted;
    struct span name;
    const char *begin;
    enum json_kind kind;
    bool escaped;

    if (!scan_string(scanner, &name, &escaped) || !note_name(scanner, name))
        return false;
    skip_space(scanner);
    if (!take(scanner, ':'))
        return false;
    skip_space(scanner);
    wanted = wanted_member(scanner, name);
    begin = scanner->at;
    if (wanted == NULL)
        return scan_value(scanner, &kind);
    if (scanner->at < scanner->end && *scanner->at == '"') {
        wanted->kind = JSON_STRING;
        return ++scanner->values <= JSON_VALUES_MAX && scan_string(scanner, &wanted->value, &wanted->escaped);
    }
    if (!scan_value(scanner, &wanted->kind))
        return false;
    wanted->value = (struct span){begin, (size_t)(scanner->at - begin)};
    return true;
}

static bool scan_object(struct scanner *scanner) {
    const size_t first = scanner->names;

    skip_space(scanner);
    if (!take(scanner, '}')) {
        do {
            skip_space(scanner);
            if (!scan_member(scanner))
                return false;
            skip_space(scanner);
        } while (take(scanner, ','));
        if (!take(scanner, '}'))
            return false;
    }
    if (!all_differ(scanner->hashes + first, scanner->names - first))
        return false;
    scanner->names = first;
    return true;
}

static bool scan_array(struct scanner *scanner) {
    enum json_kind kind;

    skip_space(scanner);
    if (take(scanner, ']'))
        return true;
    do {
        skip_space(scanner);
        if (!scan_value(scanner, &kind))
            return false;
        skip_space(scanner);
    } while (take(scanner, ','));
    return take(scanner, ']');
}

static bool scan_value(struct scanner *scanner, enum json_kind *kind) {
    struct span value;
    bool escaped, legal;

    if (++scanner->values > JSON_VALUES_MAX || scanner->at == scanner->end)
        return false;
    switch (*scanner->at) {
    case '{':
    case '[':
        if (scanner->depth == JSON_DEPTH_MAX)
            return false;
        *kind = *scanner->at++ == '{' ? JSON_OBJECT : JSON_ARRAY;
        scanner->depth++;
        legal = *kind == JSON_OBJECT ? scan_object(scanner) : scan_array(scanner);
        scanner->depth--;
        return legal;
    case '"':
        *kind = JSON_STRING;
        return scan_string(scanner, &value, &escaped);
    case 't':
        *kind = JSON_BOOLEAN;
        return take_word(scanner, SPAN("true"));
    case 'f':
        *kind = JSON_BOOLEAN;
        return take_word(scanner, SPAN("false"));
    case 'n':
        *kind = JSON_NULL;
        return take_word(scanner, SPAN("null"));
    default:
        *kind = JSON_INTEGER;
        return scan_integer(scanner);
    }
}

int json_scan(const char *text, size_t size, struct json_member *members, size_t count) {
    /* Not initialised as a whole: `hashes` is 16 KiB, of which a message uses a few words. */
    struct scanner scanner;
    enum json_kind kind;

    if (size == 0)
        return PROTO_E_JSON;
    scanner.at = text;
    scanner.end = text + size;
    scanner.depth = 0;
    scanner.values = scanner.names = 0;
    scanner.members = members;
    scanner.count = count;
    for (size_t i = 0; i < count; i++)
        members[i].kind = JSON_NONE;

    skip_space(&scanner);
    if (scanner.at == scanner.end || *scanner.at != '{' || !scan_value(&scanner, &kind))
        return PROTO_E_JSON;
    skip_space(&scanner);
    return scanner.at == scanner.end ? PROTO_OK : PROTO_E_JSON;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

size_t json_unescape(char *data, size_t size) {
    size_t in = 0, out = 0;

    while (in < size) {
        uint32_t character = 0;

        if (data[in] != '\\') {
            data[out++] = data[in++];
            continue;
        }
        in += read_escape(data + in, size - in, &character);
        /* An escape is never shorter than its character. */
        out += put_utf8(data + out, character);
    }
    return out;
}
