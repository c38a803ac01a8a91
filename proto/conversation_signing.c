/* Signatures under the texts of a conversation. */
#include <config.h>

#include "proto/conversation_state.h"
#include "proto/signed_text.h"

/* ---- this side's ---- */

/* Writes TEXT anew, with a signature for SESSION. */
static int sign_text(const struct conversation *conversation, const struct message *text, const uint8_t *session,
                     struct buffer *out) {
    const csc_private_key *identity = conversation->config.identity;
    uint8_t sender[CSC_SHA256_SIZE], recipient[CSC_SHA256_SIZE], value[CSC_RSA_MAX_SIZE];
    int error;

    csc_public_key_hash(conversation->own_key, sender);
    csc_public_key_hash(conversation->peer_key, recipient);
    error = signed_text_sign(&(struct signed_text){sender, recipient, session, text->id, text->time, text->body},
                             identity, value);
    if (error != PROTO_OK)
        return error;
    return message_write_text(out, &(struct text_fields){.id = text->id,
                                                         .time = text->time,
                                                         .expires = text->expires,
                                                         .body = text->body,
                                                         .signature = value,
                                                         .signature_size = csc_private_key_size(identity)});
}

int sign_entry(struct conversation *conversation, struct unacked *entry) {
    const uint8_t *session = ratchet_session(conversation->ratchet);
    const struct span inner = buffer_span(&entry->inner);
    struct buffer made = BUFFER_INIT(MESSAGE_INNER_MAX);
    struct message text;
    int error;

    if (!entry->sign || memcmp(entry->signed_for, session, MESSAGE_SESSION_SIZE) == 0)
        return PROTO_OK;
    /* What is signed is what is sent, so it is read from there. */
    if ((error = message_parse(&text, PLACE_INNER, inner.data, inner.size)) != PROTO_OK)
        return error;
    if ((error = sign_text(conversation, &text, session, &made)) == PROTO_OK) {
        buffer_free(&entry->inner);
        entry->inner = made;
        memcpy(entry->signed_for, session, MESSAGE_SESSION_SIZE);
    } else {
        buffer_free(&made);
    }
    message_free(&text);
    return error;
}

/* Whether DISCONNECT is about ENTRY; without an id it is about all that are signed and on their way. */
static bool is_about(const struct message *disconnect, const struct unacked *entry) {
    return entry->sign && entry->on_its_way &&
           (disconnect->id.size == 0 || span_equal(disconnect->id, span_of(entry->id)));
}

int signature_refused(struct conversation *conversation, const struct message *disconnect, uint64_t now) {
    struct unacked *entry = conversation->unacked.first, *next;
    int error = PROTO_OK;

    if (conversation->ratchet == NULL ||
        (disconnect_names_session(disconnect) &&
         memcmp(disconnect->session, ratchet_session(conversation->ratchet), MESSAGE_SESSION_SIZE) != 0))
        return PROTO_OK;
    /* What has failed is not sent again: the next signature would be as good as this one. */
    for (; entry != NULL && error == PROTO_OK; entry = next) {
        next = entry->next;
        if (is_about(disconnect, entry))
            error = fail_entry(conversation, entry, FAILURE_SIGNATURE);
    }
    return error == PROTO_OK ? send_queued(conversation, now) : error;
}

/* ---- the peer's ---- */

int check_signature(struct conversation *conversation, const struct message *text, struct text_signature *signature) {
    const uint8_t *session = ratchet_session(conversation->ratchet);
    uint8_t sender[CSC_SHA256_SIZE], recipient[CSC_SHA256_SIZE];
    size_t size = sizeof(signature->key);
    int error;

    csc_public_key_hash(conversation->peer_key, sender);
    csc_public_key_hash(conversation->own_key, recipient);
    error = signed_text_verify(&(struct signed_text){sender, recipient, session, text->id, text->time, text->body},
                               conversation->peer_key, text->signature, text->signature_size);
    if (error != PROTO_OK)
        return error;
    if (csc_public_key_to_pem(conversation->peer_key, signature->key, &size) != CSC_OK)
        return PROTO_E_CRYPTO;
    csc_public_key_fingerprint(conversation->own_key, signature->recipient);
    memcpy(signature->session, session, MESSAGE_SESSION_SIZE);
    memcpy(signature->value, text->signature, text->signature_size);
    signature->size = text->signature_size;
    return PROTO_OK;
}

int refuse_signature(struct conversation *conversation, const struct message *com) {
    int error = report_violation(conversation, PROTO_E_INTEGRITY);

    if (error != PROTO_OK)
        return error;
    return send_disconnect(conversation, &(struct disconnect_fields){
                                             .reason = SPAN("bad-signature"), .session = com->session, .id = com->id});
}
