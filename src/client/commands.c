#include <config.h>

#include "src/client/commands.h"
#include "src/client/recipients.h"

#include <stdio.h>

static const struct {
    const char *word, *help;
} table[] = {
#define COMMAND_X(name, word, help) {word, help},
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

static bool find_command(struct span word, enum command *command) {
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (span_equal(word, span_of(table[i].word))) {
            *command = (enum command)i;
            return true;
        }
    }
    return false;
}

void request_parse(struct span line, struct request *request) {
    const char *colon = line.size > 0 ? memchr(line.data, ':', line.size) : NULL;
    struct span word = trim(line);

    *request = (struct request){.type = REQUEST_UNKNOWN};
    if (word.size == 0) {
        request->type = REQUEST_NOTHING;
        return;
    }
    if (find_command(word, &request->command)) {
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

int commands_help(struct buffer *out) {
    static const char message[] = "NAME: text   send text to NAME, encrypted end to end; NAME,NAME: text to each\n";
    size_t before = out->size;
    int error = buffer_append(out, message, sizeof(message) - 1);

    for (size_t i = 0; error == 0 && i < COMMAND_COUNT; i++) {
        char line[128];
        int length = snprintf(line, sizeof(line), "%-12s %s\n", table[i].word, table[i].help);

        error = buffer_append(out, line, (size_t)length);
    }
    if (error != 0)
        buffer_truncate(out, before);
    return error;
}
