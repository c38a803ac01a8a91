/* What was handed on, to standard output or to the handler, and the receipts for it. */
#include <config.h>

#include "src/client/incoming.h"
#include "src/client/remembering.h"
#include "src/common/clock.h"

/* The message of MARK is done with.  Returns its conversation, or NULL if that is gone. */
static struct conversation *done_with(struct client *client, const struct output_mark *mark, uint64_t now) {
    struct conversation *conversation = peers_find(&client->peers, span_of(mark->peer), now);

    client->handed_on++;
    if (conversation)
        peers_entry(&client->peers, conversation)->waiting--;
    return conversation;
}

int incoming_handed_on(struct client *client, uint64_t now) {
    struct output_mark mark;
    int error = PROTO_OK;

    while (error == PROTO_OK && console_next_mark(client->console, &mark)) {
        struct conversation *conversation = done_with(client, &mark, now);

        remembering_note(client, &mark);
        if (!conversation)
            continue;
        error = conversation_handed_on(conversation, mark.fingerprint, mark.id, now);
        if (error == PROTO_OK)
            error = incoming_events(client, conversation, now);
    }
    return error;
}

/* What the handler's end means for its message. */
static int handled(struct client *client, const struct handler_result *result, uint64_t now) {
    struct conversation *conversation = done_with(client, &result->mark, now);
    const char *fingerprint = result->mark.fingerprint, *id = result->mark.id;

    if (result->error != 0)
        console_notice(client->console, "cannot run %s: %s", client->config->handler->words[0],
                       diagnostic_errno(-result->error));
    else if (result->late)
        console_notice(client->console, "%s did not end in time for a message of %s, and was ended",
                       client->config->handler->words[0], result->mark.peer);
    else if (result->status != 0)
        console_notice(client->console, "%s ended with status %u for a message of %s",
                       client->config->handler->words[0], result->status, result->mark.peer);
    if (!result->expired && result->status == 0)
        remembering_note(client, &result->mark);
    if (!conversation)
        return PROTO_OK;
    if (result->expired)
        return conversation_expired(conversation, fingerprint, id, now);
    if (result->status != 0)
        return conversation_failed(conversation, fingerprint, id, result->status, now);
    return conversation_handed_on(conversation, fingerprint, id, now);
}

int incoming_handled(struct client *client, uint64_t now) {
    struct handler_result result;
    int error = PROTO_OK;

    while (error == PROTO_OK && client->handler && handler_next(client->handler, now, clock_wall_ms(), &result))
        error = handled(client, &result, now);
    return error;
}
