/* What is said of files: to programs as events, to people as lines, and how far they are. */
#include <config.h>

#include "src/client/files_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* How often programs hear of progress. */
#define TELL_MS 1000

/* A name, a peer, and words. */
#define SAY_SIZE 1024

void files_tell(struct client *client, const struct transfer *transfer, const char *state, const char *reason,
                const char *path) {
    status_file(&client->statuses, &(struct json_file){.number = transfer->number,
                                                       .outgoing = transfer->outgoing,
                                                       .line = transfer->line,
                                                       .peer = transfer->peer,
                                                       .name = transfer->name,
                                                       .size = transfer->size,
                                                       .done = transfer->done,
                                                       .state = state,
                                                       .reason = reason,
                                                       .path = path});
}

void files_tell_progress(struct client *client, struct transfer *transfer, uint64_t now) {
    if (now < transfer->told + TELL_MS)
        return;
    transfer->told = now;
    files_tell(client, transfer, "progress", NULL, NULL);
}

void files_say(struct client *client, const char *format, ...) {
    char text[SAY_SIZE] = "";
    va_list arguments;

    if (!client->config->interactive)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    console_notice(client->console, "%s", text);
}

void files_show(struct client *client) {
    const size_t columns = console_columns(client->console);
    const struct transfer *shown = NULL;
    char line[PROGRESS_LINE_SIZE] = "";

    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        const struct transfer *transfer = &client->transfers.list[i];

        if (transfer->number != 0 && transfer->state == TRANSFER_MOVING &&
            (!shown || transfer->touched > shown->touched))
            shown = transfer;
    }
    if (shown && columns > 0)
        progress_line(line, &shown->progress, shown->name, shown->done, shown->size, columns);
    console_progress(client->console, line);
}

static const char *word_of(const struct transfer *transfer) {
    switch (transfer->state) {
    case TRANSFER_HASHING:
        return transfer->outgoing ? "hashed" : "checked";
    case TRANSFER_OFFERED:
        return "offered";
    case TRANSFER_RESTING:
        return "waiting";
    case TRANSFER_MOVING:
        break;
    }
    return "moving";
}

int files_list(const struct client *client, struct buffer *out) {
    int error = PROTO_OK;

    for (size_t i = 0; error == PROTO_OK && i < TRANSFERS_MAX; i++) {
        const struct transfer *transfer = &client->transfers.list[i];
        char line[SAY_SIZE], size[PROGRESS_SIZE_SIZE];

        if (transfer->number == 0)
            continue;
        progress_size(size, transfer->size);
        snprintf(line, sizeof(line), "%" PRIu64 " %s %s %s %u%% %s %s\n", transfer->number,
                 transfer->outgoing ? "to" : "from", transfer->peer, word_of(transfer),
                 transfer->size > 0 ? (unsigned)(transfer->done * 100 / transfer->size) : 100, size, transfer->name);
        error = buffer_append(out, line, strlen(line));
    }
    return error;
}
