/* Files from peers: offered, accepted or not, written, and given their names. */
#include <config.h>

#include "src/client/files_parts.h"

#include "proto/text.h"
#include "src/client/remembering.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static int answer(struct client *client, const struct transfer *transfer, enum file_status status, const char *reason,
                  uint64_t now) {
    struct file_fields fields = {
        .type = MESSAGE_FILE_ANSWER, .status = status, .offset = transfer->done, .reason = span_of(reason)};

    fields.reason.size = fields.reason.size < MESSAGE_REASON_MAX ? fields.reason.size : MESSAGE_REASON_MAX;
    return files_send(client, transfer, TRANSFER_ANSWER, transfer->offers, &fields, now);
}

int files_in_refuse(struct client *client, struct transfer *transfer, const char *reason, uint64_t now) {
    int error = answer(client, transfer, FILE_REFUSED, reason, now);

    files_tell(client, transfer, "refused", reason, NULL);
    transfers_remove(transfer);
    return error;
}

int files_in_fail(struct client *client, struct transfer *transfer, enum file_status status, const char *why,
                  uint64_t now) {
    int error = files_send_end(client, transfer, status, why, now);

    files_tell(client, transfer, status == FILE_CANCELLED ? "cancelled" : "failed", why, NULL);
    console_notice(client->console, "%s of %s: %s", transfer->name, transfer->peer, why);
    transfers_remove(transfer);
    return error;
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

/* What an earlier transfer had left was wrong: asks the peer for the whole file. */
static int begin_anew(struct client *client, struct transfer *transfer, uint64_t now) {
    transfer->resumed = false;
    transfer->done = 0;
    progress_begin(&transfer->progress, 0, now);
    files_say(client, "what was there of %s was wrong: it comes anew", transfer->name);
    return answer(client, transfer, FILE_ACCEPTED, "", now);
}

static int finish(struct client *client, struct transfer *transfer, uint64_t now) {
    char kept[FILE_NAME_SIZE], size[PROGRESS_SIZE_SIZE];
    int error;

    remembering_note_file(client, transfer->key, transfer->id);
    error = download_finish(transfer->download, kept);
    if (error == -EBADMSG && transfer->resumed)
        return begin_anew(client, transfer, now);
    if (error == -EBADMSG) {
        download_discard(transfer->download);
        transfer->download = NULL;
        return files_in_fail(client, transfer, FILE_FAILED, "it does not have the hash that was offered", now);
    }
    if (error != 0)
        return files_in_fail(client, transfer, FILE_FAILED, diagnostic_errno(-error), now);
    progress_size(size, transfer->size);
    error = files_send_end(client, transfer, FILE_VERIFIED, "", now);
    files_tell(client, transfer, "verified", NULL, kept);
    console_notice(client->console, "%s sent %s (%s), verified", transfer->peer, kept, size);
    transfers_remove(transfer);
    return error;
}

/* ---- offers ----------------------------------------------------------------------------------------------------- */

/* What an earlier transfer has left is hashed: asks the peer for the rest, if there is any. */
static int begin(struct client *client, struct transfer *transfer, uint64_t now) {
    int error;

    transfer->done = download_done(transfer->download);
    transfer->resumed = transfer->done > 0;
    transfer->state = TRANSFER_MOVING;
    transfer->touched = now;
    progress_begin(&transfer->progress, transfer->done, now);
    files_tell(client, transfer, "accepted", NULL, NULL);
    error = answer(client, transfer, FILE_ACCEPTED, "", now);
    return error == PROTO_OK && transfer->done == transfer->size ? finish(client, transfer, now) : error;
}

int files_in_work(struct client *client, struct transfer *transfer, uint64_t now) {
    int result;

    if (transfer->state != TRANSFER_HASHING)
        return PROTO_OK;
    result = download_hash(transfer->download);
    if (result < 0)
        return files_in_refuse(client, transfer, diagnostic_errno(-result), now);
    return result == 1 ? begin(client, transfer, now) : PROTO_OK;
}

static const char *why_not(int number) {
    switch (number) {
    case -ENOSPC:
        return "there is no room for it";
    case -EWOULDBLOCK:
        return "it comes in at another place already";
    default:
        return diagnostic_errno(-number);
    }
}

int files_in_accept(struct client *client, struct transfer *transfer, uint64_t now) {
    const struct download_offer offer = {.name = transfer->name,
                                         .fingerprint = transfer->key,
                                         .size = transfer->size,
                                         .sha256 = transfer->sha256,
                                         .finished = remembering_has_file(client, transfer->key, transfer->id)};
    int error = download_open(&transfer->download, client->config->folder, &offer);

    if (error != 0) {
        console_notice(client->console, "%s of %s: %s", transfer->name, transfer->peer, why_not(error));
        return files_in_refuse(client, transfer, why_not(error), now);
    }
    transfer->accepted = true;
    transfer->state = TRANSFER_HASHING;
    return PROTO_OK;
}

static int decide(struct client *client, struct transfer *transfer, uint64_t now) {
    char size[PROGRESS_SIZE_SIZE];

    progress_size(size, transfer->size);
    files_tell(client, transfer, "offered", NULL, NULL);
    if (client->config->accept == ACCEPT_NEVER)
        return files_in_refuse(client, transfer, "no files are taken here", now);
    if (client->config->max_file_size > 0 && transfer->size > client->config->max_file_size)
        return files_in_refuse(client, transfer, "it is larger than what is taken here", now);
    if (transfer->accepted || client->config->accept == ACCEPT_ALWAYS)
        return files_in_accept(client, transfer, now);
    transfer->state = TRANSFER_OFFERED;
    files_say(client, "%s offers %s (%s): accept %" PRIu64 " | refuse %" PRIu64, transfer->peer, transfer->name, size,
              transfer->number, transfer->number);
    return PROTO_OK;
}

/* The transfer for the file that EVENT offers: one of the same file, which is resumed, or a new one.  NULL: too many.
 */
static struct transfer *place_of(struct client *client, const struct conversation_event *event, uint64_t now) {
    const struct file_step *step = &event->file;
    struct transfer *transfer = transfers_find_same(&client->transfers, event->fingerprint, step->size, step->sha256);

    if (!transfer)
        transfer = transfers_add(&client->transfers, event->fingerprint, now);
    if (!transfer)
        return NULL;
    download_free(transfer->download);
    transfer->download = NULL;
    transfer->touched = now;
    transfer->size = step->size;
    transfer->done = 0;
    transfer->offers++;
    memcpy(transfer->sha256, step->sha256, sizeof(transfer->sha256));
    memcpy(transfer->key, event->fingerprint, sizeof(transfer->key));
    memcpy(transfer->id, step->file, sizeof(transfer->id));
    return transfer;
}

int files_in_offer(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                   uint64_t now) {
    struct transfer *transfer = place_of(client, event, now);
    struct transfer none = {.number = 0};
    char name[FILE_NAME_SIZE];

    /* There are too many: refuses the offer, and keeps nothing of it. */
    if (!transfer) {
        memcpy(none.key, event->fingerprint, sizeof(none.key));
        memcpy(none.id, event->file.file, sizeof(none.id));
        name_copy(none.peer, span_of(conversation_peer(conversation)));
        return answer(client, &none, FILE_REFUSED, "too many files at once", now);
    }
    name_copy(transfer->peer, span_of(conversation_peer(conversation)));
    file_name_make_safe(name, (struct span){event->body, event->body_size});
    /* The person may have accepted the file, but under this name. */
    transfer->accepted = transfer->accepted && strcmp(transfer->name, name) == 0;
    memcpy(transfer->name, name, strlen(name) + 1);
    return decide(client, transfer, now);
}

/* ---- data ------------------------------------------------------------------------------------------------------- */

/* Writes the data of EVENT, which continues TRANSFER. */
static int take(struct client *client, struct transfer *transfer, const struct conversation_event *event,
                enum data_fate *fate, uint64_t now) {
    int error = download_write(transfer->download, event->body, event->body_size);

    *fate = DATA_UNKNOWN;
    if (error != 0)
        return files_in_fail(client, transfer, FILE_FAILED, why_not(error), now);
    *fate = DATA_WRITTEN;
    transfer->done = download_done(transfer->download);
    transfer->touched = now;
    progress_note(&transfer->progress, transfer->done, now);
    files_tell_progress(client, transfer, now);
    return PROTO_OK;
}

/* Takes the data of EVENT for TRANSFER, which is MOVING; *FATE says what the peer is told. */
static int judge(struct client *client, struct transfer *transfer, const struct conversation_event *event,
                 enum data_fate *fate, uint64_t now) {
    const uint64_t offset = event->file.offset, end = offset + event->body_size;

    *fate = DATA_WRITTEN;
    if (end <= transfer->done)
        return PROTO_OK;
    *fate = DATA_OUT_OF_ORDER;
    if (offset > transfer->done && end <= transfer->size)
        return PROTO_OK;
    *fate = DATA_UNKNOWN;
    if (offset != transfer->done || end > transfer->size)
        return files_in_fail(client, transfer, FILE_FAILED, "its data is not what was offered", now);
    return take(client, transfer, event, fate, now);
}

int files_in_data(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                  uint64_t now) {
    struct transfer *transfer = transfers_find_id(&client->transfers, conversation_peer(conversation),
                                                  event->fingerprint, event->file.file, false);
    enum data_fate fate = DATA_UNKNOWN;
    int error = PROTO_OK;

    if (transfer && transfer->state == TRANSFER_MOVING)
        error = judge(client, transfer, event, &fate, now);
    if (error == PROTO_OK)
        error = conversation_answer_data(conversation, event->fingerprint, event->id, fate, now);
    if (error == PROTO_OK && fate == DATA_WRITTEN && transfer->done == transfer->size)
        error = finish(client, transfer, now);
    return error;
}

void files_in_end(struct client *client, struct transfer *transfer, const struct conversation_event *event) {
    const bool cancelled = event->file.status == FILE_CANCELLED;
    char reason[128];

    text_escape_cut(reason, sizeof(reason), (struct span){event->body, event->body_size});
    files_tell(client, transfer, cancelled ? "cancelled" : "failed", reason, NULL);
    console_notice(client->console, "%s of %s: %s%s%s", transfer->name, transfer->peer,
                   cancelled ? "cancelled" : "failed", reason[0] != '\0' ? ": " : "", reason);
    /* What has been received may be resumed later, unless the sender has cancelled. */
    if (cancelled && transfer->download) {
        download_discard(transfer->download);
        transfer->download = NULL;
    }
    transfers_remove(transfer);
}
