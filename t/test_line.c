/* proto/line.c */
#include <config.h>

#include "proto/error.h"
#include "proto/line.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>

static void feed(struct line_reader *reader, const char *data, size_t size) {
    require(buffer_append(&reader->input, data, size) == PROTO_OK, "the input has room");
}

static void feed_text(struct line_reader *reader, const char *text) {
    feed(reader, text, strlen(text));
}

static void is_line(struct line_reader *reader, size_t limit, const char *want, const char *name) {
    char *line = NULL;
    size_t size = 0;

    if (IS_INT(line_next(reader, limit, &line, &size), 1, "%s: a line", name) &&
        IS_INT(size, strlen(want), "%s: its length", name))
        IS_MEM(line, want, size, "%s: its text", name);
}

static void is_none(struct line_reader *reader, size_t limit, int want, const char *name) {
    char *line = NULL;
    size_t size = 0;

    IS_INT(line_next(reader, limit, &line, &size), want, "%s", name);
    OK(line == NULL && size == 0, "%s: no line is given", name);
}

static void test_ends(void) {
    struct line_reader reader = LINE_READER_INIT;

    is_none(&reader, 100, 0, "an empty input has no line");
    OK(!line_partial(&reader), "and none that has begun");
    feed_text(&reader, "one\n\ntwo\r\n\r\n\n\r\nthree\rfour\n\rfive\r\r\nsi");
    is_line(&reader, 100, "one", "ended by LF");
    OK(line_partial(&reader), "more is waiting");
    is_line(&reader, 100, "two", "ended by CR LF, after an empty line");
    is_line(&reader, 100, "three\rfour", "a CR elsewhere stays");
    is_line(&reader, 100, "\rfive\r", "one CR is dropped");
    is_none(&reader, 100, 0, "the rest is no line yet");
    OK(line_partial(&reader), "but has begun");
    feed_text(&reader, "x\n");
    is_line(&reader, 100, "six", "it ends later");
    OK(!line_partial(&reader), "nothing has begun after the last line");
    is_none(&reader, 100, 0, "and there is no other");
    feed_text(&reader, "\r");
    is_none(&reader, 100, 0, "a CR alone is no line");
    OK(line_partial(&reader), "it may become one");
    feed_text(&reader, "\n");
    is_none(&reader, 100, 0, "but an empty one is skipped");
    OK(!line_partial(&reader), "and gone");
    line_reader_free(&reader);
    is_none(&reader, 100, 0, "a freed reader is empty");
}

static void test_limits(void) {
    static const char ten[] = "123456789\n";
    struct line_reader reader = LINE_READER_INIT;

    feed_text(&reader, ten);
    is_line(&reader, 10, "123456789", "as long as the limit");
    line_reader_free(&reader);
    feed_text(&reader, ten);
    is_none(&reader, 9, PROTO_E_LINE, "one byte longer");
    line_reader_free(&reader);
    feed(&reader, ten, 9);
    is_none(&reader, 10, 0, "one byte less than the limit may still end");
    feed_text(&reader, "0");
    is_none(&reader, 10, PROTO_E_LINE, "the limit without an end is too long already");
    line_reader_free(&reader);
    feed_text(&reader, "12345678\r\n");
    is_line(&reader, 10, "12345678", "a CR counts");
    line_reader_free(&reader);
    feed_text(&reader, "123456789\r\n");
    is_none(&reader, 10, PROTO_E_LINE, "even where it makes a line too long");
    line_reader_free(&reader);
    feed_text(&reader, "a\n1234567890");
    is_line(&reader, 10, "a", "before a line that is too long");
    is_none(&reader, 10, PROTO_E_LINE, "which is seen next");
    line_reader_free(&reader);
}

static void test_longest(void) {
    struct line_reader reader = LINE_READER_INIT;
    static char bytes[LINE_MAX_SESSION];
    char *line = NULL;
    size_t size = 0;

    memset(bytes, 'x', sizeof(bytes));
    bytes[LINE_MAX_SESSION - 1] = '\n';
    feed(&reader, bytes, sizeof(bytes));
    feed(&reader, bytes, sizeof(bytes));
    for (int i = 0; i < 2; i++) {
        IS_INT(line_next(&reader, LINE_MAX_SESSION, &line, &size), 1, "a line of 65,536 bytes");
        IS_INT(size, LINE_MAX_SESSION - 1, "with its length");
    }
    feed(&reader, bytes, sizeof(bytes));
    IS_INT(line_next(&reader, LINE_MAX_HANDSHAKE, &line, &size), PROTO_E_LINE, "is too long before the session");
    line_reader_free(&reader);
}

/* The lines of a text do not depend on how it is cut up. */
static void test_pieces(void) {
    static const char text[] = "a\nbb\r\n\n\nccc\r\r\n\r\ndddd\n{\"x\":1}\r\n";
    static const char *const want[] = {"a", "bb", "ccc\r", "dddd", "{\"x\":1}"};
    unsigned wrong = 0;

    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct line_reader reader = LINE_READER_INIT;
        size_t seen = 0;

        for (size_t at = 0; at < sizeof(text) - 1; at += piece) {
            char *line = NULL;
            size_t size = 0;

            feed(&reader, text + at, piece < sizeof(text) - 1 - at ? piece : sizeof(text) - 1 - at);
            while (line_next(&reader, 12, &line, &size) == 1) {
                wrong += seen == COUNT(want) || size != strlen(want[seen]) || memcmp(line, want[seen], size) != 0;
                memset(line, '\n', size); /* what a caller does to its line is its own affair */
                seen++;
            }
        }
        wrong += seen != COUNT(want);
        line_reader_free(&reader);
    }
    IS_INT(wrong, 0, "lines do not depend on how they are cut up on the way");
}

/* Bytes are looked at once: a line that comes byte by byte costs its length, not the square of it. */
static void test_slow_line(void) {
    struct line_reader reader = LINE_READER_INIT;
    double begin = processor_seconds();
    int result = 0;

    for (size_t i = 0; i < LINE_MAX_SESSION - 1 && result == 0; i++) {
        char *line = NULL;
        size_t size = 0;

        feed_text(&reader, "x");
        result = line_next(&reader, LINE_MAX_SESSION, &line, &size);
    }
    IS_INT(result, 0, "a line that comes byte by byte");
    IS_INT(reader.scanned, LINE_MAX_SESSION - 1, "has been looked at");
    OK(processor_seconds() - begin < 0.5 * test_scale(), "in no time");
    line_reader_free(&reader);
}

int main(void) {
    test_ends();
    test_limits();
    test_longest();
    test_pieces();
    test_slow_line();
    return tap_done();
}
