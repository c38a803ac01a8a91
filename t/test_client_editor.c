/* editor: keys to a line, and the line to a screen. */
#include <config.h>

#include "proto/error.h"
#include "src/client/editor.h"
#include "t/tap.h"

#include <stdlib.h>

#define LIMIT 64

/* Types KEYS; the event of the last one. */
static enum editor_event type(struct editor *editor, const char *keys) {
    enum editor_event event = EDITOR_NOTHING;

    for (; *keys != '\0'; keys++)
        event = editor_feed(editor, (uint8_t)*keys);
    return event;
}

static void check_line(const char *keys, const char *want, const char *name) {
    struct editor editor = EDITOR_INIT(LIMIT);

    type(&editor, keys);
    OK(span_equal(editor_line(&editor), span_of(want)), "%s", name);
    editor_free(&editor);
}

static void test_keys(void) {
    check_line("abc", "abc", "letters");
    check_line("abc\x7f\x08", "a", "Backspace");
    check_line("a\xc3\xa4\xe2\x82\xac\x7f", "a\xc3\xa4", "Backspace takes a whole character");
    check_line("\x7f\x7f", "", "Backspace on an empty line");
    check_line("ac\x1b[Db", "abc", "Left");
    check_line("\xe2\x82\xac\x02x\x06y", "x\xe2\x82\xacy", "Ctrl-B and Ctrl-F go over a whole character");
    check_line("bc\x1b[Ha\x1b[F!", "abc!", "Home and End");
    check_line("bc\x1b[1~a\x1b[4~!", "abc!", "and their other names");
    check_line("bc\x1bOHa\x1bOF!", "abc!", "and those of an application keypad");
    check_line("abc\x01\x1b[3~", "bc", "Delete");
    check_line("abc\x01\x04", "bc", "Ctrl-D in a line");
    check_line("abc\x02\x0b", "ab", "Ctrl-K");
    check_line("abc\x02\x15", "c", "Ctrl-U");
    check_line("one two  three  \x17", "one two  ", "Ctrl-W takes a word and the blanks behind it");
    check_line("one\x17\x17", "", "Ctrl-W at the beginning");
    check_line("a\x1b[15~\x1b[200~\x1b[1;5Cb\x1bx\x05", "ab", "keys that mean nothing");
    check_line("a\xff"
               "b\x7f\x7f",
               "a", "bytes that are not UTF-8 can be erased");
}

static void test_events(void) {
    struct editor editor = EDITOR_INIT(4);

    IS_INT(type(&editor, "a"), EDITOR_CHANGED, "a letter changes the line");
    IS_INT(type(&editor, "\x1b"), EDITOR_NOTHING, "half a key does not");
    IS_INT(type(&editor, "[D"), EDITOR_CHANGED, "the whole one does");
    IS_INT(type(&editor, "bcd"), EDITOR_CHANGED, "up to the limit");
    IS_INT(type(&editor, "e"), EDITOR_FULL, "and no farther");
    IS_INT(type(&editor, "\r"), EDITOR_LINE, "Enter");
    OK(span_equal(editor_line(&editor), SPAN("bcda")), "the line is there");
    editor_clear(&editor);
    IS_INT(type(&editor, "\x04"), EDITOR_END, "Ctrl-D on an empty line");
    editor_free(&editor);
}

static void check_show(const char *keys, size_t columns, size_t rows, const char *want, struct editor_place cursor,
                       struct editor_place end) {
    struct editor editor = EDITOR_INIT(1000);
    struct buffer out = BUFFER_INIT(10000);
    struct editor_place got_cursor = {99, 99}, got_end = {99, 99};

    type(&editor, keys);
    IS_INT(editor_show(&editor, SPAN("> "), columns, rows, &out, &got_cursor, &got_end), PROTO_OK, "%zu by %zu", rows,
           columns);
    if (buffer_append(&out, "", 1) != PROTO_OK)
        abort();
    IS_STR((const char *)buffer_data(&out), want, "what is shown");
    OK(got_cursor.row == cursor.row && got_cursor.column == cursor.column, "the cursor at %zu, %zu", got_cursor.row,
       got_cursor.column);
    OK(got_end.row == end.row && got_end.column == end.column, "the end at %zu, %zu", got_end.row, got_end.column);
    buffer_free(&out);
    editor_free(&editor);
}

static void test_show(void) {
    check_show("abc", 20, 5, "> abc", (struct editor_place){0, 5}, (struct editor_place){0, 5});
    check_show("abc\x02", 20, 5, "> abc", (struct editor_place){0, 4}, (struct editor_place){0, 5});
    check_show("abcdefgh", 10, 5, "> abcdefgh", (struct editor_place){0, 10}, (struct editor_place){0, 10});
    check_show("abcdefghi", 10, 5, "> abcdefghi", (struct editor_place){1, 1}, (struct editor_place){1, 1});
    check_show("abcdefghi\x01", 10, 5, "> abcdefghi", (struct editor_place){0, 2}, (struct editor_place){1, 1});
    /* A wide character does not fit into the last column. */
    check_show("abcdefg\xe4\xb8\xad", 10, 5, "> abcdefg\xe4\xb8\xad", (struct editor_place){1, 2},
               (struct editor_place){1, 2});
    check_show("e\xcc\x81", 10, 5, "> e\xcc\x81", (struct editor_place){0, 3}, (struct editor_place){0, 3});
    check_show("\xe2\x80\xae\xff", 40, 5, "> \\u{202e}\\xff", (struct editor_place){0, 14},
               (struct editor_place){0, 14});
    /* More than the screen has room for: the part around the cursor. */
    check_show("0123456789abcdefghijklmnopqrst", 10, 2, "<pqrst", (struct editor_place){0, 6},
               (struct editor_place){0, 6});
    check_show("0123456789abcdefghijklmnopqrst\x01", 10, 2, "<01234", (struct editor_place){0, 1},
               (struct editor_place){0, 6});
}

int main(void) {
    test_keys();
    test_events();
    test_show();
    return tap_done();
}
