#include <config.h>

#include "proto/text.h"
#include "src/client/history_answer.h"
#include "src/client/keeping.h"

/* Room for an answer: the texts, all of them escaped, and what stands in front of each. */
#define ANSWER_MAX (TEXT_ESCAPE_MAX(HISTORY_TEXT_MAX) + HISTORY_ANSWER_MAX * HISTORY_ANSWER_HEAD)

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

static void keep(struct client *client, const struct history_entry *entry) {
    struct diagnostic why;

    if (client->history && history_add(client->history, entry, &why) != 0)
        give_up(client, &why);
}

void keeping_note_received(struct client *client, const char *peer, const struct conversation_event *event) {
    keep(client, &(struct history_entry){.time = event->time,
                                         .name = span_of(peer),
                                         .text = {event->body, event->body_size},
                                         .own = span_of(client->name),
                                         .id = span_of(event->id),
                                         .fingerprint = span_of(event->fingerprint),
                                         .signature = event->signature});
}

void keeping_note_sent(struct client *client, const struct ledger_line *line, uint64_t time, struct span text) {
    keep(client, &(struct history_entry){.sent = true,
                                         .time = time,
                                         .name = span_of(line->peer),
                                         .text = text,
                                         .own = span_of(client->name),
                                         .id = span_of(line->id)});
}

/* Appends the line of ENTRY to the answer. */
static int show(void *context, const struct history_entry *entry) {
    return history_answer_line(context, entry) != PROTO_OK;
}

static bool read_query(const struct request *request, struct history_query *query) {
    if (request->command == COMMAND_HISTORY)
        return history_answer_query(query, request->operands, request->operand_count);
    if (!history_answer_query(query, NULL, 0))
        return false;
    query->text = request->rest;
    return true;
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
