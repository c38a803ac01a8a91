#include <config.h>

#include "src/client/arrival.h"
#include "src/client/client.h"
#include "src/client/client_state.h"
#include "src/client/completer.h"
#include "src/client/incoming.h"
#include "src/client/keeping.h"
#include "src/client/outgoing.h"
#include "src/client/phases.h"
#include "src/client/signals.h"
#include "src/common/clock.h"
#include "src/common/log.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NEVER UINT64_MAX

/* What one read takes from standard input. */
#define CLIENT_READ 65536

/* How long the last words for a slow terminal or reader are waited for. */
#define CLIENT_LINGER_MS 1000

static int take_signals(struct client *client, uint64_t now) {
    struct terminal *terminal = console_terminal(client->console);
    int error = PROTO_OK;
    int number;

    while (error == PROTO_OK && (number = signals_next()) != 0) {
        if (number == SIGCHLD) {
            continue;
        } else if (number == SIGWINCH && terminal) {
            error = terminal_resize(terminal);
        } else if (number == SIGTSTP && terminal) {
            error = terminal_hide(terminal);
            console_write(client->console);
            terminal_suspend(terminal);
            signals_stop();
            if (error == PROTO_OK)
                error = terminal_resume(terminal);
        } else {
            error = phase_interrupt(client, now);
        }
    }
    return error;
}

/* ---- the loop: what can be done at once -------------------------------------------------------------------------- */

/* True while no more messages should come. */
static bool is_full(const struct client *client) {
    return console_is_full(client->console) || (client->handler && handler_is_full(client->handler));
}

static int take_connection_events(struct client *client, uint64_t now) {
    struct connection_event event;
    int result = 0;

    client->event_left = false;
    while (client->phase != CLIENT_DONE && client->connection) {
        if (is_full(client)) {
            client->event_left = true;
            return PROTO_OK;
        }
        result = connection_next(client->connection, &event, now);
        if (result != 1)
            return result;
        switch (event.type) {
        case CONNECTION_EVENT_KEY:
            result = arrival_key(client, now);
            break;
        case CONNECTION_EVENT_ESTABLISHED:
            result = arrival_established(client, now);
            break;
        case CONNECTION_EVENT_MESSAGE:
            result = incoming_message(client, event.message, event.raw, now);
            break;
        case CONNECTION_EVENT_ENDED:
            result = arrival_ended(client, &event, now);
            break;
        }
        if (result != PROTO_OK)
            return result;
    }
    return PROTO_OK;
}

/* True while a line of input can be taken. */
static bool takes_lines(const struct client *client) {
    switch (client->phase) {
    case CLIENT_NAMING:
    case CLIENT_ASKING:
        return true;
    case CLIENT_RUNNING:
        /* A list that is asked for is shown before what the next line leads to. */
        return !client->listing && !ledger_is_full(&client->ledger) && !connection_is_full(client->connection) &&
               !status_is_full(&client->statuses);
    default:
        return false;
    }
}

static int take_line(struct client *client, const struct input_line *line, uint64_t now) {
    if (client->phase == CLIENT_NAMING)
        return arrival_name(client, line->text, now);
    if (client->phase == CLIENT_ASKING)
        return arrival_answer(client, line->text, now);
    return outgoing_line(client, line, now);
}

static int take_lines(struct client *client, uint64_t now) {
    struct input_line line;
    int error = PROTO_OK;

    while (error == PROTO_OK && takes_lines(client)) {
        client->line_left = input_next(&client->input, &line);
        if (!client->line_left) {
            /* The end of the terminal is no answer to a question. */
            if (input_is_over(&client->input) && client->phase < CLIENT_RUNNING)
                return phase_interrupt(client, now);
            return PROTO_OK;
        }
        error = take_line(client, &line, now);
    }
    return error;
}

static int tick(struct client *client, uint64_t now) {
    struct ledger_line line;

    while (ledger_take_late(&client->ledger, now, &line))
        client_fail_line(client, STATUS_NO_RECEIPT, &line, "delivered, but not read in time");
    for (size_t i = 0; i < client->peers.count; i++) {
        struct conversation *conversation = client->peers.list[i].conversation;
        int error = PROTO_OK;

        if (conversation_deadline(conversation) <= now)
            error = conversation_tick(conversation, now);
        if (error == PROTO_OK)
            error = incoming_events(client, conversation, now);
        /* What came was handled: nothing more is waiting that the receipts could wait for. */
        if (error == PROTO_OK && !client->event_left)
            error = conversation_flush(conversation);
        if (error != PROTO_OK)
            return error;
    }
    return PROTO_OK;
}

static int hand_on(struct client *client, uint64_t now) {
    int number, error;

    console_write(client->console);
    number = console_output_error(client->console);
    if (number != 0 && client->phase < CLIENT_LEAVING) {
        client_fail(client, STATUS_INTERNAL, "cannot write to standard output: %s", diagnostic_errno(number));
        phase_give_up(client, STATUS_INTERNAL, "given up");
        if (client->phase >= CLIENT_RUNNING)
            return phase_leave(client, now);
        phase_set(client, CLIENT_DONE, NEVER);
    }
    error = incoming_handed_on(client, now);
    return error == PROTO_OK ? incoming_handled(client, now) : error;
}

/* Writes the statuses that somebody wants. */
static int tell_statuses(struct client *client) {
    int number;

    status_write(&client->statuses);
    number = status_error(&client->statuses);
    if (number != 0)
        client_fail(client, STATUS_INTERNAL, "cannot write to --status-fd: %s", diagnostic_errno(number));
    return status_fault(&client->statuses);
}

static int show_prompt(struct client *client) {
    struct terminal *terminal = console_terminal(client->console);
    char prompt[TERMINAL_PROMPT_SIZE] = "";
    char clock[CONSOLE_TIME_SIZE];

    if (!terminal || terminal_is_shown(terminal))
        return PROTO_OK;
    if (client->phase == CLIENT_NAMING) {
        snprintf(prompt, sizeof(prompt), "Name: ");
    } else if (client->phase == CLIENT_ASKING) {
        snprintf(prompt, sizeof(prompt), "Trust it (yes, no or the fingerprint)? ");
    } else if (client->phase == CLIENT_RUNNING) {
        console_time(clock, clock_wall_ms());
        snprintf(prompt, sizeof(prompt), "%s[%s-%llu] ", clock, client->name,
                 (unsigned long long)connection_session_id(client->connection));
    }
    terminal_set_prompt(terminal, prompt);
    return terminal_show(terminal);
}

/* Sends what there is to send, and goes through the phases for as long as there is nothing to wait for. */
static int move_on(struct client *client, uint64_t now) {
    enum client_phase before;
    int error = PROTO_OK;

    do {
        bool all_sent = true;

        before = client->phase;
        if (client->phase >= CLIENT_RUNNING)
            error = outgoing_pump(client, &all_sent);
        if (error == PROTO_OK)
            error = phase_check(client, all_sent, now);
    } while (error == PROTO_OK && client->phase != before);
    return error;
}

/* Does all that needs no waiting. */
static int work(struct client *client, short revents, uint64_t now) {
    int error = PROTO_OK;

    if (client->connection && !connection_is_over(client->connection))
        error = connection_work(client->connection, revents, now);
    if (error == PROTO_OK)
        error = take_connection_events(client, now);
    if (error == PROTO_OK)
        error = take_lines(client, now);
    if (error == PROTO_OK)
        error = hand_on(client, now);
    if (error == PROTO_OK)
        error = tick(client, now);
    if (error == PROTO_OK)
        error = move_on(client, now);
    if (error == PROTO_OK && client->connection && !connection_is_over(client->connection))
        error = connection_work(client->connection, 0, now);
    if (error == PROTO_OK)
        error = tell_statuses(client);
    if (error == PROTO_OK)
        error = show_prompt(client);
    console_write(client->console);
    return error;
}

/* ---- the loop: what has to be waited for ------------------------------------------------------------------------- */

enum { POLL_SIGNALS, POLL_INPUT, POLL_SERVER, POLL_OUTPUT, POLL_SCREEN, POLL_STATUS, POLL_HANDLER, POLL_COUNT };

static int read_input(struct client *client) {
    struct terminal *terminal = console_terminal(client->console);
    size_t size = CLIENT_READ;
    uint8_t *room = NULL;
    ssize_t got;
    int error;

    client->line_left = true;
    if (terminal)
        return terminal_read(terminal, &client->input);
    error = input_reserve(&client->input, &room, &size);
    if (error != PROTO_OK || size == 0)
        return error;
    got = read(client->config->input_fd, room, size);
    if (got > 0)
        input_commit(&client->input, (size_t)got);
    else if (got == 0)
        input_end(&client->input);
    else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
        client_fail(client, STATUS_INTERNAL, "cannot read %s: %s",
                    client->config->input_fd == STDIN_FILENO ? "standard input" : "the message",
                    diagnostic_errno(errno));
        input_end(&client->input);
    }
    return PROTO_OK;
}

/* True when the last message that was wanted was handed on: what standard input has by now is still sent. */
static bool has_its_count(const struct client *client) {
    return client->config->count > 0 && client->handed_on >= client->config->count && client->phase == CLIENT_RUNNING;
}

static uint64_t next_deadline(const struct client *client) {
    uint64_t deadline = client->deadline;

    if (ledger_deadline(&client->ledger) < deadline)
        deadline = ledger_deadline(&client->ledger);
    if (client->connection && connection_deadline(client->connection) < deadline)
        deadline = connection_deadline(client->connection);
    for (size_t i = 0; i < client->peers.count; i++) {
        uint64_t next = conversation_deadline(client->peers.list[i].conversation);

        deadline = next < deadline ? next : deadline;
    }
    return deadline;
}

static struct pollfd poll_for_output(const struct output *output) {
    bool waiting = output && output_waiting(output) > 0;

    return (struct pollfd){.fd = waiting ? output_fd(output) : -1, .events = POLLOUT};
}

/* Waits until something can be done.  Returns what the connection's socket is ready for. */
static int wait_for_work(struct client *client, int signal_fd, short *revents) {
    struct pollfd polls[POLL_COUNT] = {[POLL_SIGNALS] = {.fd = signal_fd, .events = POLLIN},
                                       [POLL_INPUT] = {.fd = -1, .events = POLLIN},
                                       [POLL_SERVER] = {.fd = -1},
                                       [POLL_OUTPUT] = poll_for_output(console_output(client->console)),
                                       [POLL_SCREEN] = poll_for_output(console_screen(client->console)),
                                       [POLL_STATUS] = poll_for_output(status_output(&client->statuses)),
                                       [POLL_HANDLER] =
                                           poll_for_output(client->handler ? handler_output(client->handler) : NULL)};
    bool reads = takes_lines(client) && !client->line_left && !client->input.ended;
    bool busy = (takes_lines(client) && client->line_left) ||
                (has_its_count(client) && (reads || input_is_over(&client->input))) ||
                (client->event_left && !is_full(client));
    int error = PROTO_OK;

    if (reads)
        polls[POLL_INPUT].fd = client->config->input_fd;
    if (client->connection) {
        polls[POLL_SERVER].events = connection_wants(client->connection, !client->event_left);
        if (polls[POLL_SERVER].events != 0)
            polls[POLL_SERVER].fd = connection_fd(client->connection);
    }
    if (poll(polls, POLL_COUNT, busy ? 0 : clock_poll_timeout(clock_monotonic_ms(), next_deadline(client))) < 0) {
        *revents = 0;
        return PROTO_OK;
    }
    *revents = polls[POLL_SERVER].revents;
    if (polls[POLL_INPUT].revents != 0)
        error = read_input(client);
    else if (has_its_count(client) && reads)
        input_end(&client->input);
    if (has_its_count(client) && client->input.ended && !input_waiting(&client->input))
        phase_drain(client, clock_monotonic_ms());
    return error;
}

static int loop(struct client *client, int signal_fd) {
    uint64_t now = clock_monotonic_ms();
    short revents = 0;
    int error = PROTO_OK;

    if (client->name[0] != '\0')
        error = arrival_begin(client, now);
    while (error == PROTO_OK) {
        error = work(client, revents, now);
        if (error != PROTO_OK || client->phase == CLIENT_DONE)
            break;
        error = wait_for_work(client, signal_fd, &revents);
        now = clock_monotonic_ms();
        if (error == PROTO_OK)
            error = take_signals(client, now);
    }
    return error;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

static void name_server(struct client *client) {
    net_endpoint_text(client->server, sizeof(client->server), &client->config->endpoint);
    for (char *c = client->server; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
}

static void client_free(struct client *client) {
    connection_free(client->connection);
    peers_free(&client->peers);
    history_close(client->history);
    input_free(&client->input);
    buffer_free(&client->request);
    handler_free(client->handler);
    or_else_free(client->or_else);
    status_close(&client->statuses, CLIENT_LINGER_MS);
    console_free(client->console, CLIENT_LINGER_MS);
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
    if (error == PROTO_OK && config->handler && !(client->handler = handler_new(config->handler)))
        error = PROTO_E_MEMORY;
    if (error == PROTO_OK && config->or_else && !(client->or_else = or_else_new()))
        error = PROTO_E_MEMORY;
    if (error == PROTO_OK && config->message)
        error = input_preset(&client->input, span_of(config->message));
    return error;
}

/* True if a message that was written has been shown to a person, who may know that it is told. */
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
    client->deadline = NEVER;
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

/* Waits for something of an input of which nothing was read. */
static void read_first(struct client *client) {
    struct pollfd poller = {.fd = client->config->input_fd, .events = POLLIN};

    if (client->config->interactive || client->input.ended || input_waiting(&client->input))
        return;
    if (poll(&poller, 1, clock_poll_timeout(0, client->config->timeout)) > 0 && read_input(client) != PROTO_OK)
        input_end(&client->input);
}

/* What was not delivered goes to the program of --or-else. */
static void do_else(struct client *client) {
    const struct client_config *config = client->config;
    struct or_else_run run = {.command = config->or_else,
                              .to_stderr = config->json,
                              .status = client->status,
                              .input = &client->input,
                              .fd = config->interactive ? -1 : config->input_fd,
                              .wait = config->timeout};
    int status;

    if (!client->or_else || client->status == STATUS_OK)
        return;
    read_first(client);
    if (!or_else_has_lines(client->or_else) && input_is_over(&client->input))
        return;
    if (or_else_dropped(client->or_else) > 0)
        console_notice(client->console, "too much for --or-else: %lu lines are not there",
                       or_else_dropped(client->or_else));
    console_write(client->console);
    status = or_else_run(client->or_else, &run);
    if (status < 0)
        console_notice(client->console, "cannot run --or-else: %s", diagnostic_errno(-status));
    else if (status > 0)
        console_notice(client->console, "--or-else ended with status %d", status);
}

enum exit_status client_run(const struct client_config *config) {
    struct client *client = NULL;
    enum exit_status status;
    int signal_fd = signals_open(config->interactive);
    int error;

    if (signal_fd >= 0)
        client = client_new(config);
    if (!client) {
        fprintf(stderr, "chatsecure: cannot start: %s\n",
                signal_fd < 0 ? diagnostic_errno(-signal_fd) : proto_strerror(PROTO_E_MEMORY));
        return STATUS_INTERNAL;
    }
    error = loop(client, signal_fd);
    if (error != PROTO_OK) {
        client_fail(client, STATUS_INTERNAL, "%s", proto_strerror(error));
        phase_give_up(client, STATUS_INTERNAL, "given up");
    }
    do_else(client);
    status = client->status;
    status_end(&client->statuses, status);
    client_free(client);
    signals_close();
    return status;
}
