#include <config.h>

#include "proto/error.h"
#include "proto/text.h"
#include "src/client/editor_past.h"

static bool set(struct buffer *to, struct span text) {
    buffer_truncate(to, 0);
    return text.size == 0 || buffer_append(to, text.data, text.size) == PROTO_OK;
}

enum editor_event editor_recall(struct editor *editor, size_t age) {
    struct span line = recall_line(&editor->past, age);

    if (age == editor->age)
        return EDITOR_CHANGED;
    if (age > 0 && line.size == 0)
        return EDITOR_FULL;
    if (age > 0 && editor->age == 0 && !set(&editor->draft, editor_line(editor)))
        return EDITOR_FULL;
    if (!set(&editor->line, age > 0 ? line : buffer_span(&editor->draft)))
        return EDITOR_FULL;
    editor->age = age;
    editor->cursor = editor->line.size;
    return EDITOR_CHANGED;
}

/* Shows the newest line with the query in it that is at least as old as AGE. */
static enum editor_event find(struct editor *editor, size_t age) {
    size_t found = recall_find(&editor->past, buffer_span(&editor->query), age);

    return found > 0 ? editor_recall(editor, found) : EDITOR_FULL;
}

static enum editor_event extend(struct editor *editor, uint8_t byte) {
    if (editor->query.size == editor->query.limit || buffer_append(&editor->query, &byte, 1) != PROTO_OK)
        return EDITOR_FULL;
    if (!text_is_utf8(buffer_span(&editor->query)))
        return EDITOR_CHANGED; /* within a character */
    return find(editor, editor->age);
}

static enum editor_event shorten(struct editor *editor) {
    size_t size = editor->query.size;

    while (size > 0 && (buffer_data(&editor->query)[size - 1] & 0xc0) == 0x80)
        size--;
    buffer_truncate(&editor->query, size > 0 ? size - 1 : 0);
    return editor->query.size > 0 ? find(editor, 0) : editor_recall(editor, 0);
}

enum editor_event editor_search(struct editor *editor, uint8_t byte) {
    switch (byte) {
    case CTRL('R'):
        return find(editor, editor->age + 1);
    case CTRL('H'):
    case KEY_DELETE:
        return shorten(editor);
    case CTRL('G'):
        editor->searching = false;
        return editor->age > 0 ? editor_recall(editor, 0) : EDITOR_CHANGED;
    default:
        break;
    }
    if (byte >= ' ')
        return extend(editor, byte);
    editor->searching = false;
    return EDITOR_NOTHING;
}

int editor_show_search(const struct editor *editor, struct buffer *out, struct span *prompt) {
    int error = buffer_append(out, "search \"", 8);

    if (error == PROTO_OK)
        error = text_escape(out, buffer_span(&editor->query));
    if (error == PROTO_OK)
        error = buffer_append(out, "\": ", 3);
    *prompt = buffer_span(out);
    return error;
}
