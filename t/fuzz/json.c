/*
 * The scanner of JSON.  An even first byte: the rest is a text, of which json-c must think the same where the scanner
 * takes it.  An odd one: the rest says how to write a text by the grammar, and what is known of that decides whether
 * the scanner must take it.
 */
#include <config.h>

#include "proto/buffer.h"
#include "proto/error.h"
#include "proto/json_scan.h"
#include "t/agreement.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdio.h>
#include <stdlib.h>

const char *const fuzz_name = "json";

/* More than a scanner takes of each, so that it is led over its limits. */
#define DEPTH_MAX (JSON_DEPTH_MAX + 3)
#define TEXT_MAX  (1u << 20)

/* A text while it is written, and what of it breaks a rule. */
struct writing {
    struct buffer text;
    struct fuzz_input input;
    unsigned depth, deepest;
    size_t values, names;
    bool bad;
};

static void put(struct writing *writing, const void *data, size_t size) {
    require(buffer_append(&writing->text, data, size) == PROTO_OK, "room for a text");
}

static void put_text(struct writing *writing, const char *text) {
    put(writing, text, strlen(text));
}

static void put_space(struct writing *writing) {
    static const char *const spaces[] = {"", " ", "\t", "\r\n", "  "};

    put_text(writing, spaces[fuzz_byte(&writing->input) % COUNT(spaces)]);
}

/* A piece of a string; the first six are legal. */
static void put_piece(struct writing *writing) {
    static const struct {
        const char *text;
        size_t size;
    } pieces[] = {
        {"plain", 5},
        {"\\n\\\"\\/", 6},
        {"\\u00e4", 6},
        {"\\uD83D\\ude00", 12},
        {"\xf0\x9f\x98\x80", 4},
        {"\xc3\xa4", 2},
        {"\\ud83d", 6},
        {"\\u0000", 6},
        {"\\x41", 4},
        {"\n", 1},
        {"\xc0\xaf", 2},
        {"\xed\xa0\x80", 3},
        {"\xff", 1},
        {"\0", 1},
        {"\xf4\x90\x80\x80", 4},
        {"\\ude00", 6},
        {"\\u12g4", 6},
    };
    const size_t which = fuzz_byte(&writing->input) % (writing->bad ? COUNT(pieces) : 64);

    if (which < COUNT(pieces)) {
        put(writing, pieces[which].text, pieces[which].size);
        writing->bad = writing->bad || which >= 6;
    }
    /* Between any two, so that no two halves make a whole. */
    put_text(writing, "x");
}

static void put_string(struct writing *writing) {
    put_text(writing, "\"");
    for (unsigned pieces = fuzz_byte(&writing->input) % 4u; pieces > 0; pieces--)
        put_piece(writing);
    put_text(writing, "\"");
}

/* A name that no other member has, or rarely one that another has. */
static void put_name(struct writing *writing) {
    const bool twice = fuzz_byte(&writing->input) == 0xff;
    char name[32];

    (void)snprintf(name, sizeof(name), "%sn%zu\"", "\"", writing->names);
    put_text(writing, name);
    if (twice) {
        put_text(writing, ":0,");
        /* The same by an escape. */
        (void)snprintf(name, sizeof(name), "\"\\u006e%zu\"", writing->names);
        put_text(writing, name);
        writing->values++;
        writing->bad = true;
    }
    writing->names++;
}

static void put_number(struct writing *writing) {
    static const char *const good[] = {"0", "-0", "7", "-12", "9007199254740991", "-9007199254740991"},
                             *const wrong[] = {"00",  "-",   "+1",
                                               "1.5", "1e3", "9007199254740992",
                                               "NaN", "0x1", "10000000000000000000",
                                               "-01"};
    const uint8_t which = fuzz_byte(&writing->input);

    if (which < 250) {
        put_text(writing, good[which % COUNT(good)]);
    } else {
        put_text(writing, wrong[fuzz_byte(&writing->input) % COUNT(wrong)]);
        writing->bad = true;
    }
}

static void put_value(struct writing *writing);

static void put_members(struct writing *writing, char open, char close) {
    /* Rarely very many of them, of the shortest kind. */
    const uint8_t kind = fuzz_byte(&writing->input);
    const size_t count = kind == 0xff ? 8u * fuzz_byte(&writing->input) : kind % 5u;

    put(writing, &open, 1);
    if (++writing->depth > writing->deepest)
        writing->deepest = writing->depth;
    for (size_t i = 0; i < count; i++) {
        put_text(writing, i > 0 ? "," : "");
        put_space(writing);
        if (open == '{') {
            put_name(writing);
            put_space(writing);
            put_text(writing, ":");
            put_space(writing);
        }
        put_value(writing);
        put_space(writing);
    }
    writing->depth--;
    put(writing, &close, 1);
}

static void put_value(struct writing *writing) {
    static const char *const words[] = {"true", "false", "null"};
    const uint8_t what = writing->text.size < TEXT_MAX / 2 ? fuzz_byte(&writing->input) : 0;

    writing->values++;
    if (what % 6 == 0)
        put_text(writing, words[what % COUNT(words)]);
    else if (what % 6 == 1)
        put_number(writing);
    else if (what % 6 < 4 || writing->depth == DEPTH_MAX)
        put_string(writing);
    else if (what % 6 == 4)
        put_members(writing, '{', '}');
    else
        put_members(writing, '[', ']');
}

/* Writes a text and compares the scanner's opinion of it with what is known. */
static void check_grammar(struct fuzz_input input) {
    struct writing writing = {.text = BUFFER_INIT(TEXT_MAX), .input = input};
    bool accepted, good;

    put_space(&writing);
    writing.values++;
    put_members(&writing, '{', '}');
    put_space(&writing);
    good = !writing.bad && writing.deepest <= JSON_DEPTH_MAX && writing.values <= JSON_VALUES_MAX;
    FUZZ_MUST(json_agrees((char *)buffer_data(&writing.text), writing.text.size, &accepted));
    FUZZ_MUST(accepted == good);
    buffer_free(&writing.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    bool accepted;

    if (fuzz_byte(&input) % 2 == 0)
        FUZZ_MUST(json_agrees((const char *)input.data, input.size, &accepted));
    else
        check_grammar(input);
    return 0;
}
