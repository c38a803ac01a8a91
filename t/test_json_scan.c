/* proto/json_scan.c: every line that the protocol does not allow, each beside one that it does. */
#include <config.h>

#include "proto/error.h"
#include "proto/json_scan.h"
#include "t/agreement.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>

static int scan(const char *text, size_t size) {
    char *copy = copy_exact(text, size);
    int error = json_scan(copy, size, NULL, 0);

    free(copy);
    return error;
}

/* ---- lines, good and bad ------------------------------------------------------------------------ */

#define GOOD(name, text)                                                                                               \
    { name, text, sizeof(text) - 1, PROTO_OK }
#define BAD(name, text)                                                                                                \
    { name, text, sizeof(text) - 1, PROTO_E_JSON }

static const struct {
    const char *name;
    const char *text;
    size_t size;
    int want;
} lines[] = {
    GOOD("an empty object", "{}"),
    GOOD("white space everywhere", " \t\r\n{ \"a\" : [ 1 , { } , [ ] ] , \"b\" : null } \t\r\n"),
    BAD("nothing", ""),
    BAD("white space alone", "  "),
    BAD("a form feed is no white space", "\f{}"),
    BAD("nor is a vertical tab", "{\v}"),
    BAD("nor a no-break space", "{\xc2\xa0}"),
    BAD("an array on top", "[]"),
    BAD("an array with an object on top", "[{}]"),
    BAD("a string on top", "\"a\""),
    BAD("a number on top", "1"),
    BAD("a word on top", "null"),
    BAD("an object without its end", "{"),
    BAD("an array without its end", "{\"a\":[1"),
    BAD("the wrong bracket", "{\"a\":[1}"),
    BAD("the wrong bracket at the end", "{\"a\":1]"),
    BAD("a member without value", "{\"a\"}"),
    BAD("a member without value, with its colon", "{\"a\":}"),
    BAD("a member without colon", "{\"a\" 1}"),
    BAD("two colons", "{\"a\"::1}"),
    BAD("a name without quotes", "{a:1}"),
    BAD("a number as a name", "{1:1}"),
    BAD("a word as a name", "{null:1}"),
    BAD("no comma between members", "{\"a\":1 \"b\":2}"),
    BAD("no comma between elements", "{\"a\":[1 2]}"),
    BAD("a semicolon", "{\"a\":1;\"b\":2}"),
    BAD("two commas", "{\"a\":1,,\"b\":2}"),
    BAD("a comma first", "{,\"a\":1}"),
    BAD("a comma alone", "{,}"),
    BAD("a trailing comma in an object", "{\"a\":1,}"),
    BAD("a trailing comma in an array", "{\"a\":[1,]}"),
    BAD("a comma alone in an array", "{\"a\":[,]}"),

    GOOD("the words", "{\"a\":[true,false,null]}"),
    BAD("TRUE", "{\"a\":TRUE}"),
    BAD("True", "{\"a\":True}"),
    BAD("tru", "{\"a\":tru}"),
    BAD("truee", "{\"a\":truee}"),
    BAD("nul at the end", "{\"a\":nul"),
    BAD("Null", "{\"a\":Null}"),
    BAD("undefined", "{\"a\":undefined}"),
    BAD("NaN", "{\"a\":NaN}"),
    BAD("nan", "{\"a\":nan}"),
    BAD("Infinity", "{\"a\":Infinity}"),
    BAD("-Infinity", "{\"a\":-Infinity}"),
    BAD("-inf", "{\"a\":-inf}"),

    BAD("single quotes", "{'a':1}"),
    BAD("single quotes around a value", "{\"a\":'b'}"),
    GOOD("a single quote in a string", "{\"a\":\"'\"}"),
    BAD("a comment", "{/* c */\"a\":1}"),
    BAD("a comment to the end of the line", "{\"a\":1}// c"),
    BAD("a comment after a hash", "{\"a\":1}#"),
    GOOD("what looks like a comment in a string", "{\"a\":\"/* // #\"}"),
    BAD("something after the object", "{}x"),
    BAD("another object after the object", "{}{}"),
    BAD("a comma after the object", "{},"),
    BAD("a bracket after the object", "{}}"),
    BAD("a NUL after the object", "{}\0"),
    BAD("a byte order mark", "\xef\xbb\xbf{}"),
    GOOD("a byte order mark in a string", "{\"a\":\"\xef\xbb\xbf\"}"),

    GOOD("zero", "{\"a\":0}"),
    GOOD("minus zero", "{\"a\":-0}"),
    GOOD("2^53-1", "{\"a\":9007199254740991}"),
    GOOD("-(2^53-1)", "{\"a\":-9007199254740991}"),
    BAD("2^53", "{\"a\":9007199254740992}"),
    BAD("-2^53", "{\"a\":-9007199254740992}"),
    BAD("the largest of sixteen digits", "{\"a\":9999999999999999}"),
    BAD("seventeen digits", "{\"a\":10000000000000000}"),
    BAD("2^64", "{\"a\":18446744073709551616}"),
    BAD("2^64 + 1", "{\"a\":18446744073709551617}"),
    BAD("a hundred digits", "{\"a\":1000000000000000000000000000000000000000000000000000000000000000000000000000"
                            "000000000000000000000000}"),
    BAD("a fraction", "{\"a\":1.5}"),
    BAD("a fraction of zero", "{\"a\":1.0}"),
    BAD("a point at the end", "{\"a\":1.}"),
    BAD("a point at the start", "{\"a\":.5}"),
    BAD("an exponent", "{\"a\":1e2}"),
    BAD("an exponent in a capital", "{\"a\":1E2}"),
    BAD("an exponent of zero", "{\"a\":1e0}"),
    BAD("a leading zero", "{\"a\":01}"),
    BAD("two zeros", "{\"a\":00}"),
    BAD("a leading zero after a minus", "{\"a\":-01}"),
    BAD("seventeen zeros", "{\"a\":00000000000000000}"),
    BAD("a plus", "{\"a\":+1}"),
    BAD("a minus alone", "{\"a\":-}"),
    BAD("two minuses", "{\"a\":--1}"),
    BAD("a space after a minus", "{\"a\":- 1}"),
    BAD("hexadecimal", "{\"a\":0x10}"),
    BAD("digits apart", "{\"a\":1 000}"),
    BAD("digits and letters", "{\"a\":1a}"),
    BAD("digits at the end of the text", "{\"a\":1"),
    BAD("a NUL after digits", "{\"a\":1\0}"),

    GOOD("an empty string", "{\"\":\"\"}"),
    GOOD("the escapes", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"}"),
    BAD("an escape that is none", "{\"a\":\"\\a\"}"),
    BAD("an escape of a quote that is none", "{\"a\":\"\\'\"}"),
    BAD("an escape in hexadecimal", "{\"a\":\"\\x41\"}"),
    BAD("a capital \\U", "{\"a\":\"\\U0041\"}"),
    BAD("an escaped NUL", "{\"a\":\"\\\0\"}"),
    BAD("an escape at the end", "{\"a\":\"\\"),
    BAD("a \\u at the end", "{\"a\":\"\\u00"),
    BAD("a \\u with three digits", "{\"a\":\"\\u004\"}"),
    BAD("a \\u with a letter that is no digit", "{\"a\":\"\\u004g\"}"),
    BAD("a \\u with a sign", "{\"a\":\"\\u+041\"}"),
    BAD("a \\u with a space", "{\"a\":\"\\u 041\"}"),
    GOOD("a \\u in capitals and small letters", "{\"a\":\"\\u00AbcD\\uFeFf\"}"),
    BAD("\\u0000", "{\"a\":\"\\u0000\"}"),
    BAD("\\u0000 in a name", "{\"a\\u0000b\":1}"),
    GOOD("\\u0001", "{\"a\":\"\\u0001\"}"),
    GOOD("a surrogate pair", "{\"a\":\"\\ud83d\\ude00\"}"),
    GOOD("the first and the last pair", "{\"a\":\"\\ud800\\udc00\\uDBFF\\uDFFF\"}"),
    GOOD("the characters around surrogates", "{\"a\":\"\\ud7ff\\ue000\"}"),
    BAD("a lone high surrogate", "{\"a\":\"\\ud83d\"}"),
    BAD("a high surrogate and a character", "{\"a\":\"\\ud83d\\u0041\"}"),
    BAD("a high surrogate and a plain character", "{\"a\":\"\\ud83dAAAAAA\"}"),
    BAD("a high surrogate and another escape", "{\"a\":\"\\ud83d\\n\"}"),
    BAD("two high surrogates", "{\"a\":\"\\ud83d\\ud83d\"}"),
    BAD("a lone low surrogate", "{\"a\":\"\\ude00\"}"),
    BAD("a pair the wrong way round", "{\"a\":\"\\ude00\\ud83d\"}"),
    BAD("a high surrogate at the end", "{\"a\":\"\\ud83d"),
    BAD("a low surrogate cut short", "{\"a\":\"\\ud83d\\ude0"),
    BAD("a lone surrogate in a name", "{\"\\udfff\":1}"),
    BAD("a lone surrogate deep inside", "{\"a\":[{\"b\":\"\\udfff\"}]}"),

    BAD("a bare NUL", "{\"a\":\"\0\"}"),
    BAD("a bare NUL in a name", "{\"a\0\":1}"),
    BAD("a bare tab", "{\"a\":\"\t\"}"),
    BAD("a bare line feed", "{\"a\":\"\n\"}"),
    BAD("a bare ESC", "{\"a\":\"\033\"}"),
    BAD("a bare 0x1f", "{\"a\":\"\037\"}"),
    BAD("a bare control byte in a name", "{\"a\001\":1}"),
    BAD("a control byte between values", "{\"a\":1,\001\"b\":2}"),
    GOOD("a space and a DEL", "{\"a\":\" \177\"}"),
    BAD("a string without its end", "{\"a\":\"b}"),
    BAD("a name without its end", "{\"a"),
    BAD("a string whose end is escaped", "{\"a\":\"b\\\"}"),

    GOOD("UTF-8 of two, three and four bytes", "{\"\xc3\xa9\":\"\xe2\x82\xac\xf0\x9f\x98\x80\"}"),
    GOOD("the last characters of each length", "{\"a\":\"\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf\"}"),
    BAD("an overlong '/' of two bytes", "{\"a\":\"\xc0\xaf\"}"),
    BAD("an overlong '/' of three bytes", "{\"a\":\"\xe0\x80\xaf\"}"),
    BAD("an overlong '/' of four bytes", "{\"a\":\"\xf0\x80\x80\xaf\"}"),
    BAD("an overlong NUL", "{\"a\":\"\xc0\x80\"}"),
    BAD("an overlong quote", "{\"a\":\"\xc0\xa2}"),
    BAD("a surrogate in UTF-8", "{\"a\":\"\xed\xa0\x80\"}"),
    BAD("a surrogate pair in UTF-8", "{\"a\":\"\xed\xa0\xbd\xed\xb8\x80\"}"),
    BAD("above U+10FFFF", "{\"a\":\"\xf4\x90\x80\x80\"}"),
    BAD("a five-byte form", "{\"a\":\"\xf8\x88\x80\x80\x80\"}"),
    BAD("a stray byte", "{\"a\":\"\x80\"}"),
    BAD("a byte that never occurs", "{\"a\":\"\xff\"}"),
    BAD("a character cut short by the quote", "{\"a\":\"\xe2\x82\"}"),
    BAD("a character cut short by the end", "{\"a\":\"\xf0\x9f\x98"),
    BAD("bad UTF-8 in a name", "{\"\xc3\":1}"),
    BAD("bad UTF-8 between values", "{\"a\":1\xff}"),

    BAD("a member twice", "{\"a\":1,\"a\":1}"),
    BAD("a member twice, far apart", "{\"a\":1,\"b\":2,\"c\":[3],\"a\":1}"),
    BAD("the empty member twice", "{\"\":1,\"\":1}"),
    BAD("a member again with an escape", "{\"type\":1,\"t\\u0079pe\":1}"),
    BAD("a member again with another escape", "{\"a/b\":1,\"a\\/b\":1}"),
    BAD("the same in capitals and small letters of the escape", "{\"\\u00EA\":1,\"\\u00ea\":1}"),
    BAD("a member again as UTF-8 and as an escape", "{\"\xc3\xa9\":1,\"\\u00e9\":1}"),
    BAD("a member again as UTF-8 and as a pair", "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":1}"),
    BAD("a member twice in an inner object", "{\"a\":{\"b\":1,\"b\":1}}"),
    BAD("a member twice in an object in an array", "{\"a\":[{},{\"b\":1,\"b\":1}]}"),
    BAD("a member again after an inner object", "{\"a\":{\"b\":1},\"a\":1}"),
    BAD("a member again in an outer object", "{\"a\":1,\"b\":{\"c\":{}},\"a\":1}"),
    GOOD("the same name inside and outside", "{\"a\":{\"a\":{\"a\":1}}}"),
    GOOD("the same name side by side", "{\"a\":{\"x\":1},\"b\":{\"x\":1},\"c\":[{\"x\":1},{\"x\":1}]}"),
    GOOD("names that differ in case", "{\"a\":1,\"A\":1}"),
    GOOD("names that differ in a blank", "{\"a\":1,\"a \":1}"),
    GOOD("names of the same letters", "{\"ab\":1,\"ba\":1,\"a\":1,\"b\":1}"),

    GOOD("depth 6, objects", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}"),
    BAD("depth 7, objects", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}"),
    GOOD("depth 6, arrays", "{\"a\":[[[[[1]]]]]}"),
    GOOD("depth 6, empty arrays, twice", "{\"a\":[[[[[]]]]],\"b\":[[[[[]]]]]}"),
    BAD("depth 7, arrays", "{\"a\":[[[[[[]]]]]]}"),
    BAD("depth 7, both", "{\"a\":[{\"b\":[{\"c\":[{}]}]}]}"),
};

static void test_lines(void) {
    for (size_t i = 0; i < COUNT(lines); i++)
        IS_INT(scan(lines[i].text, lines[i].size), lines[i].want, "%s: %s", lines[i].want ? "bad" : "good",
               lines[i].name);
}

/* What begins well and ends too early is bad wherever it ends. */
static void test_cut(void) {
    unsigned wrong = 0, cuts = 0;

    for (size_t i = 0; i < COUNT(lines); i++) {
        size_t end = lines[i].size;

        while (end > 0 && lines[i].text[end - 1] != '}')
            end--;
        for (size_t size = 0; lines[i].want == PROTO_OK && size < end; size++, cuts++)
            wrong += scan(lines[i].text, size) != PROTO_E_JSON;
    }
    IS_INT(wrong, 0, "good lines cut short in %u places are bad", cuts);
}

static void test_bytes(void) {
    unsigned wrong = 0;

    for (int c = 0; c < 256; c++) {
        char bare[] = "{\"a\":\"?\"}", name[] = "{\"?\":1}", outside[] = "{?}", escaped[] = "{\"a\":\"\\?0041\"}";
        const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';

        bare[6] = name[2] = outside[1] = escaped[7] = (char)c;
        wrong += (scan(bare, sizeof(bare) - 1) == PROTO_OK) != (c >= 0x20 && c < 0x80 && c != '"' && c != '\\');
        wrong += (scan(name, sizeof(name) - 1) == PROTO_OK) != (c >= 0x20 && c < 0x80 && c != '"' && c != '\\');
        wrong += (scan(outside, sizeof(outside) - 1) == PROTO_OK) != space;
        wrong += (scan(escaped, sizeof(escaped) - 1) == PROTO_OK) != (c != 0 && strchr("\"\\/bfnrtu", c) != NULL);
    }
    IS_INT(wrong, 0, "every byte is legal in strings, names, escapes and between values just where it should be");
}

/* Long enough for several bytes to be looked at at once, and with bytes at both ends of what is plain around each. */
static void test_bytes_in_long_strings(void) {
    enum { LENGTH = 27 };
    const char neighbours[] = " ~a!#[]";
    unsigned wrong = 0;

    for (size_t place = 0; place < LENGTH; place++) {
        for (int c = 0; c < 256; c++) {
            char line[LENGTH + 9] = "{\"a\":\"";

            for (size_t i = 0; i < LENGTH; i++)
                line[6 + i] = neighbours[(i + place) % (sizeof(neighbours) - 1)];
            line[6 + place] = (char)c;
            memcpy(line + 6 + LENGTH, "\"}", 2);
            wrong += (scan(line, 6 + LENGTH + 2) == PROTO_OK) != (c >= 0x20 && c < 0x80 && c != '"' && c != '\\');
        }
    }
    IS_INT(wrong, 0, "every byte is legal at every place of a long string just where it should be");
}

/* ---- how many values ------------------------------------------------------------------------------ */

/* An object of COUNT values, itself counted, in one of three shapes. */
static void many(struct buffer *out, size_t count, int shape) {
    int error = buffer_append(out, shape == 0 ? "{" : "{\"a\":[", shape == 0 ? 1 : 6);

    for (size_t i = shape == 0 ? 1 : 2; i < count && error == PROTO_OK; i++) {
        const char name[] = {'"', (char)('a' + i % 16), (char)('a' + i / 16 % 16), (char)('a' + i / 256), '"', ':'};

        if (i > (shape == 0 ? 1 : 2))
            error = buffer_append(out, ",", 1);
        if (error == PROTO_OK && shape == 0)
            error = buffer_append(out, name, sizeof(name));
        if (error == PROTO_OK)
            error = buffer_append(out, shape == 2 ? "{}" : "\"\"", 2);
    }
    if (error == PROTO_OK)
        error = buffer_append(out, shape == 0 ? "}" : "]}", shape == 0 ? 1 : 2);
    require(error == PROTO_OK, "an object of many values");
}

static void test_values(void) {
    static const char *const shapes[] = {"members", "elements", "objects"};

    for (int shape = 0; shape < 3; shape++)
        for (size_t count = JSON_VALUES_MAX - 1; count <= JSON_VALUES_MAX + 1; count++) {
            struct buffer out = BUFFER_INIT(1 << 16);

            many(&out, count, shape);
            IS_INT(scan((char *)buffer_data(&out), out.size), count <= JSON_VALUES_MAX ? PROTO_OK : PROTO_E_JSON,
                   "%zu values as %s", count, shapes[shape]);
            buffer_free(&out);
        }
}

/* The value of a member that the caller asks for counts like any other. */
static void test_wanted_values(void) {
    struct buffer out = BUFFER_INIT(1 << 16);
    struct json_member member = {.name = SPAN("last")};

    many(&out, JSON_VALUES_MAX, 0);
    buffer_truncate(&out, out.size - 1);
    require(buffer_append(&out, ",\"last\":\"\"}", 11) == PROTO_OK, "one more member");
    IS_INT(json_scan((char *)buffer_data(&out), out.size, &member, 1), PROTO_E_JSON, "2,049 values with a wanted one");
    buffer_free(&out);
}

/* ---- members ---------------------------------------------------------------------------------------- */

static void is_member(const struct json_member *member, enum json_kind kind, const char *value) {
    const int length = (int)member->name.size;

    IS_INT(member->kind, kind, "%.*s: its kind", length, member->name.data);
    if (kind != JSON_NONE)
        OK(span_equal(member->value, span_of(value)), "%.*s: its value", length, member->name.data);
}

static void test_members(void) {
    static const char text[] = " { \"type\" : \"secure\" ,\"o\":{\"type\":1,\"n\":7},\"a\":[ 1, 2 ],\"i\":-12 ,"
                               "\"t\":true,\"f\":false,\"z\":null,\"e\":\"\",\"x\":\"a\\nb\",\"\\u006e\":5 }";
    struct json_member members[] = {{.name = SPAN("type")}, {.name = SPAN("o")}, {.name = SPAN("a")},
                                    {.name = SPAN("i")},    {.name = SPAN("t")}, {.name = SPAN("f")},
                                    {.name = SPAN("z")},    {.name = SPAN("e")}, {.name = SPAN("x")},
                                    {.name = SPAN("n")},    {.name = SPAN("")},  {.name = SPAN("typ")}};

    IS_INT(json_scan(text, sizeof(text) - 1, members, COUNT(members)), PROTO_OK, "an object with members of all kinds");
    is_member(&members[0], JSON_STRING, "secure");
    is_member(&members[1], JSON_OBJECT, "{\"type\":1,\"n\":7}");
    is_member(&members[2], JSON_ARRAY, "[ 1, 2 ]");
    is_member(&members[3], JSON_INTEGER, "-12");
    is_member(&members[4], JSON_BOOLEAN, "true");
    is_member(&members[5], JSON_BOOLEAN, "false");
    is_member(&members[6], JSON_NULL, "null");
    is_member(&members[7], JSON_STRING, "");
    is_member(&members[8], JSON_STRING, "a\\nb");
    OK(members[8].escaped && !members[0].escaped, "a string with an escape says so, another does not");
    is_member(&members[9], JSON_INTEGER, "5"); /* its name is written with an escape */
    is_member(&members[10], JSON_NONE, NULL);
    is_member(&members[11], JSON_NONE, NULL);
    OK(members[0].value.data == strstr(text, "secure"), "a span lies in the text");
}

static void test_unescape(void) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\u0041\\u00e9\\u20ac\\ud83d\\ude00", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\\u007f\\u0080\\u07ff\\u0800\\uffff", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
        {"\\ud800\\udc00\\udbff\\udfff", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"x\\\\u0041", "x\\u0041"},
        {"\xc3\xa9\\n\xf0\x9f\x98\x80", "\xc3\xa9\n\xf0\x9f\x98\x80"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char *copy = copy_exact(cases[i].text, strlen(cases[i].text));
        size_t size = json_unescape(copy, strlen(cases[i].text));

        OK(span_equal((struct span){copy, size}, span_of(cases[i].want)), "'%s' is unescaped", cases[i].text);
        free(copy);
    }
}

/* ---- texts made at random --------------------------------------------------------------------------- */

struct maker {
    struct prng prng;
    struct buffer out;
    size_t values;
};

static void put(struct maker *maker, const char *text) {
    require(buffer_append(&maker->out, text, strlen(text)) == PROTO_OK, "room for a text");
}

static void put_space(struct maker *maker) {
    static const char *const spaces[] = {"", "", "", " ", "\t", "\r", "\n ", "  "};

    put(maker, spaces[prng_below(&maker->prng, COUNT(spaces))]);
}

static void put_string(struct maker *maker, const char *start) {
    static const char *const pieces[] = {
        "a",        "type",         "\\n", "\\u0041",          "\\\\", "\\\"",    "\\u00e9", "\\ud83d\\ude00",
        "\xc3\xa9", "\xe2\x82\xac", "\\/", "\xf0\x9f\x98\x80", " ",    "\\uFFFF", "\x7f"};
    size_t count = prng_below(&maker->prng, 5);

    put(maker, "\"");
    put(maker, start);
    while (count-- > 0)
        put(maker, pieces[prng_below(&maker->prng, COUNT(pieces))]);
    put(maker, "\"");
}

static void put_value(struct maker *maker, unsigned depth);

static void put_container(struct maker *maker, unsigned depth, bool object) {
    static const char *const names[] = {"type", "\\u0061", "d\\u0061ta", "x1", "x2", "", "a", "x3", "x4", "x5"};
    size_t count = prng_below(&maker->prng, 6), first = prng_below(&maker->prng, COUNT(names));

    put(maker, object ? "{" : "[");
    put_space(maker);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put(maker, ",");
        put_space(maker);
        if (object) {
            put(maker, "\"");
            put(maker, names[(first + i) % COUNT(names)]);
            put(maker, "\"");
            put_space(maker);
            put(maker, ":");
        }
        put_space(maker);
        put_value(maker, depth + 1);
        put_space(maker);
    }
    put(maker, object ? "}" : "]");
}

static void put_value(struct maker *maker, unsigned depth) {
    static const char *const scalars[] = {
        "0", "-0", "-1", "42", "9007199254740991", "-9007199254740991", "true", "false", "null", "1000000000000000"};
    size_t choice = prng_below(&maker->prng, 5);

    maker->values++;
    if (choice < 2 && depth < JSON_DEPTH_MAX)
        put_container(maker, depth, choice == 0);
    else if (choice == 2)
        put_string(maker, "");
    else
        put(maker, scalars[prng_below(&maker->prng, COUNT(scalars))]);
}

static void test_agreement(void) {
    struct maker maker = {.prng = {20161103}, .out = BUFFER_INIT(1 << 20)};
    const unsigned rounds = (unsigned)(20000 / test_scale());
    unsigned refused = 0, disagreed = 0, mutants = 0, survivors = 0;

    for (unsigned i = 0; i < rounds; i++) {
        char mutant[4096];
        size_t size;
        bool accepted;

        buffer_truncate(&maker.out, 0);
        maker.values = 1;
        put_space(&maker);
        put_container(&maker, 0, true);
        put_space(&maker);
        disagreed += !json_agrees((char *)buffer_data(&maker.out), maker.out.size, &accepted);
        refused += !accepted && maker.values <= JSON_VALUES_MAX;
        size = maker.out.size < sizeof(mutant) / 2 ? maker.out.size : sizeof(mutant) / 2;
        memcpy(mutant, buffer_data(&maker.out), size);
        for (int j = 0; j < 3; j++) {
            prng_mutate(&maker.prng, mutant, &size, sizeof(mutant));
            disagreed += !json_agrees(mutant, size, &accepted);
            mutants++;
            survivors += accepted;
        }
    }
    IS_INT(refused, 0, "of %u legal texts none is refused", rounds);
    IS_INT(disagreed, 0, "what is accepted of them, and of %u changed ones, json-c accepts and reads alike", mutants);
    OK(survivors > mutants / 100 && survivors < mutants / 2, "%u of the changed ones are still legal", survivors);
    buffer_free(&maker.out);
}

static void test_lines_agree(void) {
    unsigned wrong = 0;

    for (size_t i = 0; i < COUNT(lines); i++) {
        bool accepted;

        wrong += !json_agrees(lines[i].text, lines[i].size, &accepted);
    }
    IS_INT(wrong, 0, "json-c accepts every good line of the table");
}

/* ---- time ----------------------------------------------------------------------------------------------- */

#define LINE_SIZE 65535

/* What 64 KiB may cost at most: a hundred times what they cost, so that only another order of growth is found. */
#define SECONDS_MAX 0.1

/* A line of LINE_SIZE bytes: HEAD, then PIECE again and again, then TAIL. */
static char *repeated(const char *head, const char *piece, const char *tail) {
    const size_t head_size = strlen(head), piece_size = strlen(piece), tail_size = strlen(tail);
    char *line = malloc(LINE_SIZE);
    size_t at = head_size;

    require(line != NULL, "memory for a line");
    memset(line, ' ', LINE_SIZE);
    memcpy(line, head, head_size);
    for (; at + piece_size + tail_size <= LINE_SIZE; at += piece_size)
        memcpy(line + at, piece, piece_size);
    memcpy(line + at, tail, tail_size);
    return line;
}

static void is_fast(const char *line, size_t size, const char *name) {
    double begin = processor_seconds(), seconds;

    (void)!json_scan(line, size, NULL, 0);
    seconds = processor_seconds() - begin;
    OK(seconds < SECONDS_MAX * test_scale(), "%s: %.4f s", name, seconds);
}

static void test_time(void) {
    static const struct {
        const char *name, *head, *piece, *tail;
    } cases[] = {
        {"a long string", "{\"a\":\"", "x", "\"}"},
        {"a long string without its end", "{\"a\":\"", "x", ""},
        {"a string of escapes", "{\"a\":\"", "\\u00e9", "\"}"},
        {"a string of pairs", "{\"a\":\"", "\\ud83d\\ude00", "\"}"},
        {"a string of four-byte characters", "{\"a\":\"", "\xf0\x9f\x98\x80", "\"}"},
        {"a long name", "{\"", "\\u00e9", "\":1}"},
        {"empty arrays", "{\"a\":[", "[],", "1]}"},
        {"empty objects", "{\"a\":[", "{},", "1]}"},
        {"objects of one member", "{\"a\":[", "{\"a\":1},", "1]}"},
        {"brackets", "{\"a\":", "[", ""},
        {"white space", "{", " ", "}"},
        {"digits", "{\"a\":", "1", "}"},
    };
    char *members;
    size_t size = 1;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char *line = repeated(cases[i].head, cases[i].piece, cases[i].tail);

        is_fast(line, LINE_SIZE, cases[i].name);
        free(line);
    }
    /* All different, so that each is compared with all before it. */
    members = malloc(LINE_SIZE);
    require(members != NULL, "memory for a line");
    members[0] = '{';
    for (size_t i = 0; size + 9 <= LINE_SIZE; i++) {
        const char member[] = {'"',
                               (char)('a' + i % 26),
                               (char)('a' + i / 26 % 26),
                               (char)('a' + i / 676),
                               '"',
                               ':',
                               '1',
                               i < JSON_VALUES_MAX - 2 ? ',' : '}'};

        memcpy(members + size, member, sizeof(member));
        size += sizeof(member);
        if (i == JSON_VALUES_MAX - 2)
            break;
    }
    IS_INT(scan(members, size), PROTO_OK, "2,047 members");
    is_fast(members, size, "as many members as there may be");
    free(members);
}

int main(void) {
    test_lines();
    test_cut();
    test_bytes();
    test_bytes_in_long_strings();
    test_values();
    test_wanted_values();
    test_members();
    test_unescape();
    test_lines_agree();
    test_agreement();
    test_time();
    return tap_done();
}
