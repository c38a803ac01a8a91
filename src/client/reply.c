#include <config.h>

#include "src/client/reply.h"

void reply_note(struct client *client, const char *peer) {
    const struct terminal *terminal = console_terminal(client->console);

    name_copy(client->wrote_last, span_of(peer));
    if (!terminal || !terminal_is_typing(terminal))
        reply_settle(client);
}

void reply_settle(struct client *client) {
    memcpy(client->reply_to, client->wrote_last, sizeof(client->reply_to));
}

bool reply_resolve(struct client *client, struct request *request, unsigned long number) {
    if (client->reply_to[0] == '\0') {
        client_bad_line(client, number, "nobody has written yet");
        return false;
    }
    if (client->config->interactive)
        console_notice(client->console, "to %s", client->reply_to);
    request->type = REQUEST_MESSAGE;
    request->to = span_of(client->reply_to);
    request->body = request->rest;
    return true;
}
