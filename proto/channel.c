#include <config.h>

#include "proto/channel.h"
#include "proto/error.h"
#include "proto/json_scan.h"
#include "proto/message.h"

#include <stdlib.h>

/* The line around its two values. */
#define LINE_HEAD   "{\"type\":\"secure\",\"payload\":\""
#define LINE_MIDDLE "\",\"hmac\":\""
#define LINE_TAIL   "\"}\n"

/* What the MAC covers before the ciphertext: seq || IV. */
#define SEQ_SIZE    8
#define HEADER_SIZE (SEQ_SIZE + CSC_CBC_IV)

struct channel_sender {
    csc_symkey *key;
    uint64_t seq;
};

struct channel_receiver {
    csc_symkey *key;
    uint64_t seq;
};

static int new_key(csc_symkey **key, enum csc_symkey_use use, enum suite suite, const uint8_t *encryption_key,
                   const uint8_t *mac_key) {
    return csc_symkey_new_for(key, use, suite_cipher(suite), encryption_key, mac_key) == CSC_OK ? PROTO_OK
                                                                                                : PROTO_E_MEMORY;
}

int channel_sender_new(struct channel_sender **sender, enum suite suite, const uint8_t key[static CSC_SYMKEY_SIZE],
                       const uint8_t mac_key[static CSC_SYMKEY_SIZE]) {
    struct channel_sender *made = calloc(1, sizeof(*made));
    int error = made ? new_key(&made->key, CSC_SYMKEY_ENCRYPT, suite, key, mac_key) : PROTO_E_MEMORY;

    if (error != PROTO_OK) {
        channel_sender_free(made);
        return error;
    }
    *sender = made;
    return PROTO_OK;
}

int channel_receiver_new(struct channel_receiver **receiver, enum suite suite,
                         const uint8_t key[static CSC_SYMKEY_SIZE], const uint8_t mac_key[static CSC_SYMKEY_SIZE]) {
    struct channel_receiver *made = calloc(1, sizeof(*made));
    int error = made ? new_key(&made->key, CSC_SYMKEY_DECRYPT, suite, key, mac_key) : PROTO_E_MEMORY;

    if (error != PROTO_OK) {
        channel_receiver_free(made);
        return error;
    }
    *receiver = made;
    return PROTO_OK;
}

void channel_sender_free(struct channel_sender *sender) {
    if (sender == NULL)
        return;
    csc_symkey_free(sender->key);
    free(sender);
}

void channel_receiver_free(struct channel_receiver *receiver) {
    if (receiver == NULL)
        return;
    csc_symkey_free(receiver->key);
    free(receiver);
}

static void put_header(uint8_t header[static HEADER_SIZE], uint64_t seq, const uint8_t *iv) {
    for (size_t i = 0; i < SEQ_SIZE; i++)
        header[i] = (uint8_t)(seq >> 8 * (SEQ_SIZE - 1 - i));
    memcpy(header + SEQ_SIZE, iv, CSC_CBC_IV);
}

size_t channel_line_size(size_t size) {
    return sizeof(LINE_HEAD) - 1 + CSC_BASE64_LENGTH(CSC_CBC_IV + CSC_CBC_LENGTH(size)) + sizeof(LINE_MIDDLE) - 1 +
           CSC_BASE64_LENGTH(CSC_SHA256_SIZE) + sizeof(LINE_TAIL) - 1;
}

static char *put(char *at, struct span text) {
    memcpy(at, text.data, text.size);
    return at + text.size;
}

static char *put_base64(char *at, const uint8_t *data, size_t size) {
    csc_base64_encode(at, data, size);
    return at + CSC_BASE64_LENGTH(size);
}

int channel_seal_iv(struct channel_sender *sender, struct span payload, const uint8_t iv[static CSC_CBC_IV],
                    struct buffer *out) {
    const size_t line_size = channel_line_size(payload.size), sealed_size = CSC_CBC_IV + CSC_CBC_LENGTH(payload.size);
    uint8_t header[HEADER_SIZE], tag[CSC_SHA256_SIZE], *room, *sealed;
    char *at;
    int error;

    if (payload.size > MESSAGE_PAYLOAD_MAX)
        return PROTO_E_TOO_LARGE;
    if (sender->seq == CHANNEL_MESSAGES_MAX)
        return PROTO_E_EXHAUSTED;
    if ((error = buffer_reserve(out, line_size, &room)) != PROTO_OK)
        return error;
    /* The ciphertext is made at the end of the place that will hold it in base64, and encoded from there. */
    sealed = room + sizeof(LINE_HEAD) - 1 + CSC_BASE64_LENGTH(sealed_size) - sealed_size;
    memcpy(sealed, iv, CSC_CBC_IV);
    put_header(header, sender->seq, iv);
    csc_symkey_encrypt(sender->key, iv, header, sizeof(header), payload.data, payload.size, sealed + CSC_CBC_IV, tag);

    at = put((char *)room, SPAN(LINE_HEAD));
    at = put_base64(at, sealed, sealed_size);
    at = put(at, SPAN(LINE_MIDDLE));
    at = put_base64(at, tag, sizeof(tag));
    put(at, SPAN(LINE_TAIL));
    buffer_commit(out, line_size);
    sender->seq++;
    return PROTO_OK;
}

int channel_seal(struct channel_sender *sender, struct span payload, struct buffer *out) {
    uint8_t iv[CSC_CBC_IV];

    if (csc_random_nonce(iv, sizeof(iv)) != CSC_OK)
        return PROTO_E_CRYPTO;
    return channel_seal_iv(sender, payload, iv, out);
}

/* Decodes a member of LINE in place.  False if it is not base64. */
static bool decode_member(char *line, const struct json_member *member, uint8_t **data, size_t *size) {
    char *text = line + (member->value.data - line);
    size_t length = member->value.size;

    if (member->escaped)
        length = json_unescape(text, length);
    *data = (uint8_t *)text;
    return csc_base64_decode(text, size, text, length) == CSC_OK;
}

int channel_open(struct channel_receiver *receiver, char *line, size_t size, char **payload, size_t *payload_size) {
    struct json_member members[] = {{.name = SPAN("type")}, {.name = SPAN("payload")}, {.name = SPAN("hmac")}};
    uint8_t header[HEADER_SIZE], *sealed, *tag, *plain;
    size_t sealed_size, tag_size, plain_size;

    if (json_scan(line, size, members, 3) != PROTO_OK)
        return PROTO_E_JSON;
    if (members[0].kind != JSON_STRING)
        return PROTO_E_MEMBER;
    if (!span_equal(members[0].value, SPAN("secure")))
        return PROTO_E_STATE;
    if (members[1].kind != JSON_STRING || members[2].kind != JSON_STRING)
        return PROTO_E_MEMBER;

    if (!decode_member(line, &members[1], &sealed, &sealed_size) ||
        !decode_member(line, &members[2], &tag, &tag_size) || sealed_size < CSC_CBC_IV + CSC_CBC_BLOCK ||
        tag_size != CSC_SHA256_SIZE || receiver->seq == CHANNEL_MESSAGES_MAX)
        return PROTO_E_INTEGRITY;
    put_header(header, receiver->seq, sealed);
    plain = sealed + CSC_CBC_IV;
    if (csc_symkey_decrypt(receiver->key, sealed, header, sizeof(header), plain, sealed_size - CSC_CBC_IV, tag, plain,
                           &plain_size) != CSC_OK)
        return PROTO_E_INTEGRITY;
    receiver->seq++;
    *payload = (char *)plain;
    *payload_size = plain_size;
    return PROTO_OK;
}
