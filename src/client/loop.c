#include <config.h>

#include "src/client/arrival.h"
#include "src/client/files.h"
#include "src/client/incoming.h"
#include "src/client/loop.h"
#include "src/client/outgoing.h"
#include "src/client/phases.h"
#include "src/client/pinging.h"
#include "src/client/signals.h"
#include "src/client/spooling.h"
#include "src/client/ticking.h"
#include "src/client/waiting.h"
#include "src/common/clock.h"

#include <signal.h>
#include <stdio.h>

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

static int take_connection_events(struct client *client, uint64_t now) {
    struct connection_event event;
    int result = 0;

    client->event_left = false;
    while (client->phase != CLIENT_DONE && client->connection) {
        if (client_is_full(client)) {
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

static int take_line(struct client *client, const struct input_line *line, uint64_t now) {
    if (client->phase == CLIENT_NAMING)
        return arrival_name(client, line->text, now);
    if (client->phase == CLIENT_ASKING)
        return arrival_answer(client, line->text, now);
    return outgoing_line(client, line, now);
}

int loop_take_lines(struct client *client, uint64_t now) {
    struct input_line line;
    int error = PROTO_OK;

    while (error == PROTO_OK && client_takes_lines(client)) {
        client->line_left = input_next(&client->input, &line);
        if (!client->line_left) {
            /* The input has ended before the client was connected: it ends, too. */
            if (input_is_over(&client->input) && client->phase < CLIENT_RUNNING && !client->spooling)
                return phase_interrupt(client, now);
            break;
        }
        if (client->spooling)
            line.number += client->spooling->first;
        error = take_line(client, &line, now);
    }
    if (client->spooling)
        spooling_commit(client, now);
    return error;
}

static int tick(struct client *client, uint64_t now) {
    struct ledger_line line;
    int error = PROTO_OK;

    while (ledger_take_late(&client->ledger, now, &line))
        client_fail_line(client, STATUS_NO_RECEIPT, &line, "delivered, but not read in time");
    if (client->phase == CLIENT_RUNNING || client->phase == CLIENT_DRAINING)
        error = pinging_tick(client, now);
    for (size_t i = 0; error == PROTO_OK && i < client->peers.count; i++) {
        struct conversation *conversation = client->peers.list[i].conversation;

        if (conversation_deadline(conversation) <= now)
            error = conversation_tick(conversation, now);
        if (error == PROTO_OK)
            error = incoming_events(client, conversation, now);
        /* All that came has been taken, so no more receipts can join those that are gathered: they go now. */
        if (error == PROTO_OK && !client->event_left)
            error = conversation_flush(conversation);
    }
    return error;
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
        phase_set(client, CLIENT_DONE, CLOCK_NEVER);
    }
    error = incoming_handed_on(client, now);
    return error == PROTO_OK ? incoming_handled(client, now) : error;
}

/* Commits the spool; if it has failed, the client ends. */
static int save(struct client *client, uint64_t now) {
    if (client->spooling)
        spooling_commit(client, now);
    if (!spooling_has_failed(client) || client->phase >= CLIENT_LEAVING)
        return PROTO_OK;
    phase_give_up(client, STATUS_INTERNAL, "given up");
    if (client->phase >= CLIENT_RUNNING)
        return phase_leave(client, now);
    phase_set(client, CLIENT_DONE, CLOCK_NEVER);
    return PROTO_OK;
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
        snprintf(prompt, sizeof(prompt), "%s[%s-%llu%s] ", clock, client->name,
                 (unsigned long long)connection_session_id(client->connection), client->absent ? " away" : "");
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
        if (client->spooling)
            error = spooling_pump(client, now);
        if (error == PROTO_OK && client->phase >= CLIENT_RUNNING)
            error = outgoing_pump(client, &all_sent);
        if (error == PROTO_OK)
            error = phase_check(client, all_sent, now);
    } while (error == PROTO_OK && client->phase != before);
    return error;
}

/* Does everything that can be done without waiting. */
static int work(struct client *client, short revents, uint64_t now) {
    int error = PROTO_OK;

    if (client->connection && !connection_is_over(client->connection))
        error = connection_work(client->connection, revents, now);
    if (error == PROTO_OK)
        error = take_connection_events(client, now);
    if (error == PROTO_OK)
        error = loop_take_lines(client, now);
    if (error == PROTO_OK)
        error = hand_on(client, now);
    if (error == PROTO_OK)
        error = files_work(client, now);
    if (error == PROTO_OK)
        error = tick(client, now);
    if (error == PROTO_OK)
        error = move_on(client, now);
    if (error == PROTO_OK)
        error = save(client, now);
    if (error == PROTO_OK && client->connection && !connection_is_over(client->connection))
        error = connection_work(client->connection, 0, now);
    if (error == PROTO_OK)
        error = tell_statuses(client);
    if (error == PROTO_OK)
        error = ticking_show(client);
    if (error == PROTO_OK)
        error = show_prompt(client);
    console_write(client->console);
    return error;
}

int loop_run(struct client *client, int signal_fd) {
    uint64_t now = clock_monotonic_ms();
    short revents = 0;
    int error = PROTO_OK;

    if (client->name[0] != '\0')
        error = arrival_begin(client, now);
    while (error == PROTO_OK) {
        error = work(client, revents, now);
        if (error != PROTO_OK || client->phase == CLIENT_DONE)
            break;
        error = waiting_for_work(client, signal_fd, &revents);
        now = clock_monotonic_ms();
        if (error == PROTO_OK)
            error = take_signals(client, now);
    }
    return error;
}
