/* proto/json_write.c */
#include <config.h>

#include "proto/error.h"
#include "proto/json_scan.h"
#include "proto/json_write.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>

static void is_text(const struct buffer *out, const char *want, const char *name) {
    if (!OK(span_equal(buffer_span(out), span_of(want)), "%s", name))
        tap_diag("got %.*s", (int)out->size, (const char *)buffer_data(out));
}

/* Text of others: nothing is left that does something to a terminal, and a parser gets it back. */
static void test_text(void) {
    struct buffer out = BUFFER_INIT(1024);
    struct json_writer writer;

    json_begin(&writer, &out);
    json_text(&writer, "s", SPAN("a\"b\\\n\x1b\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81\xc3\xa4\xf0\x9f\x98\x80."));
    IS_INT(json_end(&writer), PROTO_OK, "text of others is written");
    OK(span_equal(buffer_span(&out), SPAN("{\"s\":\"a\\\"b\\\\\\n\\u001b\\u007f\\u009b\\u202e\\udb40\\udc41"
                                          "\xc3\xa4\xf0\x9f\x98\x80.\"}")),
       "with all that moves a cursor or hides escaped");
    buffer_free(&out);
}

static void test_values(void) {
    struct buffer out = BUFFER_INIT(1000);
    struct json_writer writer;

    json_begin(&writer, &out);
    IS_INT(json_end(&writer), PROTO_OK, "an object without members");
    is_text(&out, "{}", "is two brackets");
    buffer_truncate(&out, 0);

    json_begin(&writer, &out);
    json_string(&writer, "s", SPAN("text"));
    json_string(&writer, "empty", (struct span){NULL, 0});
    json_integer(&writer, "zero", 0);
    json_integer(&writer, "large", UINT64_MAX);
    json_boolean(&writer, "yes", true);
    json_boolean(&writer, "no", false);
    json_base64(&writer, "none", NULL, 0);
    json_base64(&writer, "bytes", "\x00\xff\x10", 3);
    json_base64(&writer, "padded", "f", 1);
    IS_INT(json_end(&writer), PROTO_OK, "members of all kinds");
    is_text(&out,
            "{\"s\":\"text\",\"empty\":\"\",\"zero\":0,\"large\":18446744073709551615,\"yes\":true,\"no\":false,"
            "\"none\":\"\",\"bytes\":\"AP8Q\",\"padded\":\"Zg==\"}",
            "with commas between them");
    buffer_free(&out);
}

static void test_nesting(void) {
    struct buffer out = BUFFER_INIT(1000);
    struct json_writer writer;

    require(buffer_append(&out, "before", 6) == PROTO_OK, "a text before");
    json_begin(&writer, &out);
    json_open(&writer, "a", '[');
    json_close(&writer, ']');
    json_open(&writer, "b", '[');
    json_element(&writer, SPAN("x"));
    json_element(&writer, SPAN(""));
    json_open(&writer, NULL, '{');
    json_integer(&writer, "n", 1);
    json_close(&writer, '}');
    json_open(&writer, NULL, '{');
    json_close(&writer, '}');
    json_close(&writer, ']');
    json_open(&writer, "c", '{');
    json_close(&writer, '}');
    json_boolean(&writer, "d", true);
    IS_INT(json_end(&writer), PROTO_OK, "arrays and objects in an object");
    is_text(&out, "before{\"a\":[],\"b\":[\"x\",\"\",{\"n\":1},{}],\"c\":{},\"d\":true}",
            "with commas where they belong, behind what was there");
    buffer_free(&out);
}

static void test_escapes(void) {
    struct buffer out = BUFFER_INIT(1000);
    struct json_writer writer;

    json_begin(&writer, &out);
    json_string(&writer, "s", SPAN("a\"b\\c/\b\f\n\r\t\v\x01\x1f\x7f\xc3\xa9\xf0\x9f\x98\x80"));
    IS_INT(json_end(&writer), PROTO_OK, "a string with everything in it");
    is_text(&out, "{\"s\":\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u000b\\u0001\\u001f\x7f\xc3\xa9\xf0\x9f\x98\x80\"}",
            "has escapes where RFC 8259 wants them and nowhere else");
    buffer_free(&out);
}

/* What is written is what the scanner takes, and unescapes to what it was. */
static void test_round_trip(void) {
    unsigned wrong = 0;

    for (unsigned c = 1; c < 0x100; c++) {
        const char text[] = {'<', (char)c, (char)c, '>'}, latin[] = {'<', (char)(0xc0 + c / 64), (char)(0x80 + c % 64)};
        const struct span value = c < 0x80 ? (struct span){text, sizeof(text)} : (struct span){latin, sizeof(latin)};
        struct json_member member = {.name = SPAN("s")};
        struct buffer out = BUFFER_INIT(1000);
        struct json_writer writer;
        char *copy;
        size_t size;

        json_begin(&writer, &out);
        json_string(&writer, "s", value);
        wrong += json_end(&writer) != PROTO_OK;
        wrong += json_scan((char *)buffer_data(&out), out.size, &member, 1) != PROTO_OK || member.kind != JSON_STRING;
        copy = copy_exact(member.value.data, member.value.size);
        size = json_unescape(copy, member.value.size);
        wrong += !span_equal((struct span){copy, size}, value);
        free(copy);
        buffer_free(&out);
    }
    IS_INT(wrong, 0, "what is written is read back");
}

/* However little room there is, the buffer is as before. */
static void test_full(void) {
    unsigned wrong = 0;
    size_t limit = 6;
    int error;

    do {
        struct buffer out = BUFFER_INIT(limit);
        struct json_writer writer;

        require(buffer_append(&out, "before", 6) == PROTO_OK, "a text before");
        json_begin(&writer, &out);
        json_string(&writer, "s", SPAN("a\nb"));
        json_base64(&writer, "b", "abcdef", 6);
        json_open(&writer, "l", '[');
        json_element(&writer, SPAN("x"));
        json_close(&writer, ']');
        json_integer(&writer, "n", 77);
        error = json_end(&writer);
        if (error != PROTO_OK) {
            wrong += error != PROTO_E_FULL || !span_equal(buffer_span(&out), SPAN("before"));
        } else {
            is_text(&out, "before{\"s\":\"a\\nb\",\"b\":\"YWJjZGVm\",\"l\":[\"x\"],\"n\":77}",
                    "written where there is room");
        }
        buffer_free(&out);
    } while (error != PROTO_OK && ++limit < 1000);
    IS_INT(wrong, 0, "every lack of room is an error and leaves the buffer as it was");
    IS_INT(error, PROTO_OK, "until there is enough");
}

int main(void) {
    test_values();
    test_nesting();
    test_escapes();
    test_text();
    test_round_trip();
    test_full();
    return tap_done();
}
