#include <config.h>

#include "proto/text.h"
#include "src/client/keeping.h"

#include <stdio.h>
#include <time.h>

/* Messages of an answer, if it is not said how many. */
#define KEEPING_COUNT 20

/* "[YYYY-MM-DD HH:MM:SS] ", brackets around a name. */
#define LINE_SIZE (64 + NAME_SIZE)

/* Room for an answer: the texts, all of them escaped, and what stands in front of each. */
#define ANSWER_MAX (TEXT_ESCAPE_MAX(HISTORY_TEXT_MAX) + HISTORY_ANSWER_MAX * LINE_SIZE)

static void give_up(struct client *client, const struct diagnostic *why) {
    console_notice(client->console, "no history is kept: %s", why->text);
    history_close(client->history);
    client->history = NULL;
}

void keeping_open(struct client *client) {
    const struct client_config *config = client->config;
    struct diagnostic why;

    if (config->history && history_open(&client->history, config->history, config->identity, &why) != 0)
        give_up(client, &why);
}

void keeping_note(struct client *client, bool sent, const char *peer, uint64_t time, struct span text) {
    const struct history_entry entry = {.sent = sent, .time = time, .name = span_of(peer), .text = text};
    struct diagnostic why;

    if (client->history && history_add(client->history, &entry, &why) != 0)
        give_up(client, &why);
}

/* Appends the line of ENTRY to the answer. */
static int show(void *context, const struct history_entry *entry) {
    struct buffer *out = context;
    time_t seconds = (time_t)(entry->time / 1000);
    char day[32] = "---------- --:--:--", head[LINE_SIZE];
    struct tm local;
    int error;

    if (localtime_r(&seconds, &local))
        strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S", &local);
    snprintf(head, sizeof(head), entry->sent ? "[%s] to %.*s: " : "[%s] [%.*s]: ", day, (int)entry->name.size,
             entry->name.data);
    error = buffer_append(out, head, strlen(head));
    if (error == PROTO_OK)
        error = text_escape(out, entry->text);
    return error != PROTO_OK ? 1 : buffer_append(out, "\n", 1) != PROTO_OK;
}

/* [NAME] [N] */
static bool read_query(const struct request *request, struct history_query *query) {
    uint64_t count = KEEPING_COUNT;
    size_t next = 0;

    *query = (struct history_query){.count = KEEPING_COUNT};
    if (request->command == COMMAND_SEARCH) {
        query->text = request->rest;
        return true;
    }
    if (next < request->operand_count && name_is_valid(request->operands[next]))
        query->name = request->operands[next++];
    if (next < request->operand_count && request_number(request->operands[next], HISTORY_ANSWER_MAX, &count))
        next++;
    query->count = (size_t)count;
    return next == request->operand_count;
}

int keeping_answer(struct client *client, const struct request *request, unsigned long number) {
    struct buffer out = BUFFER_INIT(ANSWER_MAX);
    struct history_query query;
    struct diagnostic why;
    size_t damaged = 0;
    int error = PROTO_OK;
    int result;

    if (!client->history) {
        client_bad_line(client, number, "no history is kept");
        return PROTO_OK;
    }
    if (!read_query(request, &query)) {
        client_bad_line(client, number, "write history [NAME] [N], N from 1 to 1000");
        return PROTO_OK;
    }
    result = history_read(client->history, &query, show, &out, &damaged, &why);
    if (result < 0)
        console_notice(client->console, "%s", why.text);
    else if (result == 0 && out.size > 0)
        error = console_answer(client->console, buffer_span(&out));
    else
        console_notice(client->console, result == 0 ? "nothing was found" : "the answer is too long");
    if (damaged > 0)
        console_notice(client->console, "records of the history that are damaged: %zu", damaged);
    buffer_free(&out);
    return error;
}
