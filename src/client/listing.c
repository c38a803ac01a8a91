#include <config.h>

#include "src/client/listing.h"

#include "proto/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Bytes of a user's line besides name and fingerprint: the session's number, the time, blanks. */
#define USER_LINE_REST 128

int listing_ask(struct client *client) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error = message_write_list_request(&payload, span_of(client->list_after));

    if (error == PROTO_OK)
        error = connection_send(client->connection, buffer_span(&payload));
    buffer_free(&payload);
    return error;
}

int listing_begin(struct client *client) {
    client->listing = true;
    return listing_ask(client);
}

void listing_done(struct client *client) {
    if (client->listing)
        status_listed(&client->statuses, client->listed);
    client->listed = 0;
    client->listing = false;
    client->list_after[0] = '\0';
}

static int append_user(struct buffer *out, const struct list_entry *user) {
    time_t seconds = (time_t)user->since;
    char number[32], since[40] = "?";
    struct tm utc;
    int error;

    if (gmtime_r(&seconds, &utc))
        strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(number, sizeof(number), "%" PRIu64 " ", user->id);
    error = buffer_append(out, number, strlen(number));
    if (error == PROTO_OK)
        error = text_escape(out, user->name);
    if (error == PROTO_OK)
        error = buffer_append(out, " ", 1);
    if (error == PROTO_OK)
        error = text_escape(out, user->fingerprint);
    if (error == PROTO_OK)
        error = buffer_append(out, " ", 1);
    if (error == PROTO_OK)
        error = buffer_append(out, since, strlen(since));
    return error != PROTO_OK ? error : buffer_append(out, "\n", 1);
}

int listing_take(struct client *client, const struct message *list) {
    struct buffer out = BUFFER_INIT(TEXT_ESCAPE_MAX(MESSAGE_PAYLOAD_MAX) + USER_LINE_REST * MESSAGE_LIST_MAX);
    struct span last = {NULL, 0};
    int error = PROTO_OK;

    if (!client->listing)
        return PROTO_OK;
    for (size_t i = 0; error == PROTO_OK && i < message_count(list); i++) {
        struct list_entry user = message_list_entry(list, i);

        last = user.name;
        names_note(&client->names, user.name);
        client->listed++;
        status_peer(&client->statuses, &(struct json_peer){.name = user.name,
                                                           .state = "connected",
                                                           .fingerprint = user.fingerprint,
                                                           .session = user.id,
                                                           .since = user.since});
        error = append_user(&out, &user);
    }
    if (error == PROTO_OK && !client->config->json)
        error = console_answer(client->console, buffer_span(&out));
    buffer_free(&out);
    if (error != PROTO_OK)
        return error;
    /* Pages that do not come nearer to an end would never have one. */
    if (!list->more || !name_is_valid(last) || name_compare(last, span_of(client->list_after)) <= 0) {
        listing_done(client);
        return PROTO_OK;
    }
    name_copy(client->list_after, last);
    return listing_ask(client);
}
