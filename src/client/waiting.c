#include <config.h>

#include "src/client/files.h"
#include "src/client/phases.h"
#include "src/client/pinging.h"
#include "src/client/spooling.h"
#include "src/client/waiting.h"
#include "src/common/clock.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Bytes of one read from standard input. */
#define WAITING_READ 65536

enum { POLL_SIGNALS, POLL_INPUT, POLL_SERVER, POLL_OUTPUT, POLL_SCREEN, POLL_STATUS, POLL_HANDLER, POLL_COUNT };

int waiting_read(struct client *client) {
    struct terminal *terminal = console_terminal(client->console);
    size_t size = WAITING_READ;
    uint8_t *room = NULL;
    ssize_t got;
    int error;

    client->line_left = true;
    if (terminal)
        return terminal_read(terminal, &client->input);
    error = input_reserve(&client->input, &room, &size);
    if (error != PROTO_OK || size == 0)
        return error;
    got = client->config->intake ? spooling_read(client, room, size) : read(client->config->input_fd, room, size);
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

/* True when --count messages have been handed on; input that is there by now is still sent. */
static bool has_its_count(const struct client *client) {
    return client->config->count > 0 && client->handed_on >= client->config->count && client->phase == CLIENT_RUNNING;
}

static uint64_t next_deadline(const struct client *client, uint64_t now) {
    uint64_t deadline = client->deadline;

    if (ledger_deadline(&client->ledger) < deadline)
        deadline = ledger_deadline(&client->ledger);
    if (spooling_deadline(client, now) < deadline)
        deadline = spooling_deadline(client, now);
    if (files_deadline(client) < deadline)
        deadline = files_deadline(client);
    if (pinging_deadline(client) < deadline)
        deadline = pinging_deadline(client);
    if (client->handler && handler_deadline(client->handler) < deadline)
        deadline = handler_deadline(client->handler);
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

int waiting_for_work(struct client *client, int signal_fd, short *revents) {
    struct pollfd polls[POLL_COUNT] = {[POLL_SIGNALS] = {.fd = signal_fd, .events = POLLIN},
                                       [POLL_INPUT] = {.fd = -1, .events = POLLIN},
                                       [POLL_SERVER] = {.fd = -1},
                                       [POLL_OUTPUT] = poll_for_output(console_output(client->console)),
                                       [POLL_SCREEN] = poll_for_output(console_screen(client->console)),
                                       [POLL_STATUS] = poll_for_output(status_output(&client->statuses)),
                                       [POLL_HANDLER] =
                                           poll_for_output(client->handler ? handler_output(client->handler) : NULL)};
    bool reads = client_takes_lines(client) && !client->line_left && !client->input.ended;
    bool busy = (client_takes_lines(client) && client->line_left) ||
                (has_its_count(client) && (reads || input_is_over(&client->input))) ||
                (client->event_left && !client_is_full(client));
    const uint64_t now = clock_monotonic_ms();
    int error = PROTO_OK;

    if (reads)
        polls[POLL_INPUT].fd = client->config->input_fd;
    if (client->connection) {
        polls[POLL_SERVER].events = connection_wants(client->connection, !client->event_left);
        if (polls[POLL_SERVER].events != 0)
            polls[POLL_SERVER].fd = connection_fd(client->connection);
    }
    if (poll(polls, POLL_COUNT, busy ? 0 : clock_poll_timeout(now, next_deadline(client, now))) < 0) {
        *revents = 0;
        return PROTO_OK;
    }
    *revents = polls[POLL_SERVER].revents;
    if (polls[POLL_INPUT].revents != 0)
        error = waiting_read(client);
    else if (has_its_count(client) && reads)
        input_end(&client->input);
    if (has_its_count(client) && client->input.ended && !input_waiting(&client->input))
        phase_drain(client, clock_monotonic_ms());
    return error;
}
