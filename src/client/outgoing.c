#include <config.h>

#include "src/client/commands.h"
#include "src/client/files.h"
#include "src/client/json_request.h"
#include "src/client/keeping.h"
#include "src/client/known.h"
#include "src/client/listing.h"
#include "src/client/outgoing.h"
#include "src/client/phases.h"
#include "src/client/pinging.h"
#include "src/client/presence.h"
#include "src/client/reply.h"
#include "src/client/sending.h"
#include "src/client/spooling.h"
#include "src/client/whois.h"

static int show_help(struct client *client) {
    struct buffer text = BUFFER_INIT(4096);
    int error = commands_help(&text);

    if (error == PROTO_OK)
        error = console_answer(client->console, buffer_span(&text));
    buffer_free(&text);
    return error;
}

/* Says that lines behind the command to end, which have been read, are not sent; they are put back for --or-else. */
static void refuse_rest(struct client *client) {
    struct input_line line;

    while (!client->config->interactive && input_next(&client->input, &line)) {
        if (line.text.size == 0 && line.defect == INPUT_GOOD)
            continue;
        client_fail(client, STATUS_BAD_LINE, "line %lu and what follows it: not sent, behind the end",
                    line.number + (client->spooling ? client->spooling->first : 0));
        input_put_back(&client->input);
        return;
    }
}

static int set_signing(struct client *client, struct span word, unsigned long number) {
    if (!span_equal(word, SPAN("on")) && !span_equal(word, SPAN("off"))) {
        client_bad_line(client, number, "write sign on or sign off");
        return PROTO_OK;
    }
    client->sign = span_equal(word, SPAN("on"));
    if (client->config->interactive)
        console_notice(client->console, client->sign ? "messages are signed" : "messages are not signed");
    return PROTO_OK;
}

static int do_command(struct client *client, const struct request *request, unsigned long number, uint64_t now) {
    switch (request->command) {
    case COMMAND_HELP:
        return show_help(client);
    case COMMAND_LIST:
        return listing_begin(client);
    case COMMAND_HISTORY:
    case COMMAND_SEARCH:
        return keeping_answer(client, request, number);
    case COMMAND_REPLY:
        break; /* it was made a message */
    case COMMAND_SIGN:
        return set_signing(client, request->operands[0], number);
    case COMMAND_PEERS:
    case COMMAND_VERIFY:
    case COMMAND_TRUST:
    case COMMAND_UNTRUST:
        return known_command(client, request, number);
    case COMMAND_WHOIS:
        return whois_begin(client, request->operands[0], now);
    case COMMAND_AWAY:
    case COMMAND_BACK:
        return presence_command(client, request, number, now);
    case COMMAND_PING:
        return pinging_begin(client, request, number, now);
    case COMMAND_SEND:
    case COMMAND_ACCEPT:
    case COMMAND_REFUSE:
    case COMMAND_TRANSFERS:
    case COMMAND_CANCEL:
        return files_command(client, request, number, now);
    case COMMAND_EXIT:
    case COMMAND_QUIT:
        refuse_rest(client);
        phase_drain(client, now);
        break;
    }
    return PROTO_OK;
}

/* With --to, a person can still give commands, behind a '/'; every line that begins with one is taken for a command, so
 * that a mistyped one is not sent.  Scripts send all lines. */
static bool is_slashed(const struct client *client, struct span line) {
    return client->config->interactive && line.size > 0 && line.data[0] == '/';
}

/* Keeps LINE in case it is not delivered. */
static int note(struct client *client, const struct input_line *line) {
    return client->or_else ? or_else_note(client->or_else, line->number, line->text) : PROTO_OK;
}

/* Refuses LINE, for the reason WHY; NULL: with a hint at what may have been meant. */
static int refuse_line(struct client *client, const struct input_line *line, const char *why) {
    char hint[COMMANDS_HINT_SIZE];
    int error = PROTO_OK;

    if (client->spooling)
        spooling_lose(client, line->number, line->text, STATUS_BAD_LINE);
    else
        error = note(client, line);
    if (error != PROTO_OK)
        return error;
    commands_hint(hint, line->text);
    client_bad_line(client, line->number, why ? why : hint);
    return PROTO_OK;
}

/* Sends the message of REQUEST: to those that it names, or else that the command line does. */
static int send_message(struct client *client, const struct input_line *line, const struct request *request,
                        uint64_t now) {
    const struct sending_text text = {
        .number = line->number, .body = request->body, .line = line->text, .id = request->id};
    int error;

    if (client->spooling && request->id.size > 0 && spooling_knows(client, line->number, request->id))
        return PROTO_OK;
    if (request->to.size == 0 && !client->config->to)
        return refuse_line(client, line, "it names nobody to send it to");
    /* With a spool, the line is there until its result is known. */
    if (!client->spooling && (error = note(client, line)) != PROTO_OK)
        return error;
    return request->to.size > 0 ? sending_list(client, &text, request->to, now)
                                : sending_recipients(client, &text, client->config->to, now);
}

/* Reads LINE into REQUEST.  If it is REQUEST_UNKNOWN, *WHY says why, if that is known. */
static int read_request(struct client *client, const struct input_line *line, struct request *request,
                        const char **why) {
    if (client->config->json_input)
        return json_request_parse(&client->request, line->text, request, why);
    if (client->config->to && !is_slashed(client, line->text))
        *request = (struct request){.type = REQUEST_MESSAGE, .body = line->text};
    else
        request_parse(line->text, request);
    return PROTO_OK;
}

static int take_line(struct client *client, const struct input_line *line, uint64_t now) {
    struct request request;
    const char *why = NULL;
    int error;

    if (client->config->send)
        return files_send_to(
            client,
            &(struct files_order){.line = line->number, .path = client->config->send, .unreadable = STATUS_USAGE},
            client->config->to, now);
    if (line->defect != INPUT_GOOD) {
        client_bad_line(client, line->number, input_defect_text(line->defect));
        return PROTO_OK;
    }
    if ((error = read_request(client, line, &request, &why)) != PROTO_OK)
        return error;
    if (request.type == REQUEST_COMMAND && request.command == COMMAND_REPLY &&
        !reply_resolve(client, &request, line->number))
        return PROTO_OK;
    if (client->spooling &&
        (client->spooling->held = request.type == REQUEST_COMMAND && client->phase != CLIENT_RUNNING)) {
        input_put_back(&client->input);
        return PROTO_OK;
    }
    switch (request.type) {
    case REQUEST_NOTHING:
        break;
    case REQUEST_COMMAND:
        return do_command(client, &request, line->number, now);
    case REQUEST_MESSAGE:
        return send_message(client, line, &request, now);
    case REQUEST_UNKNOWN:
        return refuse_line(client, line, why);
    }
    return PROTO_OK;
}

int outgoing_line(struct client *client, const struct input_line *line, uint64_t now) {
    int error = take_line(client, line, now);

    reply_settle(client);
    return error;
}

/* Seals the payloads of one conversation. */
static int pump(struct client *client, struct buffer *output) {
    while (output->size > 0 && !connection_is_full(client->connection)) {
        struct span payloads = buffer_span(output);
        const char *end = memchr(payloads.data, '\n', payloads.size);
        size_t size = end ? (size_t)(end - payloads.data) : payloads.size;
        int error = connection_send(client->connection, (struct span){payloads.data, size});

        if (error != PROTO_OK)
            return error;
        buffer_consume(output, size + (end != NULL));
    }
    return PROTO_OK;
}

int outgoing_pump(struct client *client, bool *empty) {
    *empty = true;
    for (size_t i = 0; i < client->peers.count; i++) {
        struct buffer *output = conversation_output(client->peers.list[i].conversation);
        int error = pump(client, output);

        if (error != PROTO_OK)
            return error;
        *empty = *empty && output->size == 0;
    }
    return PROTO_OK;
}
