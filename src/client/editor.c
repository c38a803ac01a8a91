#include <config.h>

#include "proto/error.h"
#include "proto/text.h"
#include "src/client/editor.h"
#include "src/client/editor_past.h"

#define KEY_ESCAPE 0x1b

/* Numbers in escape sequences: the keys held down with a key, and the brackets around a paste. */
enum { WITH_ALT = 3, WITH_CTRL = 5, PASTE_BEGINS = 200, PASTE_ENDS = 201 };

/* Numbers above that mean nothing, and do not overflow. */
#define NUMBER_MAX 1000

struct span editor_line(const struct editor *editor) {
    return buffer_span(&editor->line);
}

struct span editor_before(const struct editor *editor) {
    return (struct span){editor_line(editor).data, editor->cursor};
}

void editor_clear(struct editor *editor) {
    buffer_truncate(&editor->line, 0);
    buffer_truncate(&editor->draft, 0);
    buffer_truncate(&editor->query, 0);
    editor->cursor = 0;
    editor->age = 0;
    editor->searching = false;
    editor->state = EDITOR_PLAIN;
}

void editor_finish(struct editor *editor) {
    recall_add(&editor->past, editor_line(editor));
    editor_clear(editor);
}

/* True if what stands AT in the line belongs to the character in front of it. */
static bool continues(const struct editor *editor, size_t at) {
    struct span line = editor_line(editor);
    uint32_t character = 0;

    if (at >= line.size)
        return false;
    if (((uint8_t)line.data[at] & 0xc0) == 0x80)
        return true;
    return text_decode((struct span){line.data + at, line.size - at}, &character) > 0 && columns_of(character) == 0;
}

static size_t previous(const struct editor *editor, size_t at) {
    if (at > 0)
        at--;
    while (at > 0 && continues(editor, at))
        at--;
    return at;
}

static size_t following(const struct editor *editor, size_t at) {
    if (at < editor->line.size)
        at++;
    while (continues(editor, at))
        at++;
    return at;
}

static size_t word_before(const struct editor *editor, size_t at) {
    const uint8_t *data = buffer_data(&editor->line);

    while (at > 0 && data[at - 1] == ' ')
        at--;
    while (at > 0 && data[at - 1] != ' ')
        at--;
    return at;
}

static size_t word_behind(const struct editor *editor, size_t at) {
    const uint8_t *data = buffer_data(&editor->line);

    while (at < editor->line.size && data[at] == ' ')
        at++;
    while (at < editor->line.size && data[at] != ' ')
        at++;
    return at;
}

static void erase(struct editor *editor, size_t from, size_t to) {
    uint8_t *data = buffer_data(&editor->line);

    if (from == to)
        return;
    memmove(data + from, data + to, editor->line.size - to);
    buffer_truncate(&editor->line, editor->line.size - (to - from));
    editor->cursor = from;
}

static enum editor_event insert(struct editor *editor, uint8_t byte) {
    uint8_t *data;

    if (editor->line.size >= editor->line.limit || buffer_append(&editor->line, &byte, 1) != PROTO_OK)
        return EDITOR_FULL;
    data = buffer_data(&editor->line);
    memmove(data + editor->cursor + 1, data + editor->cursor, editor->line.size - 1 - editor->cursor);
    data[editor->cursor++] = byte;
    return EDITOR_CHANGED;
}

bool editor_replace(struct editor *editor, size_t size, struct span text) {
    if (text.size > editor->line.limit - (editor->line.size - size))
        return false;
    erase(editor, editor->cursor - size, editor->cursor);
    for (size_t i = 0; i < text.size; i++)
        if (insert(editor, (uint8_t)text.data[i]) == EDITOR_FULL)
            return false;
    return true;
}

/* Moves the cursor, if KEY is one that does. */
static bool move(struct editor *editor, uint8_t key) {
    switch (key) {
    case CTRL('A'):
        editor->cursor = 0;
        return true;
    case CTRL('E'):
        editor->cursor = editor->line.size;
        return true;
    case CTRL('B'):
        editor->cursor = previous(editor, editor->cursor);
        return true;
    case CTRL('F'):
        editor->cursor = following(editor, editor->cursor);
        return true;
    default:
        return false;
    }
}

/* Erases a part of the line, if KEY is one that does. */
static bool erase_by(struct editor *editor, uint8_t key) {
    const size_t cursor = editor->cursor;

    switch (key) {
    case CTRL('H'):
    case KEY_DELETE:
        erase(editor, previous(editor, cursor), cursor);
        return true;
    case CTRL('D'):
        erase(editor, cursor, following(editor, cursor));
        return true;
    case CTRL('U'):
        erase(editor, 0, cursor);
        return true;
    case CTRL('K'):
        buffer_truncate(&editor->line, cursor);
        return true;
    case CTRL('W'):
        erase(editor, word_before(editor, cursor), cursor);
        return true;
    default:
        return false;
    }
}

/* Takes a key that is one control byte.  Keys that are escape sequences are turned into these. */
static enum editor_event control(struct editor *editor, uint8_t key) {
    if (key == CTRL('D') && editor->line.size == 0)
        return EDITOR_END;
    if (move(editor, key) || erase_by(editor, key))
        return EDITOR_CHANGED;
    switch (key) {
    case '\n':
    case '\r':
        return EDITOR_LINE;
    case '\t':
        return EDITOR_TAB;
    case CTRL('L'):
        return EDITOR_CHANGED;
    case CTRL('P'):
        return editor_recall(editor, editor->age + 1);
    case CTRL('N'):
        return editor->age > 0 ? editor_recall(editor, editor->age - 1) : EDITOR_FULL;
    case CTRL('R'):
        buffer_truncate(&editor->query, 0);
        editor->searching = true;
        return EDITOR_CHANGED;
    default:
        return EDITOR_NOTHING;
    }
}

/* Takes a key that is a number and "~": Home and End, which have two each, Delete, and the bracket before a paste. */
static enum editor_event numbered(struct editor *editor, unsigned number) {
    switch (number) {
    case 1:
    case 7:
        return control(editor, CTRL('A'));
    case 4:
    case 8:
        return control(editor, CTRL('E'));
    case 3:
        return editor->line.size > 0 ? control(editor, CTRL('D')) : EDITOR_NOTHING;
    case PASTE_BEGINS:
        editor->pasting = true;
        return EDITOR_NOTHING;
    default:
        return EDITOR_NOTHING;
    }
}

static enum editor_event move_by_word(struct editor *editor, bool back) {
    editor->cursor = back ? word_before(editor, editor->cursor) : word_behind(editor, editor->cursor);
    return EDITOR_CHANGED;
}

/* Takes BYTE, the last of an escape sequence: which key that was. */
static enum editor_event escape_end(struct editor *editor, uint8_t byte) {
    const bool by_word = editor->numbers[1] == WITH_ALT || editor->numbers[1] == WITH_CTRL;

    editor->state = EDITOR_PLAIN;
    if (editor->pasting) {
        editor->pasting = byte != '~' || editor->numbers[0] != PASTE_ENDS;
        return EDITOR_NOTHING;
    }
    switch (byte) {
    case 'A':
        return control(editor, CTRL('P'));
    case 'B':
        return control(editor, CTRL('N'));
    case 'C':
        return by_word ? move_by_word(editor, false) : control(editor, CTRL('F'));
    case 'D':
        return by_word ? move_by_word(editor, true) : control(editor, CTRL('B'));
    case 'H':
        return control(editor, CTRL('A'));
    case 'F':
        return control(editor, CTRL('E'));
    case '~':
        return numbered(editor, editor->numbers[0]);
    default:
        return EDITOR_NOTHING;
    }
}

static enum editor_event after_escape(struct editor *editor, uint8_t byte) {
    editor->numbers[0] = editor->numbers[1] = 0;
    editor->number = 0;
    editor->state = byte == '[' ? EDITOR_CSI : byte == 'O' ? EDITOR_SS3 : EDITOR_PLAIN;
    if (!editor->pasting && (byte == 'b' || byte == 'f'))
        return move_by_word(editor, byte == 'b');
    return EDITOR_NOTHING;
}

/* Inside an escape sequence with numbers: "1;5" and what ends it. */
static enum editor_event in_sequence(struct editor *editor, uint8_t byte) {
    unsigned *number = &editor->numbers[editor->number];

    if (byte >= 0x40 && byte <= 0x7e)
        return escape_end(editor, byte);
    if (byte == ';')
        editor->number = 1;
    else if (byte >= '0' && byte <= '9' && *number < NUMBER_MAX)
        *number = 10 * *number + (byte - '0');
    return EDITOR_NOTHING;
}

enum editor_event editor_feed(struct editor *editor, uint8_t byte) {
    enum editor_event event;

    switch (editor->state) {
    case EDITOR_ESCAPE:
        return after_escape(editor, byte);
    case EDITOR_SS3:
        return escape_end(editor, byte);
    case EDITOR_CSI:
        return in_sequence(editor, byte);
    case EDITOR_PLAIN:
        break;
    }
    if (byte == KEY_ESCAPE) {
        event = editor->searching ? EDITOR_CHANGED : EDITOR_NOTHING;
        editor->searching = false;
        editor->state = EDITOR_ESCAPE;
        return event;
    }
    if (editor->pasting && (byte < ' ' || byte == KEY_DELETE) && byte != '\r' && byte != '\n')
        return byte == '\t' ? insert(editor, byte) : EDITOR_NOTHING;
    if (editor->searching && (event = editor_search(editor, byte)) != EDITOR_NOTHING)
        return event;
    return byte < ' ' || byte == KEY_DELETE ? control(editor, byte) : insert(editor, byte);
}

/* Where the last characters of TEXT begin that fit into CELLS columns, and where the first that fit end. */
static size_t fit_at_end(struct span text, size_t cells) {
    size_t at = text.size;

    while (at > 0) {
        uint32_t character = 0;
        size_t start = at - 1;

        while (start > 0 && ((uint8_t)text.data[start] & 0xc0) == 0x80)
            start--;
        text_decode((struct span){text.data + start, at - start}, &character);
        if (columns_of(character) > cells)
            break;
        cells -= columns_of(character);
        at = start;
    }
    return at;
}

static size_t fit_at_start(struct span text, size_t cells) {
    size_t at = 0;

    while (at < text.size) {
        uint32_t character = 0;
        size_t size = text_decode((struct span){text.data + at, text.size - at}, &character);

        if (columns_of(character) > cells)
            break;
        cells -= columns_of(character);
        at += size ? size : 1;
    }
    return at;
}

/* What the line looks like: a tab is no column of its own on a screen, so it becomes a blank here. */
static int render(const struct editor *editor, struct buffer *out, size_t *cursor) {
    struct span line = editor_line(editor);
    struct span left = {line.data, editor->cursor};
    struct span right = {line.data ? line.data + editor->cursor : NULL, line.size - editor->cursor};
    int error = text_escape(out, left);

    if (error != PROTO_OK)
        return error;
    *cursor = out->size;
    error = text_escape(out, right);
    for (size_t i = 0; i < out->size; i++)
        if (buffer_data(out)[i] == '\t')
            buffer_data(out)[i] = ' ';
    return error;
}

/* Cuts SHOWN, whose cursor is at *AT, to a part of CELLS columns that has the cursor. */
static struct span cut_to(struct span shown, size_t cells, size_t *at) {
    size_t skip = fit_at_end(shown, cells);

    skip = skip > *at ? *at : skip;
    shown = (struct span){shown.data + skip, shown.size - skip};
    shown.size = fit_at_start(shown, cells);
    *at -= skip;
    return shown;
}

int editor_show(const struct editor *editor, struct span prompt, size_t columns, size_t rows, struct buffer *out,
                struct place *cursor, struct place *end) {
    struct buffer escaped = BUFFER_INIT(TEXT_ESCAPE_MAX(editor->line.limit) + 1);
    struct place place = {0, 0};
    struct buffer question = BUFFER_INIT(TEXT_ESCAPE_MAX(EDITOR_QUERY_MAX) + 16);
    struct span shown = {NULL, 0};
    size_t at = 0, before = out->size;
    int error = render(editor, &escaped, &at);

    if (error == PROTO_OK && editor->searching)
        error = editor_show_search(editor, &question, &prompt);
    if (error != PROTO_OK)
        goto out;
    shown = buffer_span(&escaped);
    columns_walk(&place, prompt, columns);
    columns_walk(&place, shown, columns);
    if (place.row >= rows) {
        prompt = SPAN("<");
        shown = cut_to(shown, (rows - 1) * columns - columns / 2, &at);
    }
    *cursor = *end = (struct place){0, 0};
    columns_walk(cursor, prompt, columns);
    columns_walk(cursor, (struct span){shown.data, at}, columns);
    columns_walk(end, prompt, columns);
    columns_walk(end, shown, columns);
    error = buffer_append(out, prompt.data, prompt.size);
    if (error == PROTO_OK && shown.size > 0)
        error = buffer_append(out, shown.data, shown.size);
    if (error != PROTO_OK)
        buffer_truncate(out, before);
out:
    buffer_free(&escaped);
    buffer_free(&question);
    return error;
}

void editor_free(struct editor *editor) {
    buffer_free(&editor->line);
    buffer_free(&editor->draft);
    buffer_free(&editor->query);
    recall_free(&editor->past);
}
