#include <config.h>

#include "proto/error.h"
#include "src/client/commands.h"
#include "src/client/completion.h"

#include <stdio.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static size_t end_of_word(struct span line) {
    size_t end = 0;

    while (end < line.size && !is_blank(line.data[end]))
        end++;
    return end;
}

/* True if WORD, which may stand behind a '/', is a command whose first operand is a name. */
static bool takes_name(struct span word) {
    const char *operands, *other;

    if (word.size > 0 && word.data[0] == '/')
        word = (struct span){word.data + 1, word.size - 1};
    for (size_t i = 0; (other = commands_word(i, &operands)) != NULL; i++)
        if (span_equal(word, span_of(other)))
            return strncmp(operands, "NAME", 4) == 0 || strncmp(operands, "[NAME]", 6) == 0;
    return false;
}

/* The word being typed is behind a command, END bytes long; only the first operand is completed. */
static void begin_operand(struct completion *completion, struct span line, size_t end) {
    struct span rest = {line.data + end, line.size - end};

    while (rest.size > 0 && is_blank(rest.data[0]))
        rest = (struct span){rest.data + 1, rest.size - 1};
    if (!takes_name((struct span){line.data, end}) || end_of_word(rest) != rest.size)
        return;
    completion->kind = COMPLETION_OPERAND;
    completion->word = rest;
}

static void begin_first(struct completion *completion, struct span line) {
    completion->kind = COMPLETION_FIRST;
    completion->word = line;
    if (line.size > 0 && line.data[0] == '/') {
        completion->kind = COMPLETION_COMMAND;
        completion->word = (struct span){line.data + 1, line.size - 1};
        return;
    }
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] == ',') {
            completion->kind = COMPLETION_LIST;
            completion->word = (struct span){line.data + i + 1, line.size - i - 1};
        }
    }
}

void completion_begin(struct completion *completion, struct span before) {
    size_t end = end_of_word(before);

    *completion = (struct completion){.kind = COMPLETION_NOTHING, .word = SPAN("")};
    if (end < before.size)
        begin_operand(completion, before, end);
    else if (before.size == 0 || !memchr(before.data, ':', before.size))
        begin_first(completion, before.size > 0 ? before : SPAN(""));
    if (completion->word.size >= COMPLETION_WORD_SIZE)
        *completion = (struct completion){.kind = COMPLETION_NOTHING, .word = SPAN("")};
}

static bool begins_with(struct span text, struct span start) {
    return text.size >= start.size && name_equal((struct span){text.data, start.size}, start);
}

static bool add(struct completion *completion, struct span word) {
    if (!begins_with(word, completion->word))
        return false;
    for (size_t i = 0; i < completion->count; i++)
        if (name_equal(word, span_of(completion->found[i])))
            return false;
    completion->more = completion->count == COMPLETION_MAX;
    if (!completion->more)
        snprintf(completion->found[completion->count++], COMPLETION_WORD_SIZE, "%.*s", (int)word.size, word.data);
    return !completion->more;
}

void completion_offer_name(struct completion *completion, struct span name) {
    if (completion->kind != COMPLETION_NOTHING && completion->kind != COMPLETION_COMMAND && name_is_valid(name))
        add(completion, name);
}

bool completion_wants_group(const struct completion *completion) {
    return (completion->kind == COMPLETION_FIRST || completion->kind == COMPLETION_LIST) && completion->word.size > 0 &&
           completion->word.data[0] == '@';
}

void completion_offer_group(struct completion *completion, struct span name) {
    char word[COMPLETION_WORD_SIZE];

    if (!completion_wants_group(completion) || !name_is_valid(name))
        return;
    snprintf(word, sizeof(word), "@%.*s", (int)name.size, name.data);
    add(completion, span_of(word));
}

void completion_offer_command(struct completion *completion, const char *word, const char *operands) {
    if (completion->kind != COMPLETION_FIRST && completion->kind != COMPLETION_COMMAND)
        return;
    if (add(completion, span_of(word)) && completion->count == 1) {
        completion->is_command = true;
        completion->has_operands = operands[0] != '\0';
    }
}

/* The length of the longest common prefix of the words found. */
static size_t common(const struct completion *completion) {
    size_t size = completion->count > 0 ? strlen(completion->found[0]) : 0;

    for (size_t i = 1; i < completion->count; i++)
        while (!begins_with(span_of(completion->found[i]), (struct span){completion->found[0], size}))
            size--;
    return size;
}

static const char *what_follows(const struct completion *completion) {
    if (completion->is_command)
        return completion->has_operands ? " " : "";
    return completion->kind == COMPLETION_OPERAND ? " " : ": ";
}

static int list(const struct completion *completion, struct buffer *out) {
    int error = PROTO_OK;

    for (size_t i = 0; error == PROTO_OK && i < completion->count; i++) {
        error = buffer_append(out, completion->found[i], strlen(completion->found[i]));
        if (error == PROTO_OK && i + 1 < completion->count)
            error = buffer_append(out, "  ", 2);
    }
    return error != PROTO_OK ? error
                             : buffer_append(out, completion->more ? "  ...\n" : "\n", completion->more ? 6 : 1);
}

int completion_end(const struct completion *completion, char text[static COMPLETION_TEXT_SIZE],
                   struct buffer *choices) {
    size_t size = common(completion);

    if (size < completion->word.size || (size == completion->word.size && completion->count > 1)) {
        snprintf(text, COMPLETION_TEXT_SIZE, "%.*s", (int)completion->word.size, completion->word.data);
        return completion->count > 1 ? list(completion, choices) : PROTO_OK;
    }
    snprintf(text, COMPLETION_TEXT_SIZE, "%.*s%s", (int)size, completion->found[0],
             completion->count == 1 ? what_follows(completion) : "");
    return PROTO_OK;
}
