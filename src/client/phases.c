#include <config.h>

#include "src/client/ask.h"
#include "src/client/files.h"
#include "src/client/phases.h"
#include "src/client/pinging.h"
#include "src/client/reconnect.h"
#include "src/client/spooling.h"
#include "src/client/whois.h"
#include "src/common/clock.h"
#include "src/common/log.h"

#include <poll.h>

void phase_set(struct client *client, enum client_phase phase, uint64_t deadline) {
    static const char *const names[] = {"naming",  "connecting", "asking",  "resting",
                                        "running", "draining",   "leaving", "done"};

    if (client->phase != phase)
        log_debug(LOG_NO_CLIENT, "client: %s -> %s", names[client->phase], names[phase]);
    client->phase = phase;
    client->deadline = deadline;
}

/* No line that is on its way will get a receipt any more. */
static void fail_lines(struct client *client, enum exit_status status, const char *why) {
    struct ledger_line line;

    while (ledger_take(&client->ledger, &line)) {
        if (line.unread_until > 0)
            client_fail_line(client, status, &line, "delivered, but not read");
        else if (client->spooling)
            spooling_keep(client, &line, status, why, clock_monotonic_ms());
        else
            client_fail_line(client, status, &line, why);
    }
}

/* True if there is input that was not read, or not sent. */
static bool input_is_left(const struct client *client) {
    struct pollfd poller = {.fd = client->config->input_fd, .events = POLLIN};

    if (client->config->interactive || client->phase > CLIENT_RUNNING || input_is_over(&client->input))
        return false;
    if (client->input.whole)
        return true;
    return input_waiting(&client->input) || (poll(&poller, 1, 0) > 0 && (poller.revents & POLLIN) != 0);
}

void phase_give_up(struct client *client, enum exit_status status, const char *why) {
    bool left;

    if (client->spooling) {
        spooling_take_rest(client, clock_monotonic_ms());
        spooling_end(client, status);
    }
    left = input_is_left(client);
    fail_lines(client, status, why);
    if (left)
        client_fail(client, status,
                    client->input.whole ? "line %lu: not sent" : "line %lu and what follows it: not sent",
                    client->input.number + 1 + (client->spooling ? client->spooling->first : 0));
    if (client->listing)
        client_fail(client, status, "list: no answer");
    client->listing = false;
    ask_give_up(client);
    whois_give_up(client, status, "no answer");
    pinging_give_up(client, status, why);
    files_give_up(client, status, why);
}

void phase_drain(struct client *client, uint64_t now) {
    if (client->phase != CLIENT_RUNNING)
        return;
    input_end(&client->input);
    spooling_wake(client, NULL);
    if (client->config->interactive && client->ledger.count > 0)
        console_notice(client->console, "waiting for receipts: %zu; Ctrl-C leaves at once", client->ledger.count);
    phase_set(client, CLIENT_DRAINING, now + client->config->timeout);
}

int phase_leave(struct client *client, uint64_t now) {
    int error = PROTO_OK;

    phase_set(client, CLIENT_LEAVING, now + client->config->timeout);
    for (size_t i = 0; error == PROTO_OK && i < client->peers.count; i++)
        error = conversation_close(client->peers.list[i].conversation);
    return error;
}

static void drain_is_late(struct client *client) {
    bool stuck;

    /* Notices of just now may still wait to be written; they do not make standard output stuck. */
    console_write(client->console);
    stuck = !console_is_empty(client->console);
    phase_give_up(client, STATUS_NO_RECEIPT, conversation_failure_text(FAILURE_TIMEOUT));
    if (stuck)
        client_fail(client, STATUS_INTERNAL, "standard output takes nothing any more");
}

bool phase_is_waiting(const struct client *client) {
    return client->ledger.count > 0 || !spooling_is_done(client) || transfers_are_going(&client->transfers) ||
           client->listing || client->asked_whois > 0 || pinging_is_running(client) ||
           (ask_is_waiting(client) && client->status == STATUS_OK) ||
           (client->handler && !handler_is_idle(client->handler));
}

int phase_check(struct client *client, bool all_sent, uint64_t now) {
    switch (client->phase) {
    case CLIENT_CONNECTING:
    case CLIENT_RESTING:
        return reconnect_check(client, now);
    case CLIENT_RUNNING:
        if (client->config->wait_ready)
            phase_drain(client, now);
        if (input_is_over(&client->input) && (!client->config->receive || client->config->interactive))
            phase_drain(client, now);
        break;
    case CLIENT_DRAINING:
        if (client->deadline <= now)
            drain_is_late(client);
        else if (phase_is_waiting(client) || !console_is_empty(client->console))
            break;
        return phase_leave(client, now);
    case CLIENT_LEAVING:
        if (client->deadline <= now && !client->left)
            phase_set(client, CLIENT_DONE, CLOCK_NEVER);
        if (!all_sent || client->left)
            break;
        client->left = true;
        return connection_leave(client->connection, now);
    default:
        break;
    }
    return PROTO_OK;
}

int phase_interrupt(struct client *client, uint64_t now) {
    if ((client->away || client->spooling) && client->phase < CLIENT_RUNNING)
        phase_give_up(client, STATUS_NO_RECEIPT, "interrupted before its receipt came");
    switch (client->phase) {
    case CLIENT_NAMING:
        client_fail(client, STATUS_USAGE, "no name was given");
        break;
    case CLIENT_CONNECTING:
        if (client->away)
            break;
        client_fail(client, STATUS_NETWORK, "interrupted before the session with %s stood", client->server);
        break;
    case CLIENT_ASKING:
        client_fail(client, STATUS_UNTRUSTED, "the key of %s was not trusted", client->server);
        break;
    case CLIENT_RUNNING:
    case CLIENT_DRAINING:
        phase_give_up(client, STATUS_NO_RECEIPT, "interrupted before its receipt came");
        return phase_leave(client, now);
    default:
        break;
    }
    phase_set(client, CLIENT_DONE, CLOCK_NEVER);
    return PROTO_OK;
}
