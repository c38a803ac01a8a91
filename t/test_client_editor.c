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
    check_line("a\x1b[15~\x1b[99999999999~\x1b[1;2;3;4Qb\x1bx\x05", "ab", "keys that mean nothing");
    check_line("one two\x1b[1;5D1 \x1b[1;3D\x1b"
               "b0\x1b"
               "f!\x1b[1;5C?",
               "0one! 1? two", "words, with Ctrl and Alt");
    check_line("ae\xcc\x81\xcc\xa3\x7f", "a", "Backspace takes a character with its marks");
    check_line("e\xcc\x81y\x02\x02x\x06z", "xe\xcc\x81zy", "and Left and Right go over them");
    check_line("\x1b[200~a\tb\x7f\x15\x10\x1b[Dc\x1b[201~d\x7f", "a\tbc", "in a paste there are no keys");
    check_line("a\xff"
               "b\x7f\x7f",
               "a", "bytes that are not UTF-8 can be erased");
}

/* Types KEYS, several lines. */
static void check_past(const char *keys, const char *want, const char *name) {
    struct editor editor = EDITOR_INIT(LIMIT);

    for (; *keys != '\0'; keys++)
        if (editor_feed(&editor, (uint8_t)*keys) == EDITOR_LINE)
            editor_finish(&editor);
    OK(span_equal(editor_line(&editor), span_of(want)), "%s", name);
    editor_free(&editor);
}

static void test_past(void) {
    check_past("one\rtwo\rnew\x1b[A", "two", "Up brings the last line back");
    check_past("one\rtwo\r\x10\x10", "one", "and the one before, also with Ctrl-P");
    check_past("one\rtwo\r\x10\x10\x10\x10", "one", "there is none before the first");
    check_past("one\rtwo\rnew\x1b[A\x1b[A\x1b[B", "two", "Down goes forward");
    check_past("one\rtwo\rnew\x1b[A\x1b[A\x0e\x0e\x0e", "new", "to the line that was begun");
    check_past("one\r\r\rone\r\x10\x10", "one", "an empty line and the same again are not kept");
    check_past("one\r\x10!\rx\x10", "one!", "a changed line is another one");
    check_past("alpha\rbeta\rgamma\r\x12"
               "al",
               "alpha", "Ctrl-R finds");
    check_past("alpha\rbeta\rgamma\r\x12"
               "a\x12",
               "beta", "and goes on to what is older");
    check_past("alpha\rbeta\rgamma\r\x12"
               "al\x7f",
               "gamma", "Backspace searches for less");
    check_past("alpha\rdraft\x12"
               "al\x07",
               "draft", "Ctrl-G gives the line back");
    check_past("alpha\rdraft\x12"
               "q\x7f\x07",
               "draft", "also if nothing was found");
    check_past("alpha\rbeta\r\x12"
               "ph\x05!",
               "alpha!", "any other key goes on editing");
    check_past("alpha\rbeta\r\x12"
               "ph\rx\x10\x10\x10",
               "alpha", "Enter is the end of the line");
    check_past("\xc3\xa4\rbeta\r\x12\xc3\xa4", "\xc3\xa4", "what is not ASCII is found");
}

static void test_recall(void) {
    struct recall recall = {.count = 0};
    char *line = malloc(RECALL_BYTES_MAX);

    if (!line)
        abort();
    memset(line, 'x', RECALL_BYTES_MAX);
    for (size_t i = 0; i <= RECALL_LINES_MAX; i++)
        recall_add(&recall, (struct span){line, 1 + i});
    IS_INT(recall.count, RECALL_LINES_MAX, "so many lines are kept");
    IS_INT(recall_line(&recall, RECALL_LINES_MAX).size, 2, "the oldest was dropped");
    recall_add(&recall, (struct span){line, RECALL_BYTES_MAX});
    IS_INT(recall.count, 1, "and so many bytes");
    recall_free(&recall);
    free(line);
}

static void test_events(void) {
    struct editor editor = EDITOR_INIT(4);

    IS_INT(type(&editor, "a"), EDITOR_CHANGED, "a letter changes the line");
    IS_INT(type(&editor, "\x1b"), EDITOR_NOTHING, "half a key does not");
    IS_INT(type(&editor, "[D"), EDITOR_CHANGED, "the whole one does");
    IS_INT(type(&editor, "\t"), EDITOR_TAB, "Tab");
    IS_INT(type(&editor, "bcd"), EDITOR_CHANGED, "up to the limit");
    IS_INT(type(&editor, "e"), EDITOR_FULL, "and no farther");
    IS_INT(type(&editor, "\r"), EDITOR_LINE, "Enter");
    OK(span_equal(editor_line(&editor), SPAN("bcda")), "the line is there");
    OK(!editor_replace(&editor, 1, SPAN("xy")), "what has no room is not put in");
    OK(editor_replace(&editor, 1, SPAN("x")), "what has");
    OK(span_equal(editor_line(&editor), SPAN("bcxa")), "takes the place of what is in front of the cursor");
    editor_clear(&editor);
    IS_INT(type(&editor, "\x04"), EDITOR_END, "Ctrl-D on an empty line");
    editor_free(&editor);
}

static void check_show(const char *keys, size_t columns, size_t rows, const char *want, struct place cursor,
                       struct place end) {
    struct editor editor = EDITOR_INIT(1000);
    struct buffer out = BUFFER_INIT(10000);
    struct place got_cursor = {99, 99}, got_end = {99, 99};

    for (; *keys != '\0'; keys++)
        if (editor_feed(&editor, (uint8_t)*keys) == EDITOR_LINE)
            editor_finish(&editor);
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
    check_show("abc", 20, 5, "> abc", (struct place){0, 5}, (struct place){0, 5});
    check_show("abc\x02", 20, 5, "> abc", (struct place){0, 4}, (struct place){0, 5});
    check_show("abcdefgh", 10, 5, "> abcdefgh", (struct place){0, 10}, (struct place){0, 10});
    check_show("abcdefghi", 10, 5, "> abcdefghi", (struct place){1, 1}, (struct place){1, 1});
    check_show("abcdefghi\x01", 10, 5, "> abcdefghi", (struct place){0, 2}, (struct place){1, 1});
    /* A wide character does not fit into the last column. */
    check_show("abcdefg\xe4\xb8\xad", 10, 5, "> abcdefg\xe4\xb8\xad", (struct place){1, 2}, (struct place){1, 2});
    check_show("e\xcc\x81", 10, 5, "> e\xcc\x81", (struct place){0, 3}, (struct place){0, 3});
    check_show("abc\r\x12"
               "b",
               30, 5, "search \"b\": abc", (struct place){0, 15}, (struct place){0, 15});
    check_show("\xe2\x80\xae\xff", 40, 5, "> \\u{202e}\\xff", (struct place){0, 14}, (struct place){0, 14});
    /* More than the screen has room for: the part around the cursor. */
    check_show("0123456789abcdefghijklmnopqrst", 10, 2, "<pqrst", (struct place){0, 6}, (struct place){0, 6});
    check_show("0123456789abcdefghijklmnopqrst\x01", 10, 2, "<01234", (struct place){0, 1}, (struct place){0, 6});
}

int main(void) {
    test_keys();
    test_past();
    test_recall();
    test_events();
    test_show();
    return tap_done();
}
