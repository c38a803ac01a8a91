/* The steps of sending a file, which travel as texts do. */
#include <config.h>

#include "proto/conversation_state.h"

int conversation_send_file(struct conversation *conversation, const struct conversation_file *file, uint64_t now) {
    struct file_fields fields = *file->fields;
    struct unacked *entry;
    int error = begin_entry(conversation, NULL, file->token, file->key, now, &entry);

    if (error != PROTO_OK)
        return error;
    entry->file = true;
    fields.id = span_of(entry->id);
    return send_entry(conversation, entry, message_write_file(&entry->inner, &fields), now);
}

/* What STEP says beside its numbers. */
static struct span text_of(const struct message *step) {
    switch (step->type) {
    case MESSAGE_FILE_OFFER:
        return step->name;
    case MESSAGE_FILE_DATA:
        return step->payload;
    default:
        return step->reason;
    }
}

static int put_step(struct conversation *conversation, const struct message *com, const struct message *step) {
    const struct span text = text_of(step);
    struct conversation_event event = {
        .type = CONVERSATION_EVENT_FILE,
        .file = {.type = step->type, .size = step->file_size, .offset = step->offset, .status = step->file_status},
        .body = text.size > 0 ? (char *)text.data : (char *)"",
        .body_size = text.size};

    memcpy(event.fingerprint, conversation->fingerprint, CSC_FINGERPRINT_SIZE);
    memcpy(event.id, com->id.data, com->id.size);
    memcpy(event.file.file, step->file.data, step->file.size);
    memcpy(event.file.sha256, step->sha256, CSC_SHA256_SIZE);
    return put_event(conversation, &event);
}

int receive_file(struct conversation *conversation, const struct message *com, const struct message *step,
                 uint64_t now) {
    const struct span owner = span_of(conversation->fingerprint);
    enum id_state state;
    int error;

    if (!span_equal(com->id, step->id))
        return report_violation(conversation, PROTO_E_MEMBER);
    if (step->type == MESSAGE_FILE_DATA)
        return put_step(conversation, com, step);
    state = id_set_find(&conversation->received, owner, com->id);
    if (state == ID_SEEN)
        return PROTO_OK;
    if (state != ID_UNKNOWN)
        return add_receipt(conversation, com->id, state, 0, now);
    error = put_step(conversation, com, step);
    return error == PROTO_OK ? id_set_note(&conversation->received, owner, com->id, ID_SEEN) : error;
}
