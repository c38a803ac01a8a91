/* Files to peers: hashed, offered, sent, and verified by the peer. */
#include <config.h>

#include "src/client/files_parts.h"

#include "proto/text.h"
#include "src/client/sending.h"
#include "src/common/clock.h"
#include "src/common/log.h"

#include <errno.h>
#include <stdio.h>

/* How long to wait before a peer that is gone gets another offer; doubled each time, up to the maximum. */
#define REST_MS     500
#define REST_MAX_MS 8000

/* How often data is sent again without any progress before the transfer fails: a peer could ask for it for ever. */
#define SETBACKS_MAX 20

/* ---- the end ---------------------------------------------------------------------------------------------------- */

void files_out_fail(struct client *client, struct transfer *transfer, enum exit_status status, const char *why) {
    files_tell(client, transfer, "failed", why, NULL);
    client_fail(client, status, "%s to %s: %s", transfer->name, transfer->peer, why);
    transfers_remove(transfer);
}

/* Ends the transfer, which has failed, and tells the peer. */
static int fail_here(struct client *client, struct transfer *transfer, enum exit_status status, const char *why,
                     uint64_t now) {
    int error = files_send_end(client, transfer, FILE_FAILED, why, now);

    files_out_fail(client, transfer, status, why);
    return error;
}

static int fail_file(struct client *client, struct transfer *transfer, int number, uint64_t now) {
    if (number == -ESTALE)
        return fail_here(client, transfer, STATUS_INTERNAL, "the file has changed meanwhile", now);
    return fail_here(client, transfer, STATUS_INTERNAL, diagnostic_errno(-number), now);
}

/* ---- the beginning ---------------------------------------------------------------------------------------------- */

/* True if there is no time-out for the answer to an offer: a person or a bot can cancel it. */
static bool waits(const struct client *client) {
    return client->config->interactive || client->config->json_input;
}

static int offer(struct client *client, struct transfer *transfer, uint64_t now) {
    struct file_fields fields = {.type = MESSAGE_FILE_OFFER,
                                 .name = span_of(transfer->name),
                                 .size = transfer->size,
                                 .sha256 = transfer->sha256};

    if (transfer->tries == 0)
        files_tell(client, transfer, "offered", NULL, NULL);
    transfer->state = TRANSFER_OFFERED;
    transfer->deadline = waits(client) ? CLOCK_NEVER : now + client->config->timeout;
    transfer->lost = false;
    transfer->resume_at = TRANSFER_NOWHERE;
    return files_send(client, transfer, TRANSFER_OFFER, 0, &fields, now);
}

/* Adds a transfer of UPLOAD to NAME, the peer of MEETING. */
static int add(struct client *client, const struct files_order *order, const char *name,
               const struct sending_meeting *meeting, struct upload *upload, uint64_t now) {
    struct transfer *transfer = transfers_add(&client->transfers, NULL, now);

    if (!transfer) {
        client_fail(client, STATUS_INTERNAL, "%s to %s: too many files at once", order->path, name);
        return PROTO_OK;
    }
    transfer->outgoing = true;
    transfer->line = order->line;
    transfer->upload = upload_share(upload);
    transfer->size = upload_size(upload);
    name_copy(transfer->peer, span_of(name));
    if (meeting->key)
        snprintf(transfer->key, sizeof(transfer->key), "%s", meeting->key);
    conversation_make_id(meeting->conversation, transfer->id);
    memcpy(transfer->name, upload_name(upload), strlen(upload_name(upload)) + 1);
    files_say(client, "%llu: %s for %s", (unsigned long long)transfer->number, transfer->name, transfer->peer);
    return PROTO_OK;
}

static int begin(struct client *client, const struct files_order *order, const char *name, struct upload *upload,
                 uint64_t now) {
    struct sending_meeting meeting;
    int error;

    if (name_equal(span_of(name), span_of(client->name))) {
        client_fail(client, STATUS_BAD_LINE, "%s to %s: a message to oneself", order->path, name);
        return PROTO_OK;
    }
    if ((error = sending_meet(client, name, now, &meeting)) != PROTO_OK)
        return error;
    if (meeting.status != STATUS_OK) {
        client_fail(client, meeting.status, "%s to %s: %s", order->path, name, meeting.why.text);
        return PROTO_OK;
    }
    return add(client, order, name, &meeting, upload, now);
}

int files_send_to(struct client *client, const struct files_order *order, const struct recipients *recipients,
                  uint64_t now) {
    struct upload *upload;
    int error = upload_open(&upload, order->path);

    if (error != 0) {
        client_fail(client, order->unreadable, "cannot send %s: %s", order->path,
                    error == -EINVAL ? "it is no plain file" : diagnostic_errno(-error));
        return PROTO_OK;
    }
    for (size_t i = 0; error == PROTO_OK && i < recipients->count; i++) {
        const struct recipient *recipient = &recipients->list[i];

        if (!recipient->grouped || !name_equal(span_of(recipient->name), span_of(client->name)))
            error = begin(client, order, recipient->name, upload, now);
    }
    upload_free(upload);
    return error;
}

/* ---- data ------------------------------------------------------------------------------------------------------- */

/* Bytes of the piece that begins at OFFSET. */
static size_t piece_at(const struct transfer *transfer, uint64_t offset) {
    const uint64_t whole = MESSAGE_FILE_DATA_MAX - offset % MESSAGE_FILE_DATA_MAX, left = transfer->size - offset;

    return (size_t)(whole < left ? whole : left);
}

static int send_piece(struct client *client, struct transfer *transfer, uint64_t now) {
    char data[MESSAGE_FILE_DATA_MAX];
    const size_t size = piece_at(transfer, transfer->next);
    struct file_fields fields = {.type = MESSAGE_FILE_DATA, .offset = transfer->next, .data = {data, size}};
    int error = upload_read(transfer->upload, transfer->next, data, size);

    if (error != 0)
        return fail_file(client, transfer, error, now);
    error = files_send(client, transfer, TRANSFER_DATA, transfer->next / MESSAGE_FILE_DATA_MAX, &fields, now);
    csc_wipe(data, sizeof(data));
    transfer->in_flight++;
    transfer->next += size;
    transfer->whole = transfer->whole || transfer->next == transfer->size;
    return error;
}

static bool can_send(const struct client *client, const struct transfer *transfer) {
    return transfer->state == TRANSFER_MOVING && !transfer->lost && transfer->resume_at == TRANSFER_NOWHERE &&
           transfer->next < transfer->size && !connection_is_full(client->connection) &&
           transfers_in_flight(&client->transfers, transfer->peer) < FILES_WINDOW;
}

/* The peer is gone: waits, unless there was no progress for too long. */
static int rest(struct client *client, struct transfer *transfer, uint64_t now) {
    uint64_t wait = REST_MS << (transfer->tries < 4 ? transfer->tries : 4);

    if (now >= transfer->touched + client->config->timeout) {
        files_out_fail(client, transfer, STATUS_NO_RECEIPT, "the peer is gone, and has not come back in time");
        return PROTO_OK;
    }
    log_debug(LOG_NO_CLIENT, "%s to %s rests", transfer->name, transfer->peer);
    transfer->state = TRANSFER_RESTING;
    transfer->tries++;
    transfer->deadline = now + (wait < REST_MAX_MS ? wait : REST_MAX_MS);
    return PROTO_OK;
}

static int move(struct client *client, struct transfer *transfer, uint64_t now) {
    int error = PROTO_OK;

    if (transfer->in_flight == 0 && transfer->lost)
        return rest(client, transfer, now);
    if (transfer->in_flight == 0 && transfer->resume_at != TRANSFER_NOWHERE) {
        transfer->next = transfer->resume_at;
        transfer->resume_at = TRANSFER_NOWHERE;
    }
    while (error == PROTO_OK && can_send(client, transfer))
        error = send_piece(client, transfer, now);
    return error;
}

/* ---- what is due ------------------------------------------------------------------------------------------------ */

/* True if the same file is on its way to the same peer already, where the second transfer would replace the first. */
static bool is_twice(const struct client *client, const struct transfer *transfer) {
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        const struct transfer *other = &client->transfers.list[i];

        if (other != transfer && other->number != 0 && other->outgoing && other->state != TRANSFER_HASHING &&
            other->size == transfer->size && memcmp(other->sha256, transfer->sha256, CSC_SHA256_SIZE) == 0 &&
            name_equal(span_of(other->peer), span_of(transfer->peer)))
            return true;
    }
    return false;
}

static int hash(struct client *client, struct transfer *transfer, uint64_t now) {
    int result = upload_hash(transfer->upload, transfer->sha256);

    transfer->touched = now;
    if (result < 0) {
        files_out_fail(client, transfer, STATUS_INTERNAL,
                       result == -ESTALE ? "the file has changed meanwhile" : diagnostic_errno(-result));
        return PROTO_OK;
    }
    if (result == 1 && is_twice(client, transfer)) {
        files_out_fail(client, transfer, STATUS_BAD_LINE, "it is on its way already");
        return PROTO_OK;
    }
    return result == 1 ? offer(client, transfer, now) : PROTO_OK;
}

static int is_late(struct client *client, struct transfer *transfer, uint64_t now) {
    const char *why = transfer->state == TRANSFER_OFFERED ? "no answer in time" : "not verified in time";
    int error = files_send_end(client, transfer, FILE_CANCELLED, why, now);

    files_out_fail(client, transfer, STATUS_NO_RECEIPT, why);
    return error;
}

int files_out_work(struct client *client, struct transfer *transfer, uint64_t now) {
    switch (transfer->state) {
    case TRANSFER_HASHING:
        return hash(client, transfer, now);
    case TRANSFER_RESTING:
        return transfer->deadline <= now ? offer(client, transfer, now) : PROTO_OK;
    case TRANSFER_OFFERED:
        if (transfer->lost)
            return rest(client, transfer, now);
        break;
    case TRANSFER_MOVING:
        break;
    }
    if (transfer->deadline <= now && transfer->in_flight == 0)
        return is_late(client, transfer, now);
    return transfer->state == TRANSFER_MOVING ? move(client, transfer, now) : PROTO_OK;
}

uint64_t files_out_deadline(const struct client *client, const struct transfer *transfer) {
    const bool turns = transfer->lost || transfer->resume_at != TRANSFER_NOWHERE;

    if (transfer->state == TRANSFER_HASHING || can_send(client, transfer))
        return 0;
    if (transfer->in_flight > 0)
        return CLOCK_NEVER;
    return transfer->state != TRANSFER_RESTING && turns ? 0 : transfer->deadline;
}

/* ---- what the peer says ----------------------------------------------------------------------------------------- */

/* There was progress. */
static void touch(struct client *client, struct transfer *transfer, uint64_t now) {
    transfer->touched = now;
    transfer->deadline = now + client->config->timeout;
    transfer->tries = 0;
}

static void begin_at(struct client *client, struct transfer *transfer, uint64_t offset, uint64_t now) {
    const bool again = transfer->state == TRANSFER_MOVING;

    transfer->setbacks++;
    transfer->state = TRANSFER_MOVING;
    transfer->resume_at = transfer->done = offset;
    transfer->whole = transfer->whole || offset == transfer->size;
    transfer->lost = false;
    touch(client, transfer, now);
    progress_begin(&transfer->progress, offset, now);
    files_tell(client, transfer, "accepted", NULL, NULL);
    if (offset > 0)
        files_say(client, "%s goes on with %s", transfer->peer, transfer->name);
    else if (!again)
        files_say(client, "%s accepts %s", transfer->peer, transfer->name);
}

/* The reason that the peer has given, made safe for a terminal; OTHERWISE if it gave none. */
static const char *reason_of(char out[static 128], const struct conversation_event *event, const char *otherwise) {
    return event->body_size > 0 ? text_escape_cut(out, 128, (struct span){event->body, event->body_size}) : otherwise;
}

static void refused(struct client *client, struct transfer *transfer, const struct conversation_event *event) {
    char reason[128], why[160];

    snprintf(why, sizeof(why), "refused: %s", reason_of(reason, event, "not wanted"));
    files_tell(client, transfer, "refused", why, NULL);
    client_fail(client, STATUS_REFUSED, "%s to %s: %s", transfer->name, transfer->peer, why);
    transfers_remove(transfer);
}

int files_out_answer(struct client *client, struct transfer *transfer, const struct conversation_event *event,
                     uint64_t now) {
    const struct file_step *step = &event->file;

    if (transfer->state == TRANSFER_HASHING)
        return PROTO_OK;
    memcpy(transfer->key, event->fingerprint, sizeof(transfer->key));
    if (step->status != FILE_ACCEPTED)
        refused(client, transfer, event);
    else if (step->offset > transfer->size || transfer->setbacks >= SETBACKS_MAX)
        return fail_here(client, transfer, STATUS_INTEGRITY, "the peer asks for what there is not", now);
    else
        begin_at(client, transfer, step->offset, now);
    return PROTO_OK;
}

void files_out_end(struct client *client, struct transfer *transfer, const struct conversation_event *event) {
    char reason[128], why[160];

    switch (event->file.status) {
    case FILE_VERIFIED:
        if (!transfer->whole) {
            files_out_fail(client, transfer, STATUS_INTEGRITY, "the peer verifies what it was not sent");
            break;
        }
        transfer->done = transfer->size;
        files_tell(client, transfer, "verified", NULL, NULL);
        files_say(client, "%s has %s, verified", transfer->peer, transfer->name);
        transfers_remove(transfer);
        break;
    case FILE_CANCELLED:
        snprintf(why, sizeof(why), "cancelled: %s", reason_of(reason, event, "by the peer"));
        files_out_fail(client, transfer, STATUS_REFUSED, why);
        break;
    default:
        snprintf(why, sizeof(why), "the peer could not take it: %s", reason_of(reason, event, "no reason given"));
        files_out_fail(client, transfer, STATUS_HANDLER, why);
    }
}

void files_out_delivered(struct client *client, struct transfer *transfer, uint64_t token, uint64_t now) {
    const uint64_t offset = transfer_token_index(token) * MESSAGE_FILE_DATA_MAX;

    switch (transfer_token_message(token)) {
    case TRANSFER_OFFER:
        transfer->met = true;
        break;
    case TRANSFER_DATA:
        transfer->in_flight--;
        transfer->setbacks = 0;
        /* The peer takes pieces in order, so everything up to the end of this one is done, unless the peer has asked
         * for an earlier place meanwhile. */
        if (offset + MESSAGE_FILE_DATA_MAX > transfer->done && offset < transfer->resume_at)
            transfer->done = offset + piece_at(transfer, offset);
        touch(client, transfer, now);
        progress_note(&transfer->progress, transfer->done, now);
        files_tell_progress(client, transfer, now);
        break;
    default:
        break;
    }
}

/* The data at OFFSET was not taken: it, and what follows it, is sent again. */
static void data_failed(struct transfer *transfer, uint64_t offset, enum conversation_failure failure) {
    transfer->in_flight--;
    if (failure != FAILURE_HANDLER) {
        transfer->lost = true;
        return;
    }
    offset = offset > transfer->done ? offset : transfer->done;
    if (offset < transfer->resume_at) {
        transfer->resume_at = offset;
        transfer->setbacks++;
    }
}

static bool may_come_back(const struct transfer *transfer, enum conversation_failure failure) {
    switch (failure) {
    case FAILURE_NO_SUCH_USER:
    case FAILURE_LEFT:
    case FAILURE_TIMEOUT:
        return transfer->met;
    case FAILURE_HANDLER:
        return transfer->setbacks < SETBACKS_MAX;
    default:
        return false;
    }
}

int files_out_failed(struct client *client, struct transfer *transfer, uint64_t token,
                     enum conversation_failure failure, uint64_t now) {
    const enum transfer_message message = transfer_token_message(token);
    const char *why = failure == FAILURE_NO_SUCH_USER ? "no such user" : conversation_failure_text(failure);

    if (message == TRANSFER_DATA) {
        data_failed(transfer, transfer_token_index(token) * MESSAGE_FILE_DATA_MAX, failure);
        /* The peer does not know the transfer any more, and gets another offer. */
        if (failure == FAILURE_DECLINED)
            return PROTO_OK;
    } else if (message != TRANSFER_OFFER || transfer->state != TRANSFER_OFFERED) {
        return PROTO_OK;
    }
    if (may_come_back(transfer, failure))
        return message == TRANSFER_OFFER ? rest(client, transfer, now) : PROTO_OK;
    if (failure == FAILURE_UNSUPPORTED)
        why = "the peer's program takes no files";
    files_out_fail(client, transfer, exit_status_of_failure(failure), why);
    return PROTO_OK;
}
