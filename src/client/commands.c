#include <config.h>

#include "src/client/commands.h"
#include "src/client/recipients.h"

#include <stdio.h>

static const struct {
    const char *word, *operands;
    size_t least, most;
    const char *help;
} table[] = {
#define COMMAND_X(name, word, operands, least, most, help) {word, operands, least, most, help},
    COMMAND_TABLE(COMMAND_X)
#undef COMMAND_X
};

#define COMMAND_COUNT (sizeof(table) / sizeof(table[0]))

static struct span trim(struct span text) {
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/* Takes the first word off TEXT, which has no blank in front. */
static struct span take_word(struct span *text) {
    struct span word = {text->data, 0};

    while (word.size < text->size && text->data[word.size] != ' ' && text->data[word.size] != '\t')
        word.size++;
    *text = trim((struct span){text->data + word.size, text->size - word.size});
    return word;
}

/* Reads LINE, without blanks around it, as a command. */
static bool read_command(struct span line, struct request *request) {
    struct span word = take_word(&line);
    size_t i = 0;

    if (word.size > 0 && word.data[0] == '/')
        word = (struct span){word.data + 1, word.size - 1};
    while (i < COMMAND_COUNT && !span_equal(word, span_of(table[i].word)))
        i++;
    if (i == COMMAND_COUNT)
        return false;
    request->command = (enum command)i;
    if (table[i].most == COMMAND_TEXT) {
        request->rest = line;
        return line.size > 0 || table[i].least == 0;
    }
    while (line.size > 0 && request->operand_count < table[i].most) {
        request->operands[request->operand_count++] = take_word(&line);
        if (request->operand_count == 1)
            request->rest = line;
    }
    return line.size == 0 && request->operand_count >= table[i].least;
}

void request_parse(struct span line, struct request *request) {
    const char *colon = line.size > 0 ? memchr(line.data, ':', line.size) : NULL;
    struct span words = trim(line);

    *request = (struct request){.type = REQUEST_UNKNOWN};
    if (words.size == 0) {
        request->type = REQUEST_NOTHING;
        return;
    }
    if (read_command(words, request)) {
        request->type = REQUEST_COMMAND;
        return;
    }
    if (!colon)
        return;

    struct span to = {line.data, (size_t)(colon - line.data)};
    struct span body = {colon + 1, line.size - to.size - 1};
    if (!recipients_is_list(to))
        return;
    if (body.size > 0 && body.data[0] == ' ') {
        body.data++;
        body.size--;
    }
    request->type = REQUEST_MESSAGE;
    request->to = to;
    request->body = body;
}

bool request_number(struct span word, uint64_t max, uint64_t *number) {
    uint64_t value = 0;

    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] < '0' || word.data[i] > '9' || value > max)
            return false;
        value = 10 * value + (uint64_t)(word.data[i] - '0');
    }
    *number = value;
    return value >= 1 && value <= max;
}

const char *commands_word(size_t index, const char **operands) {
    if (index >= COMMAND_COUNT)
        return NULL;
    *operands = table[index].operands;
    return table[index].word;
}

int commands_help(struct buffer *out) {
    static const char message[] =
        "NAME: text                 send text to NAME, encrypted end to end; NAME,NAME: text to each\n";
    size_t before = out->size;
    int error = buffer_append(out, message, sizeof(message) - 1);

    for (size_t i = 0; error == 0 && i < COMMAND_COUNT; i++) {
        char usage[32];
        char line[128];
        int length;

        snprintf(usage, sizeof(usage), "%s %s", table[i].word, table[i].operands);
        length = snprintf(line, sizeof(line), "%-26s %s\n", usage, table[i].help);
        error = buffer_append(out, line, (size_t)length);
    }
    if (error != 0)
        buffer_truncate(out, before);
    return error;
}
