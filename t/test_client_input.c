/* input: bytes to lines, however they are cut up, and what is wrong with each. */
#include <config.h>

#include "src/client/commands.h"
#include "src/client/input.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

/* Gives DATA to INPUT in pieces of PIECE bytes, and writes the lines as "number:defect:text|". */
static void run(struct buffer *out, const char *data, size_t size, size_t piece) {
    struct input input = INPUT_INIT;
    struct input_line line;
    size_t at = 0;

    while (!input_is_over(&input)) {
        uint8_t *room = NULL;
        size_t space = piece;

        while (input_next(&input, &line)) {
            char head[32];
            int length = snprintf(head, sizeof(head), "%lu:%d:", line.number, (int)line.defect);

            if (buffer_append(out, head, (size_t)length) != 0 ||
                buffer_append(out, line.text.data, line.text.size) != 0 || buffer_append(out, "|", 1) != 0)
                abort();
        }
        if (at == size) {
            input_end(&input);
            continue;
        }
        if (input_reserve(&input, &room, &space) != 0 || space == 0)
            abort();
        space = space < size - at ? space : size - at;
        memcpy(room, data + at, space);
        input_commit(&input, space);
        at += space;
    }
    input_free(&input);
}

static void check(const char *data, size_t size, const char *want, const char *name) {
    static const size_t pieces[] = {1, 2, 3, 7, 4096, 65536};

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct buffer out = BUFFER_INIT(1 << 20);

        run(&out, data, size, pieces[i]);
        if (buffer_append(&out, "", 1) != 0)
            abort();
        IS_STR((const char *)buffer_data(&out), want, "%s, in pieces of %zu", name, pieces[i]);
        buffer_free(&out);
    }
}

#define CHECK(data, want, name) check(data, sizeof(data) - 1, want, name)

static void test_long(void) {
    size_t size = 3 * INPUT_LINE_MAX;
    char *text = malloc(size + 16);

    if (text == NULL)
        abort();
    memset(text, 'x', size);
    memcpy(text + INPUT_LINE_MAX + 1, "\nafter\n", 7);
    check(text, INPUT_LINE_MAX + 8, "1:1:|2:0:after|", "a byte too many");
    memset(text, 'x', size);
    memcpy(text + size, "\r\nafter", 7);
    check(text, size + 7, "1:1:|2:0:after|", "many bytes too many");
    check(text, size, "1:1:|", "and no end");
    free(text);
}

static void test_longest(void) {
    struct buffer out = BUFFER_INIT(1 << 20);
    char *text = malloc(INPUT_LINE_MAX + 2);

    if (text == NULL)
        abort();
    memset(text, 'x', INPUT_LINE_MAX);
    memcpy(text + INPUT_LINE_MAX, "\r\n", 2);
    run(&out, text, INPUT_LINE_MAX + 2, 4096);
    IS_INT(out.size, 4 + INPUT_LINE_MAX + 1, "the longest line is whole");
    IS_MEM(buffer_data(&out), "1:0:x", 5, "and good");
    buffer_free(&out);
    free(text);
}

static void test_request(const char *line, enum request_type type, const char *to, const char *body) {
    struct request request;

    request_parse(span_of(line), &request);
    if (!IS_INT(request.type, type, "\"%s\"", line) || type != REQUEST_MESSAGE)
        return;
    OK(span_equal(request.to, span_of(to)), "is for %s", to);
    OK(span_equal(request.body, span_of(body)), "and its text is \"%s\"", body);
}

int main(void) {
    CHECK("", "", "nothing");
    CHECK("a\nb\n", "1:0:a|2:0:b|", "two lines");
    CHECK("a\nb", "1:0:a|2:0:b|", "a last line without an end");
    CHECK("a\r\n\r\nb\r", "1:0:a|2:0:|3:0:b|", "CRLF");
    CHECK("\n\n", "1:0:|2:0:|", "empty lines count");
    CHECK("a\rb\r\r\n", "1:0:a\rb\r|", "a lone CR is text");
    CHECK("a\0b\nc", "1:2:a", "a NUL");
    CHECK("\xc3\xa4\n\xc3\n", "1:0:\xc3\xa4|2:3:\xc3|", "half a character");
    test_long();
    test_longest();
    test_request("Eve: hello", REQUEST_MESSAGE, "Eve", "hello");
    test_request("Eve:hello: you", REQUEST_MESSAGE, "Eve", "hello: you");
    test_request("Eve:  two", REQUEST_MESSAGE, "Eve", " two");
    test_request("Eve:", REQUEST_MESSAGE, "Eve", "");
    test_request("help: me", REQUEST_MESSAGE, "help", "me");
    test_request("help", REQUEST_COMMAND, NULL, NULL);
    test_request(" list\t", REQUEST_COMMAND, NULL, NULL);
    test_request("exti", REQUEST_UNKNOWN, NULL, NULL);
    test_request("/exit", REQUEST_COMMAND, NULL, NULL);
    test_request("/exti", REQUEST_UNKNOWN, NULL, NULL);
    test_request("Help", REQUEST_UNKNOWN, NULL, NULL);
    test_request("help me", REQUEST_UNKNOWN, NULL, NULL);
    test_request(": hello", REQUEST_UNKNOWN, NULL, NULL);
    test_request(" Eve: hello", REQUEST_UNKNOWN, NULL, NULL);
    test_request("E ve: hello", REQUEST_UNKNOWN, NULL, NULL);
    test_request("Eve,Bob: hello", REQUEST_MESSAGE, "Eve,Bob", "hello");
    test_request("@ops: hello", REQUEST_MESSAGE, "@ops", "hello");
    test_request("Eve,9: hello", REQUEST_MESSAGE, "Eve,9", "hello");
    test_request("Eve, Bob: hello", REQUEST_UNKNOWN, NULL, NULL);
    test_request("Eve,: hello", REQUEST_UNKNOWN, NULL, NULL);
    test_request("9,8: hello", REQUEST_UNKNOWN, NULL, NULL);
    test_request("@: hello", REQUEST_UNKNOWN, NULL, NULL);
    test_request("", REQUEST_NOTHING, NULL, NULL);
    test_request(" \t", REQUEST_NOTHING, NULL, NULL);
    return tap_done();
}
