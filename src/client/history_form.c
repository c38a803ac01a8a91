#include <config.h>

#include "proto/fingerprint.h"
#include "src/client/history_form.h"

/* The first byte.  The two old kinds, of the first format, have neither ids nor signatures. */
enum kind { KIND_OLD_RECEIVED, KIND_OLD_SENT, KIND_RECEIVED, KIND_SENT, KINDS };

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void put_number(uint8_t **out, size_t size, uint64_t number) {
    for (size_t i = 0; i < size; i++)
        *(*out)++ = (uint8_t)(number >> (8 * (size - 1 - i)));
}

static void put_bytes(uint8_t **out, const void *data, size_t size) {
    if (size > 0)
        memcpy(*out, data, size);
    *out += size;
}

/* TEXT behind a byte with its size. */
static void put_text(uint8_t **out, struct span text) {
    put_number(out, 1, text.size);
    put_bytes(out, text.data, text.size);
}

static void put_proof(uint8_t **out, const struct text_signature *signature) {
    const struct span key = span_of(signature->key);

    put_bytes(out, signature->session, sizeof(signature->session));
    put_number(out, 2, signature->size);
    put_bytes(out, signature->value, signature->size);
    put_text(out, span_of(signature->recipient));
    put_bytes(out, key.data, key.size);
}

size_t history_form_write(uint8_t out[static HISTORY_FORM_MAX], const struct history_entry *entry) {
    uint8_t *end = out, *proof;

    put_number(&end, 1, entry->sent ? KIND_SENT : KIND_RECEIVED);
    put_number(&end, 8, entry->time);
    put_text(&end, entry->name);
    put_text(&end, entry->own);
    put_text(&end, entry->id);
    put_text(&end, entry->fingerprint);
    proof = end + 2;
    if (entry->signature)
        put_proof(&proof, entry->signature);
    put_number(&end, 2, (size_t)(proof - end) - 2);
    end = proof;
    put_bytes(&end, entry->text.data, entry->text.size);
    return (size_t)(end - out);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Takes SIZE bytes off REST.  False: there are not as many. */
static bool take(struct span *rest, size_t size, struct span *bytes) {
    if (rest->size < size)
        return false;
    *bytes = (struct span){rest->data, size};
    rest->data += size;
    rest->size -= size;
    return true;
}

static bool take_number(struct span *rest, size_t size, uint64_t *number) {
    struct span bytes;

    if (!take(rest, size, &bytes))
        return false;
    *number = 0;
    for (size_t i = 0; i < size; i++)
        *number = *number << 8 | (uint8_t)bytes.data[i];
    return true;
}

/* Takes a number of SIZE bytes off REST, and as many bytes as it says. */
static bool take_sized(struct span *rest, size_t size, struct span *bytes) {
    uint64_t count;

    return take_number(rest, size, &count) && take(rest, count, bytes);
}

static bool is_fingerprint(struct span text) {
    uint8_t hash[CSC_SHA256_SIZE];

    return fingerprint_decode(hash, text);
}

static bool read_proof(struct text_signature *signature, struct span proof) {
    struct span session, value, recipient;

    if (!take(&proof, sizeof(signature->session), &session) || !take_sized(&proof, 2, &value) ||
        value.size > sizeof(signature->value) || !take_sized(&proof, 1, &recipient) || !is_fingerprint(recipient) ||
        proof.size >= sizeof(signature->key) || memchr(proof.data, '\0', proof.size))
        return false;
    *signature = (struct text_signature){.size = value.size};
    memcpy(signature->session, session.data, session.size);
    memcpy(signature->value, value.data, value.size);
    memcpy(signature->recipient, recipient.data, recipient.size);
    memcpy(signature->key, proof.data, proof.size);
    return true;
}

/* Reads the members that the first format does not have. */
static bool read_more(struct history_entry *entry, struct text_signature *signature, struct span *rest) {
    struct span proof;

    if (!take_sized(rest, 1, &entry->own) || !take_sized(rest, 1, &entry->id) ||
        !take_sized(rest, 1, &entry->fingerprint) || !take_sized(rest, 2, &proof) ||
        (entry->own.size > 0 && !name_is_valid(entry->own)) ||
        (entry->id.size > 0 && !message_id_is_valid(entry->id)) ||
        (entry->fingerprint.size > 0 && !is_fingerprint(entry->fingerprint)) ||
        (proof.size > 0 && !read_proof(signature, proof)))
        return false;
    entry->signature = proof.size > 0 ? signature : NULL;
    return true;
}

bool history_form_read(struct history_entry *entry, struct text_signature *signature, const uint8_t *data,
                       size_t size) {
    struct span rest = {(const char *)data, size};
    uint64_t kind;

    *entry = (struct history_entry){.sent = false};
    if (!take_number(&rest, 1, &kind) || kind >= KINDS || !take_number(&rest, 8, &entry->time) ||
        !take_sized(&rest, 1, &entry->name) || !name_is_valid(entry->name) ||
        (kind >= KIND_RECEIVED && !read_more(entry, signature, &rest)))
        return false;
    entry->sent = kind == KIND_OLD_SENT || kind == KIND_SENT;
    entry->text = rest;
    return rest.size <= MESSAGE_BODY_MAX;
}
