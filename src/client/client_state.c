#include <config.h>

#include "src/client/client_state.h"

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

void client_fail_line(struct client *client, enum exit_status status, const struct ledger_line *line, const char *why) {
    if (client->config->interactive)
        client_fail(client, status, "%s: %s", why, line->peer);
    else
        client_fail(client, status, "line %lu to %s: %s", line->number, line->peer, why);
}
