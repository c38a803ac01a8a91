#include <config.h>

#include "src/client/remembering.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* True if messages are written to standard output as they are, so that a journal of it makes sense. */
static bool hands_through(const struct client *client) {
    return !client->config->interactive && !client->handler;
}

/* With MAKE, the files are made if they are missing.  0 or -errno with WHY. */
static int open_files(struct client *client, bool make, struct diagnostic *why) {
    const char *dir = client->config->state;
    int error = received_open(&client->received, dir, make, why);

    if (error == 0 && hands_through(client))
        error = handing_open(&client->handing, dir, STDOUT_FILENO, client->received, make, why);
    if (error == 0 && client->handing) {
        handing_set_form(client->handing, client->config->json);
        console_hand_through(client->console, client->handing);
    }
    return error;
}

static void open_or_tell(struct client *client, bool make) {
    struct diagnostic why;
    const int error = client->forgets ? 0 : open_files(client, make, &why);

    if (error == 0)
        return;
    remembering_end(client);
    if (error == -ENOENT && !make)
        return;
    client->forgets = true;
    console_notice(client->console, "messages that are sent again will come again: %s", why.text);
}

void remembering_begin(struct client *client) {
    open_or_tell(client, false);
}

void remembering_end(struct client *client) {
    handing_close(client->handing);
    received_close(client->received);
    client->handing = NULL;
    client->received = NULL;
}

enum remembered remembering_look(struct client *client, const struct conversation_event *event) {
    uint8_t digest[RECEIVED_DIGEST_SIZE];

    if (!client->received)
        open_or_tell(client, true);
    if (!client->received)
        return REMEMBERED_NOT;
    received_digest(digest, event->fingerprint, event->id);
    if (received_has(client->received, digest))
        return REMEMBERED_DONE;
    return client->handing && handing_has(client->handing, digest) ? REMEMBERED_LEFT : REMEMBERED_NOT;
}

/* No message has an id with a blank in it. */
static void file_digest(uint8_t digest[static RECEIVED_DIGEST_SIZE], const char *fingerprint, const char *id) {
    char name[MESSAGE_ID_MAX + 8];

    snprintf(name, sizeof(name), "file %s", id);
    received_digest(digest, fingerprint, name);
}

void remembering_note_file(struct client *client, const char *fingerprint, const char *id) {
    uint8_t digest[RECEIVED_DIGEST_SIZE];

    if (!client->received)
        open_or_tell(client, true);
    file_digest(digest, fingerprint, id);
    if (client->received)
        received_note(client->received, digest);
}

bool remembering_has_file(const struct client *client, const char *fingerprint, const char *id) {
    uint8_t digest[RECEIVED_DIGEST_SIZE];

    file_digest(digest, fingerprint, id);
    return client->received && received_has(client->received, digest);
}

void remembering_note(struct client *client, const struct output_mark *mark) {
    uint8_t digest[RECEIVED_DIGEST_SIZE];

    if (!client->received)
        return;
    received_digest(digest, mark->fingerprint, mark->id);
    received_note(client->received, digest);
}
