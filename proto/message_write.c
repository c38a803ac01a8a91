#include <config.h>

#include "proto/json_write.h"
#include "proto/message_attest.h"
#include "proto/message_table.h"
#include "proto/text.h"

static void put_optional(struct json_writer *writer, const char *name, struct span value) {
    if (value.size > 0)
        json_string(writer, name, value);
}

static void put_header(struct json_writer *writer, const struct handshake_header *header, unsigned phase) {
    json_string(writer, "type", header->peer ? SPAN("client-connect") : SPAN("connect"));
    json_integer(writer, "phase", phase);
    if (header->peer) {
        json_string(writer, "src", header->src);
        json_string(writer, "dst", header->dst);
        put_optional(writer, "offer", header->offer);
    } else if (header->name.size > 0) {
        json_string(writer, "name", header->name);
    }
}

static void put_offer(struct json_writer *writer, const struct handshake_offer *offer) {
    json_integer(writer, "version", PROTOCOL_VERSION);
    json_base64(writer, "id", offer->id, MESSAGE_NONCE_SIZE);
    json_open(writer, "ciphers", '[');
    for (size_t i = 0; i < offer->ciphers.count; i++)
        json_element(writer, span_of(suite_name(offer->ciphers.suites[i])));
    json_close(writer, ']');
}

/* Opens `data` with what phases 1 and 2 have in common. */
static void put_keys(struct json_writer *writer, const struct handshake_offer *offer) {
    json_open(writer, "data", '{');
    json_string(writer, "key", span_of(offer->pem));
    json_base64(writer, "dh", offer->dh, CSC_X25519_SIZE);
}

static void put_certificates(struct json_writer *writer, const struct handshake_offer *offer) {
    if (offer->chain != NULL)
        message_put_chain(writer, "chain", offer->chain);
    if (offer->attest != NULL)
        message_put_attest(writer, "attest", offer->attest);
    json_close(writer, '}');
}

int message_write_phase1(struct buffer *out, const struct handshake_header *header,
                         const struct handshake_offer *offer) {
    struct json_writer writer;

    json_begin(&writer, out);
    put_header(&writer, header, 1);
    put_offer(&writer, offer);
    put_keys(&writer, offer);
    put_certificates(&writer, offer);
    return json_end(&writer);
}

int message_write_phase2(struct buffer *out, const struct handshake_header *header, const struct handshake_offer *offer,
                         const uint8_t *secret, size_t secret_size) {
    struct json_writer writer;

    json_begin(&writer, out);
    put_header(&writer, header, 2);
    put_offer(&writer, offer);
    put_keys(&writer, offer);
    json_base64(&writer, "secret", secret, secret_size);
    put_certificates(&writer, offer);
    return json_end(&writer);
}

int message_write_phase3(struct buffer *out, const struct handshake_header *header, enum suite suite,
                         const struct handshake_proof *proof) {
    struct json_writer writer;

    json_begin(&writer, out);
    put_header(&writer, header, 3);
    json_open(&writer, "ciphers", '[');
    json_element(&writer, span_of(suite_name(suite)));
    json_close(&writer, ']');
    json_open(&writer, "data", '{');
    json_base64(&writer, "secret", proof->secret, proof->secret_size);
    json_base64(&writer, "confirm", proof->confirm, CSC_SHA256_SIZE);
    if (header->peer)
        json_base64(&writer, "dh", proof->dh, CSC_X25519_SIZE);
    json_close(&writer, '}');
    return json_end(&writer);
}

int message_write_phase4(struct buffer *out, const struct handshake_header *header,
                         const uint8_t confirm[static CSC_SHA256_SIZE], uint64_t session_id) {
    struct json_writer writer;

    json_begin(&writer, out);
    put_header(&writer, header, 4);
    if (!header->peer)
        json_integer(&writer, "id", session_id);
    json_open(&writer, "data", '{');
    json_base64(&writer, "confirm", confirm, CSC_SHA256_SIZE);
    json_close(&writer, '}');
    return json_end(&writer);
}

/* Begins a message that has no phase. */
static void begin(struct json_writer *writer, struct buffer *out, struct span type) {
    json_begin(writer, out);
    json_string(writer, "type", type);
}

int message_write_error(struct buffer *out, enum wire_error code, const char *text, struct span id, struct span dst) {
    struct json_writer writer;

    begin(&writer, out, SPAN("error"));
    json_string(&writer, "code", span_of(wire_error_word(code)));
    json_string(&writer, "text", span_of(text ? text : wire_error_text(code)));
    put_optional(&writer, "id", id);
    put_optional(&writer, "dst", dst);
    return json_end(&writer);
}

int message_write_list_request(struct buffer *out, struct span after) {
    struct json_writer writer;

    begin(&writer, out, SPAN("list"));
    put_optional(&writer, "after", after);
    return json_end(&writer);
}

int message_write_list(struct buffer *out, const struct list_entry *entries, size_t count, bool more) {
    struct json_writer writer;

    begin(&writer, out, SPAN("list"));
    json_open(&writer, "data", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(&writer, NULL, '{');
        json_string(&writer, "name", entries[i].name);
        json_integer(&writer, "id", entries[i].id);
        json_string(&writer, "key", entries[i].fingerprint);
        json_integer(&writer, "since", entries[i].since);
        json_close(&writer, '}');
    }
    json_close(&writer, ']');
    json_boolean(&writer, "more", more);
    return json_end(&writer);
}

int message_write_ping(struct buffer *out, enum message_type type, struct span id) {
    struct json_writer writer;

    begin(&writer, out, type == MESSAGE_PING ? SPAN("ping") : SPAN("pong"));
    put_optional(&writer, "id", id);
    return json_end(&writer);
}

int message_write_bye(struct buffer *out, struct span reason) {
    struct json_writer writer;

    begin(&writer, out, SPAN("bye"));
    put_optional(&writer, "reason", reason);
    return json_end(&writer);
}

int message_write_disconnect(struct buffer *out, const struct disconnect_fields *fields) {
    struct json_writer writer;

    begin(&writer, out, SPAN("client-disconnect"));
    json_string(&writer, "src", fields->src);
    json_string(&writer, "dst", fields->dst);
    put_optional(&writer, "reason", fields->reason);
    if (fields->session != NULL)
        json_base64(&writer, "session", fields->session, MESSAGE_SESSION_SIZE);
    put_optional(&writer, "id", fields->id);
    put_optional(&writer, "offer", fields->offer);
    return json_end(&writer);
}

int message_write_com(struct buffer *out, const struct com_fields *fields) {
    struct json_writer writer;

    begin(&writer, out, SPAN("client-com"));
    json_string(&writer, "src", fields->src);
    json_string(&writer, "dst", fields->dst);
    json_string(&writer, "id", fields->id);
    json_open(&writer, "data", '{');
    json_base64(&writer, "session", fields->session, MESSAGE_SESSION_SIZE);
    json_base64(&writer, "dh", fields->dh, CSC_X25519_SIZE);
    json_integer(&writer, "pn", fields->pn);
    json_integer(&writer, "n", fields->n);
    json_base64(&writer, "payload", fields->payload.data, fields->payload.size);
    json_base64(&writer, "hmac", fields->hmac, CSC_SHA256_SIZE);
    json_close(&writer, '}');
    return json_end(&writer);
}

/* Fills the inner message that begins at FROM with spaces to the multiple, which hides its exact length. */
static int fill(struct buffer *out, size_t from) {
    size_t size = out->size - from,
           spaces = (MESSAGE_INNER_MULTIPLE - size % MESSAGE_INNER_MULTIPLE) % MESSAGE_INNER_MULTIPLE;
    uint8_t *room;
    int error;

    if (size + spaces > MESSAGE_INNER_MAX) {
        buffer_truncate(out, from);
        return PROTO_E_TOO_LARGE;
    }
    if ((error = buffer_reserve(out, spaces, &room)) != PROTO_OK) {
        buffer_truncate(out, from);
        return error;
    }
    memset(room, ' ', spaces);
    buffer_commit(out, spaces);
    return PROTO_OK;
}

static bool is_text(struct span text) {
    return text_is_utf8(text) && (text.size == 0 || memchr(text.data, '\0', text.size) == NULL);
}

int message_write_text(struct buffer *out, const struct text_fields *fields) {
    const struct span body = fields->body;
    struct json_writer writer;
    size_t from = out->size;
    int error;

    if (body.size > MESSAGE_BODY_MAX)
        return PROTO_E_TOO_LARGE;
    if (!is_text(body))
        return PROTO_E_TEXT;
    begin(&writer, out, SPAN("text"));
    json_string(&writer, "id", fields->id);
    json_integer(&writer, "time", fields->time);
    if (fields->expires > 0)
        json_integer(&writer, "expires", fields->expires);
    json_string(&writer, "body", body);
    if (fields->signature != NULL)
        json_base64(&writer, "signature", fields->signature, fields->signature_size);
    error = json_end(&writer);
    return error == PROTO_OK ? fill(out, from) : error;
}

int message_write_receipt(struct buffer *out, const struct span *ids, size_t count, enum receipt_status status,
                          uint32_t exit) {
    struct json_writer writer;
    size_t from = out->size;
    int error;

    begin(&writer, out, SPAN("receipt"));
    json_open(&writer, "ids", '[');
    for (size_t i = 0; i < count; i++)
        json_element(&writer, ids[i]);
    json_close(&writer, ']');
    json_string(&writer, "status", span_of(message_receipt_words[status]));
    if (exit > 0)
        json_integer(&writer, "exit", exit);
    error = json_end(&writer);
    return error == PROTO_OK ? fill(out, from) : error;
}

int message_write_peer_ping(struct buffer *out, enum message_type type, struct span id) {
    size_t from = out->size;
    int error = message_write_ping(out, type == MESSAGE_PEER_PING ? MESSAGE_PING : MESSAGE_PONG, id);

    return error == PROTO_OK ? fill(out, from) : error;
}

int message_write_presence(struct buffer *out, struct span id, enum presence_state state, struct span text) {
    struct json_writer writer;
    size_t from = out->size;
    int error;

    if (text.size > MESSAGE_PRESENCE_MAX)
        return PROTO_E_TOO_LARGE;
    if (!is_text(text))
        return PROTO_E_TEXT;
    begin(&writer, out, SPAN("presence"));
    json_string(&writer, "id", id);
    json_string(&writer, "state", span_of(message_presence_words[state]));
    put_optional(&writer, "text", text);
    error = json_end(&writer);
    return error == PROTO_OK ? fill(out, from) : error;
}

static void put_file(struct json_writer *writer, const struct file_fields *fields) {
    switch (fields->type) {
    case MESSAGE_FILE_OFFER:
        json_string(writer, "name", fields->name);
        json_integer(writer, "size", fields->size);
        json_base64(writer, "sha256", fields->sha256, CSC_SHA256_SIZE);
        break;
    case MESSAGE_FILE_DATA:
        json_integer(writer, "offset", fields->offset);
        json_base64(writer, "data", fields->data.data, fields->data.size);
        break;
    default:
        json_string(writer, "status", span_of(message_file_words[fields->status]));
        if (fields->type == MESSAGE_FILE_ANSWER && fields->status == FILE_ACCEPTED)
            json_integer(writer, "offset", fields->offset);
        put_optional(writer, "reason", fields->reason);
    }
}

int message_write_file(struct buffer *out, const struct file_fields *fields) {
    struct json_writer writer;
    size_t from = out->size;
    int error;

    if (fields->name.size > MESSAGE_FILE_NAME_MAX || fields->data.size > MESSAGE_FILE_DATA_MAX)
        return PROTO_E_TOO_LARGE;
    if (!is_text(fields->name))
        return PROTO_E_TEXT;
    begin(&writer, out, span_of(message_type_name(fields->type)));
    json_string(&writer, "id", fields->id);
    json_string(&writer, "file", fields->file);
    put_file(&writer, fields);
    error = json_end(&writer);
    return error == PROTO_OK ? fill(out, from) : error;
}
