#include <config.h>

#include "src/client/client_state.h"
#include "src/client/pinging.h"
#include "src/client/spooling.h"
#include "src/client/ticking.h"
#include "src/common/clock.h"

#include <stdarg.h>
#include <stdio.h>

/* Two paths, two fingerprints, a sentence. */
#define FAILURE_SIZE 4096

void client_fail(struct client *client, enum exit_status status, const char *format, ...) {
    char text[FAILURE_SIZE] = "";
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    client->status = exit_status_worse(client->status, status);
    console_notice(client->console, "%s", text);
}

void client_take_result(struct client *client, unsigned long number, enum exit_status status) {
    if (client->or_else)
        or_else_settle(client->or_else, number, status == STATUS_OK);
    if (!client->config->interactive || status != STATUS_BAD_LINE)
        client->status = exit_status_worse(client->status, status);
}

static void settle(struct client *client, unsigned long number, enum exit_status result) {
    enum exit_status status = STATUS_OK;

    if (tally_settle(&client->tallies, number, result, &status))
        client_take_result(client, number, status);
}

/* RESULT is that of the message LINE, which was on its way. */
static void settle_message(struct client *client, const struct ledger_line *line, enum exit_status result) {
    if (client->spooling)
        spooling_settle(client, line, result);
    else
        settle(client, line->number, result);
}

void client_complete_line(struct client *client, unsigned long number) {
    enum exit_status status = STATUS_OK;

    if (client->spooling) {
        spooling_complete(client, clock_monotonic_ms());
        return;
    }
    if (tally_recipients(&client->tallies, number) == 0)
        client_bad_line(client, number, "it is for nobody");
    if (tally_complete(&client->tallies, number, &status))
        client_take_result(client, number, status);
}

static void say_why(struct client *client, enum exit_status status, unsigned long number, struct span to,
                    const char *why) {
    if (!client->config->interactive)
        console_notice(client->console, "line %lu to %.*s: %s", number, (int)to.size, to.data, why);
    else if (status == STATUS_BAD_LINE)
        console_notice(client->console, "not sent to %.*s: %s", (int)to.size, to.data, why);
    else
        console_notice(client->console, "%s: %.*s", why, (int)to.size, to.data);
}

void client_refuse(struct client *client, enum exit_status status, unsigned long number, struct span to,
                   const char *why) {
    say_why(client, status, number, to, why);
    status_refused(&client->statuses, number, to, why);
    ticking_note(client, number, TICK_FAILED);
    if (client->spooling)
        spooling_refused(client, status);
    else
        settle(client, number, status);
}

void client_settle_line(struct client *client, const struct ledger_line *line) {
    settle_message(client, line, STATUS_OK);
}

void client_expire_line(struct client *client, const struct ledger_line *line, const char *why) {
    say_why(client, STATUS_NO_RECEIPT, line->number, span_of(line->peer), why);
    status_expired(&client->statuses, line, why, clock_monotonic_ms());
    ticking_note(client, line->number, TICK_FAILED);
    settle_message(client, line, STATUS_NO_RECEIPT);
}

void client_fail_line(struct client *client, enum exit_status status, const struct ledger_line *line, const char *why) {
    say_why(client, status, line->number, span_of(line->peer), why);
    status_failed(&client->statuses, line, why, clock_monotonic_ms());
    ticking_note(client, line->number, TICK_FAILED);
    settle_message(client, line, status);
}

void client_bad_line(struct client *client, unsigned long number, const char *why) {
    if (client->config->interactive)
        console_notice(client->console, "not sent: %s", why);
    else
        client_fail(client, STATUS_BAD_LINE, "line %lu: %s", number, why);
    status_refused(&client->statuses, number, (struct span){NULL, 0}, why);
    if (client->or_else)
        or_else_settle(client->or_else, number, false);
}

bool client_is_full(const struct client *client) {
    return console_is_full(client->console) || (client->handler && handler_is_full(client->handler));
}

bool client_takes_lines(const struct client *client) {
    switch (client->phase) {
    case CLIENT_NAMING:
    case CLIENT_ASKING:
        return true;
    case CLIENT_CONNECTING:
    case CLIENT_RESTING:
        return client->spooling && spooling_takes_lines(client);
    case CLIENT_RUNNING:
        if (client->spooling)
            return spooling_takes_lines(client) && (client->config->interactive || !pinging_is_running(client));
        /* The answer to `list`, and in a script that to `ping`, is complete before the next line is taken. */
        return !client->listing && (client->config->interactive || !pinging_is_running(client)) &&
               !ledger_is_full(&client->ledger) && !connection_is_full(client->connection) &&
               !status_is_full(&client->statuses);
    default:
        return false;
    }
}
