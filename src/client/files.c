#include <config.h>

#include "src/client/files_parts.h"
#include "src/common/clock.h"

#include <stdio.h>

/* How often the status line is drawn. */
#define SHOW_MS 200

/* A peer that leaves so many of our messages without a receipt gets no more answers to its offers.  Lines are fewer, so
 * these are mostly answers that it does not confirm, and each takes memory until it does. */
#define PENDING_MAX 512

int files_send(struct client *client, const struct transfer *transfer, enum transfer_message message, uint64_t index,
               struct file_fields *fields, uint64_t now) {
    const struct conversation_file file = {.token = transfer_token(transfer, message, index),
                                           .key = transfer->key[0] != '\0' ? transfer->key : NULL,
                                           .fields = fields};
    struct conversation *conversation = NULL;
    int error = peers_get(&client->peers, span_of(transfer->peer), now, &conversation);

    fields->file = span_of(transfer->id);
    return error == PROTO_OK ? conversation_send_file(conversation, &file, now) : error;
}

int files_send_end(struct client *client, const struct transfer *transfer, enum file_status status, const char *reason,
                   uint64_t now) {
    struct file_fields end = {.type = MESSAGE_FILE_END, .status = status, .reason = span_of(reason)};

    end.reason.size = end.reason.size < MESSAGE_REASON_MAX ? end.reason.size : MESSAGE_REASON_MAX;
    return files_send(client, transfer, TRANSFER_END, 0, &end, now);
}

/* ---- events ----------------------------------------------------------------------------------------------------- */

static int take_step(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                     bool *known, uint64_t now) {
    const struct file_step *step = &event->file;
    const char *peer = conversation_peer(conversation);
    struct transfer *out = transfers_find_id(&client->transfers, peer, event->fingerprint, step->file, true);
    struct transfer *in = transfers_find_id(&client->transfers, peer, event->fingerprint, step->file, false);

    *known = true;
    if (step->type == MESSAGE_FILE_OFFER && (*known = conversation_pending(conversation) < PENDING_MAX))
        return files_in_offer(client, conversation, event, now);
    if (step->type == MESSAGE_FILE_ANSWER && out)
        return files_out_answer(client, out, event, now);
    *known = step->type == MESSAGE_FILE_END && (out || in);
    if (*known && out)
        files_out_end(client, out, event);
    else if (*known)
        files_in_end(client, in, event);
    return PROTO_OK;
}

int files_event(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                uint64_t now) {
    bool known;
    int error;

    if (event->file.type == MESSAGE_FILE_DATA)
        return files_in_data(client, conversation, event, now);
    error = take_step(client, conversation, event, &known, now);
    if (error != PROTO_OK)
        return error;
    return known ? conversation_handed_on(conversation, event->fingerprint, event->id, now)
                 : conversation_declined(conversation, event->fingerprint, event->id, now);
}

void files_delivered(struct client *client, const struct conversation *conversation, uint64_t token, uint64_t now) {
    struct transfer *transfer = transfers_find(&client->transfers, transfer_token_number(token));

    if (!transfer || !transfer->outgoing)
        return;
    /* The file is for the key that has received the offer, and for no other from now on. */
    if (transfer->key[0] == '\0')
        memcpy(transfer->key, conversation_fingerprint(conversation), sizeof(transfer->key));
    files_out_delivered(client, transfer, token, now);
}

/* Our answer to the offer of an incoming file has failed. */
static void not_heard(struct client *client, struct transfer *transfer, enum conversation_failure failure) {
    const bool gone = failure == FAILURE_DECLINED;
    const char *why = gone ? "the offer is gone" : conversation_failure_text(failure);

    files_say(client, "%s of %s: %s", transfer->name, transfer->peer, why);
    /* If the offer is not gone, its sender may come back and repeat it. */
    if (!gone)
        return;
    files_tell(client, transfer, "failed", why, NULL);
    transfers_remove(transfer);
}

int files_failed(struct client *client, uint64_t token, enum conversation_failure failure, uint64_t now) {
    struct transfer *transfer = transfers_find(&client->transfers, transfer_token_number(token));

    if (!transfer)
        return PROTO_OK;
    if (transfer->outgoing)
        return files_out_failed(client, transfer, token, failure, now);
    /* What becomes of the answer to an earlier offer is nothing to this one. */
    if (transfer_token_message(token) == TRANSFER_ANSWER && transfer_token_index(token) == transfer->offers)
        not_heard(client, transfer, failure);
    return PROTO_OK;
}

void files_peer_left(struct client *client, const char *peer) {
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *transfer = &client->transfers.list[i];

        if (transfer->number != 0 && transfer->outgoing && name_equal(span_of(transfer->peer), span_of(peer)))
            transfer->lost = transfer->state == TRANSFER_OFFERED || transfer->state == TRANSFER_MOVING;
    }
}

/* ---- time ------------------------------------------------------------------------------------------------------- */

/* True while messages can be sent. */
static bool is_running(const struct client *client) {
    return client->phase == CLIENT_RUNNING || client->phase == CLIENT_DRAINING;
}

static int work_on(struct client *client, struct transfer *transfer, uint64_t now) {
    return transfer->outgoing ? files_out_work(client, transfer, now) : files_in_work(client, transfer, now);
}

/* While DRAINING, outgoing transfers keep the client from ending until they are done or their own deadlines pass. */
static void hold_end(struct client *client, uint64_t now) {
    const uint64_t until = now + client->config->timeout;

    if (client->phase != CLIENT_DRAINING || !transfers_are_going(&client->transfers))
        return;
    client->deadline = until;
    for (size_t i = 0; i < TRANSFERS_MAX; i++)
        if (client->transfers.list[i].deadline == CLOCK_NEVER)
            client->transfers.list[i].deadline = until;
}

int files_work(struct client *client, uint64_t now) {
    struct transfers *transfers = &client->transfers;
    bool hashed = false;

    for (size_t i = 0; is_running(client) && i < TRANSFERS_MAX; i++) {
        struct transfer *transfer = &transfers->list[i];
        int error;

        if (transfer->number == 0)
            continue;
        /* Only one slice is hashed in a turn, since that takes long enough. */
        if (transfer->state == TRANSFER_HASHING && hashed)
            continue;
        hashed = hashed || transfer->state == TRANSFER_HASHING;
        if ((error = work_on(client, transfer, now)) != PROTO_OK)
            return error;
    }
    hold_end(client, now);
    if (now >= client->files_shown_at + SHOW_MS) {
        client->files_shown_at = now;
        files_show(client);
    }
    return PROTO_OK;
}

static uint64_t deadline_of(const struct client *client, const struct transfer *transfer) {
    if (transfer->number == 0)
        return CLOCK_NEVER;
    if (transfer->outgoing)
        return files_out_deadline(client, transfer);
    return transfer->state == TRANSFER_HASHING ? 0 : CLOCK_NEVER;
}

uint64_t files_deadline(const struct client *client) {
    uint64_t deadline = console_has_progress(client->console) ? client->files_shown_at + SHOW_MS : CLOCK_NEVER;

    for (size_t i = 0; is_running(client) && i < TRANSFERS_MAX; i++) {
        uint64_t next = deadline_of(client, &client->transfers.list[i]);

        deadline = next < deadline ? next : deadline;
    }
    return deadline;
}

void files_give_up(struct client *client, enum exit_status status, const char *why) {
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *transfer = &client->transfers.list[i];

        if (transfer->number != 0 && transfer->outgoing)
            files_out_fail(client, transfer, status, why);
    }
}
