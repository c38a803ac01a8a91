#include <config.h>

#include "src/client/presence.h"

/* Tells every peer with a session whether the person is away; those who are back have read what was shown meanwhile. */
static int change(struct client *client, uint64_t now) {
    int error = PROTO_OK;

    client->peers.config.absent = client->absent;
    for (size_t i = 0; error == PROTO_OK && i < client->peers.count; i++) {
        struct conversation *conversation = client->peers.list[i].conversation;

        error = conversation_attend(conversation, client->absent, now);
        if (error == PROTO_OK)
            error = conversation_tell_presence(conversation, client->absent, span_of(client->absent_text));
    }
    return error;
}

int presence_command(struct client *client, const struct request *request, unsigned long number, uint64_t now) {
    const struct span text = request->command == COMMAND_AWAY ? request->rest : SPAN("");

    if (text.size > MESSAGE_PRESENCE_MAX) {
        client_bad_line(client, number, "away takes at most 256 bytes of text");
        return PROTO_OK;
    }
    client->absent = request->command == COMMAND_AWAY;
    if (text.size > 0)
        memcpy(client->absent_text, text.data, text.size);
    client->absent_text[text.size] = '\0';
    return change(client, now);
}

int presence_ready(struct client *client, struct conversation *conversation) {
    peers_entry(&client->peers, conversation)->away = false;
    if (!client->absent)
        return PROTO_OK;
    return conversation_tell_presence(conversation, true, span_of(client->absent_text));
}

static void say_away(struct client *client, const struct peer *entry) {
    const char *peer = conversation_peer(entry->conversation);

    if (!client->config->interactive)
        return;
    if (entry->away_text[0] != '\0')
        console_notice(client->console, "%s is away: %s", peer, entry->away_text);
    else
        console_notice(client->console, "%s is away", peer);
}

void presence_taken(struct client *client, const struct conversation *conversation,
                    const struct conversation_event *event) {
    struct peer *entry = peers_entry(&client->peers, conversation);
    const char *peer = conversation_peer(conversation);

    if (entry->away == event->away && (!event->away || strcmp(entry->away_text, event->body) == 0))
        return;
    entry->away = event->away;
    memcpy(entry->away_text, event->body, event->body_size + 1);
    status_peer(&client->statuses, &(struct json_peer){.name = span_of(peer),
                                                       .state = event->away ? "away" : "here",
                                                       .text = span_of(entry->away_text)});
    if (entry->away)
        say_away(client, entry);
    else if (client->config->interactive)
        console_notice(client->console, "%s is back", peer);
}

void presence_remind(struct client *client, const struct conversation *conversation) {
    const struct peer *entry = peers_entry(&client->peers, conversation);

    if (entry->away)
        say_away(client, entry);
}
