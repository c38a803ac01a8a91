#include <config.h>

#include "src/client/ticking.h"

void ticking_begin(struct client *client, unsigned long number, struct span text) {
    if (client->config->interactive)
        ticks_begin(&client->ticks, number, text);
}

void ticking_add(struct client *client, unsigned long number, const char *peer) {
    if (client->config->interactive)
        ticks_add(&client->ticks, number, peer);
}

void ticking_note(struct client *client, unsigned long number, enum tick_state state) {
    if (client->config->interactive)
        ticks_note(&client->ticks, number, state);
}

static int show(struct client *client, struct terminal *terminal, struct tick *tick) {
    char mark[TICKS_MARK_SIZE], line[TICKS_LINE_SIZE];
    const size_t width = ticks_mark(&client->ticks, tick, mark);
    bool done = width == 0;
    int error = PROTO_OK;

    /* A program that handles messages may write to the terminal as it likes. */
    if (!done && !client->handler)
        error = terminal_mark(terminal, tick->number, span_of(mark), width, &done);
    if (width > 0 && done)
        ticks_shown(tick);
    if (error == PROTO_OK && !done && ticks_tell(&client->ticks, tick, line))
        error = terminal_print(terminal, span_of(line));
    return error;
}

int ticking_show(struct client *client) {
    struct terminal *terminal = console_terminal(client->console);
    struct tick *tick;
    int error = PROTO_OK;

    while (error == PROTO_OK && terminal && (tick = ticks_next(&client->ticks)) != NULL)
        error = show(client, terminal, tick);
    return error;
}
