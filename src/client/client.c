#include <config.h>

#include "src/client/client.h"
#include "src/client/client_state.h"
#include "src/client/completer.h"
#include "src/client/keeping.h"
#include "src/client/loop.h"
#include "src/client/phases.h"
#include "src/client/remembering.h"
#include "src/client/signals.h"
#include "src/client/spooling.h"
#include "src/client/waiting.h"
#include "src/common/clock.h"

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How long the end of the program waits for a slow terminal or reader to take what is left. */
#define CLIENT_LINGER_MS 1000

static void name_server(struct client *client) {
    net_endpoint_text(client->server, sizeof(client->server), &client->config->endpoint);
    for (char *c = client->server; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
}

static void client_free(struct client *client) {
    connection_free(client->connection);
    transfers_free(&client->transfers);
    peers_free(&client->peers);
    history_close(client->history);
    input_free(&client->input);
    buffer_free(&client->request);
    handler_free(client->handler);
    or_else_free(client->or_else);
    status_close(&client->statuses, CLIENT_LINGER_MS);
    console_free(client->console, CLIENT_LINGER_MS);
    remembering_end(client);
    spooling_free(client);
    free(client);
}

static int open_streams(struct client *client) {
    const struct client_config *config = client->config;
    int error;

    client->console = console_new(config->interactive, config->json);
    if (!client->console)
        return PROTO_E_MEMORY;
    console_set_style(client->console, config->color, config->bell);
    completer_attach(client);
    keeping_open(client);
    error = status_open(&client->statuses, client->console, config->json, config->status_fd);
    if (error == PROTO_OK && config->handler &&
        !(client->handler = handler_new(config->handler, config->handler_limit)))
        error = PROTO_E_MEMORY;
    if (error == PROTO_OK && config->or_else && !(client->or_else = or_else_new()))
        error = PROTO_E_MEMORY;
    if (error == PROTO_OK && config->message)
        error = input_preset(&client->input, span_of(config->message));
    if (error == PROTO_OK)
        error = spooling_begin(client);
    remembering_begin(client);
    return error;
}

/* True if a message that is written to standard output is shown to a person, and its sender may be told so. */
static bool shows_messages(const struct client_config *config) {
    return config->interactive && !config->no_read && isatty(STDOUT_FILENO);
}

static struct client *client_new(const struct client_config *config) {
    struct client *client = calloc(1, sizeof(*client));

    if (!client)
        return NULL;
    client->config = config;
    client->input = INPUT_INIT;
    client->request = BUFFER_INIT(INPUT_LINE_MAX);
    client->input.whole = config->whole;
    client->sign = config->sign;
    client->ticks.utf8 = config->utf8;
    client->ticks.color = config->color;
    client->deadline = CLOCK_NEVER;
    if (config->name)
        name_copy(client->name, span_of(config->name));
    name_server(client);
    client->link = (struct link_config){.role = LINK_CLIENT,
                                        .identity = config->identity->key,
                                        .identity_pem = config->identity->pem,
                                        .name = client->name,
                                        .suites = &config->suites};
    client->peers.config = (struct conversation_config){.identity = config->identity->key,
                                                        .identity_pem = config->identity->pem,
                                                        .self = client->name,
                                                        .suites = &config->suites,
                                                        .timeout = config->timeout,
                                                        .shows = shows_messages(config)};
    if (open_streams(client) != PROTO_OK) {
        client_free(client);
        return NULL;
    }
    return client;
}

/* If nothing of the input was read yet, waits for its beginning, so that it is not missing from --or-else. */
static void read_first(struct client *client) {
    struct pollfd poller = {.fd = client->config->input_fd, .events = POLLIN};

    if (client->config->interactive || client->spooling || client->input.ended || input_waiting(&client->input))
        return;
    if (poll(&poller, 1, clock_poll_timeout(0, client->config->timeout)) > 0 && waiting_read(client) != PROTO_OK)
        input_end(&client->input);
}

/* Runs the command of --or-else with the lines that were not delivered. */
static void do_else(struct client *client) {
    const struct client_config *config = client->config;
    /* With a spool, lines that were not read, or that have failed only for now, are left to another run. */
    struct input nothing = {.ended = true};
    struct or_else_run run = {.command = config->or_else,
                              .to_stderr = config->json,
                              .status = client->status,
                              .input = client->spooling ? &nothing : &client->input,
                              .fd = config->interactive || client->spooling ? -1 : config->input_fd,
                              .wait = config->timeout};
    int status;

    if (!client->or_else || client->status == STATUS_OK)
        return;
    read_first(client);
    if (!or_else_has_lines(client->or_else) && input_is_over(run.input))
        return;
    if (or_else_dropped(client->or_else) > 0)
        console_notice(client->console, "too much for --or-else: %lu lines are not there",
                       or_else_dropped(client->or_else));
    console_write(client->console);
    status = or_else_run(client->or_else, &run);
    if (status >= 0)
        spooling_forget_lost(client);
    if (status < 0)
        console_notice(client->console, "cannot run --or-else: %s", diagnostic_errno(-status));
    else if (status > 0)
        console_notice(client->console, "--or-else ended with status %d", status);
}

enum exit_status client_run(const struct client_config *config) {
    struct client *client = NULL;
    enum exit_status status;
    size_t kept = 0;
    int signal_fd = signals_open(config->interactive);
    int error;

    if (signal_fd >= 0)
        client = client_new(config);
    if (!client) {
        fprintf(stderr, "chatsecure: cannot start: %s\n",
                signal_fd < 0 ? diagnostic_errno(-signal_fd) : proto_strerror(PROTO_E_MEMORY));
        return STATUS_INTERNAL;
    }
    error = loop_run(client, signal_fd);
    if (error != PROTO_OK) {
        client_fail(client, STATUS_INTERNAL, "%s", proto_strerror(error));
        phase_give_up(client, STATUS_INTERNAL, "given up");
    }
    if (client->spooling)
        spooling_tell(client);
    do_else(client);
    status = client->status;
    if (client->spooling)
        kept = spool_count(client->spooling->spool);
    status_end(&client->statuses, status, client->spooling ? &kept : NULL);
    client_free(client);
    signals_close();
    return status;
}
