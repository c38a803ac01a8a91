#include <config.h>

#include "proto/text.h"
#include "src/client/ask.h"

#include <strings.h>

#define YES_OR_NO "[y/n]"

bool ask_is_waiting(const struct client *client) {
    return client->config->asks && !client->answered;
}

static struct span trim(struct span text) {
    while (text.size > 0 && strchr(" \t\r\n", text.data[text.size - 1]))
        text.size--;
    while (text.size > 0 && strchr(" \t\r\n", text.data[0])) {
        text.data++;
        text.size--;
    }
    return text;
}

static bool is_word(struct span text, const char *word) {
    return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}

/* True if the question is one for yes or no. */
static bool wants_yes_or_no(const struct client *client) {
    struct span question = trim(span_of(client->config->message));
    const size_t size = sizeof(YES_OR_NO) - 1;

    return question.size >= size && memcmp(question.data + question.size - size, YES_OR_NO, size) == 0;
}

/* Writes LINE to standard output; the message counts as handed on when it is written. */
static int write_line(struct client *client, const struct json_message *message, struct span line) {
    struct output_mark mark;

    output_mark_set(&mark, message->from, message->event->fingerprint, message->event->id);
    return console_event(client->console, line, &mark);
}

static int print(struct client *client, const struct json_message *message, struct span body) {
    struct buffer line = BUFFER_INIT(TEXT_ESCAPE_MAX(MESSAGE_BODY_MAX) + 1);
    int error = text_escape(&line, body);

    if (error == PROTO_OK)
        error = buffer_append(&line, "\n", 1);
    if (error == PROTO_OK)
        error = write_line(client, message, buffer_span(&line));
    buffer_free(&line);
    return error;
}

int ask_take(struct client *client, const struct json_message *message, bool *taken) {
    const struct span body = {message->event->body, message->event->body_size};
    const struct span answer = trim(body);
    bool no = is_word(answer, "n") || is_word(answer, "no");

    *taken = false;
    if (!ask_is_waiting(client))
        return PROTO_OK;
    if (wants_yes_or_no(client) && !no && !is_word(answer, "y") && !is_word(answer, "yes")) {
        /* It is shown on standard error, and handed on with nothing on standard output. */
        *taken = true;
        console_notice(client->console, "%s says neither yes nor no: %.*s", message->from, (int)body.size, body.data);
        return write_line(client, message, SPAN(""));
    }
    *taken = client->answered = true;
    if (no && wants_yes_or_no(client))
        client->status = exit_status_worse(client->status, STATUS_ANSWER_NO);
    return print(client, message, body);
}

void ask_give_up(struct client *client) {
    if (ask_is_waiting(client) && client->status == STATUS_OK)
        client_fail(client, STATUS_NO_RECEIPT, "no answer");
    client->answered = true;
}
