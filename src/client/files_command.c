/* The lines typed about files. */
#include <config.h>

#include "src/client/files_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* A line each transfer, with a name and a peer. */
#define LIST_MAX (TRANSFERS_MAX * (FILE_NAME_SIZE + NAME_SIZE + 128))

/* The transfer whose number is WORD, or NULL. */
static struct transfer *find_transfer(struct client *client, struct span word) {
    uint64_t number = 0;

    return request_number(word, UINT32_MAX, &number) ? transfers_find(&client->transfers, number) : NULL;
}

/* The offer that REQUEST is about; without a number the only one.  NULL, and that is said: there is none. */
static struct transfer *find_offer(struct client *client, const struct request *request, unsigned long line) {
    struct transfer *transfer = request->operand_count == 0 ? transfers_only_offer(&client->transfers)
                                                            : find_transfer(client, request->operands[0]);

    if (transfer && !transfer->outgoing && transfer->state == TRANSFER_OFFERED)
        return transfer;
    client_bad_line(client, line, "there is no such offer of a file; see transfers");
    return NULL;
}

static int list(struct client *client) {
    struct buffer text = BUFFER_INIT(LIST_MAX);
    int error = files_list(client, &text);

    if (error == PROTO_OK && text.size == 0)
        files_say(client, "no files are on their way");
    else if (error == PROTO_OK)
        error = console_answer(client->console, buffer_span(&text));
    buffer_free(&text);
    return error;
}

static int cancel(struct client *client, const struct request *request, unsigned long line, uint64_t now) {
    struct transfer *transfer = find_transfer(client, request->operands[0]);
    int error;

    if (!transfer) {
        client_bad_line(client, line, "there is no such file on its way; see transfers");
        return PROTO_OK;
    }
    if (!transfer->outgoing && transfer->state == TRANSFER_OFFERED)
        return files_in_refuse(client, transfer, "", now);
    if (!transfer->outgoing) {
        download_discard(transfer->download);
        transfer->download = NULL;
        return files_in_fail(client, transfer, FILE_CANCELLED, "cancelled here", now);
    }
    error = transfer->state == TRANSFER_HASHING ? PROTO_OK : files_send_end(client, transfer, FILE_CANCELLED, "", now);
    files_tell(client, transfer, "cancelled", NULL, NULL);
    files_say(client, "%s to %s: cancelled", transfer->name, transfer->peer);
    transfers_remove(transfer);
    return error;
}

/* Sends the file behind the list of recipients in REST. */
static int send_file(struct client *client, struct span rest, unsigned long line, uint64_t now) {
    struct recipients recipients = {.count = 0};
    struct diagnostic why;
    struct span list = {rest.data, 0}, element;
    struct files_order order = {.line = line, .unreadable = STATUS_BAD_LINE};
    char *path;
    int error;

    while (list.size < rest.size && rest.data[list.size] != ' ' && rest.data[list.size] != '\t')
        list.size++;
    rest = (struct span){rest.data + list.size, rest.size - list.size};
    while (rest.size > 0 && (rest.data[0] == ' ' || rest.data[0] == '\t'))
        rest = (struct span){rest.data + 1, rest.size - 1};
    if (rest.size == 0 || !recipients_is_list(list)) {
        client_bad_line(client, line, "write send NAME FILE");
        return PROTO_OK;
    }
    while (recipients_split(&list, &element)) {
        if (recipients_add(&recipients, element, client->config->groups, &why) != 0) {
            client_bad_line(client, line, why.text);
            return PROTO_OK;
        }
    }
    if (!(path = strndup(rest.data, rest.size)))
        return PROTO_E_MEMORY;
    order.path = path;
    error = files_send_to(client, &order, &recipients, now);
    free(path);
    return error;
}

int files_command(struct client *client, const struct request *request, unsigned long number, uint64_t now) {
    struct transfer *transfer;

    switch (request->command) {
    case COMMAND_SEND:
        return send_file(client, request->rest, number, now);
    case COMMAND_ACCEPT:
        transfer = find_offer(client, request, number);
        return transfer ? files_in_accept(client, transfer, now) : PROTO_OK;
    case COMMAND_REFUSE:
        transfer = find_offer(client, request, number);
        return transfer ? files_in_refuse(client, transfer, "", now) : PROTO_OK;
    case COMMAND_CANCEL:
        return cancel(client, request, number, now);
    default:
        return list(client);
    }
}
