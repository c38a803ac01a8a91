#include <config.h>

#include "t/message_samples.h"
#include "t/proto_fixture.h"

static uint8_t pattern[CSC_RSA_MAX_SIZE];

static const struct handshake_header connect = {.peer = false, .name = {SAMPLE_NAME, NAME_LENGTH_MAX}};
static const struct handshake_header between = {.peer = true, .src = {SAMPLE_NAME, NAME_LENGTH_MAX}, .dst = {"Eve", 3}};

static int write_handshake(struct buffer *out, const struct handshake_header *header, int phase) {
    const struct handshake_header follows = {.peer = header->peer,
                                             .name = header->name,
                                             .src = header->src,
                                             .dst = header->dst,
                                             .offer = SPAN(SAMPLE_NONCE)};
    const struct certificates chain = {.count = 2, .sizes = {5, 100}};
    const struct attest attest = {
        .algorithm = CSC_ECDSA_SHA384, .statement_size = 7, .signature_size = 64, .chain = chain};
    const struct handshake_offer offer = {
        .id = pattern,
        .ciphers = SUITE_LIST_ALL,
        .pem = SAMPLE_PEM,
        .dh = pattern,
        .chain = !header->peer && phase == 2 ? &chain : NULL,
        .attest = header->peer || phase == 1 ? &attest : NULL,
    };
    const struct handshake_proof proof = {pattern, sizeof(pattern), pattern, header->peer ? pattern : NULL};

    switch (phase) {
    case 1:
        return message_write_phase1(out, header, &offer);
    case 2:
        return message_write_phase2(out, &follows, &offer, pattern, sizeof(pattern));
    case 3:
        return message_write_phase3(out, &follows, SUITE_AES_128, &proof);
    default:
        return message_write_phase4(out, &follows, pattern, 77);
    }
}

/* What travels end to end, inside a client-com. */
static int write_inner(struct buffer *out, enum message_type type) {
    const struct span id = SPAN(SAMPLE_ID);

    switch (type) {
    case MESSAGE_TEXT:
        return message_write_text(out, &(struct text_fields){.id = id,
                                                             .time = 1480000000000,
                                                             .expires = 1480000060000,
                                                             .body = SPAN("Hello,\n\"w\xc3\xb6rld\""),
                                                             .signature = pattern,
                                                             .signature_size = sizeof(pattern)});
    case MESSAGE_PEER_PING:
    case MESSAGE_PEER_PONG:
        return message_write_peer_ping(out, type, id);
    case MESSAGE_PRESENCE:
        return message_write_presence(out, id, PRESENCE_AWAY, SPAN("l\xc3\xbcnch"));
    case MESSAGE_FILE_OFFER:
    case MESSAGE_FILE_ANSWER:
    case MESSAGE_FILE_DATA:
    case MESSAGE_FILE_END:
        return message_write_file(out, &(struct file_fields){.type = type,
                                                             .id = id,
                                                             .file = SPAN("file-1"),
                                                             .name = SPAN("r\xc3\xa9sum\xc3\xa9 (1).pdf"),
                                                             .size = 123456789,
                                                             .sha256 = pattern,
                                                             .status = FILE_ACCEPTED,
                                                             .offset = 24576,
                                                             .reason = SPAN("disk full"),
                                                             .data = {(char *)pattern, sizeof(pattern)}});
    default:
        return message_write_receipt(out, &id, 1, RECEIPT_FAILED, 3);
    }
}

static int write_payload(struct buffer *out, enum message_type type) {
    const struct list_entry entry = {between.src, 5, SPAN(SAMPLE_FINGERPRINT), 1480000000};
    const struct com_fields com = {.src = between.src,
                                   .dst = between.dst,
                                   .id = SPAN(SAMPLE_ID),
                                   .session = pattern,
                                   .dh = pattern,
                                   .pn = 3,
                                   .n = 4,
                                   .payload = {(char *)pattern, 128},
                                   .hmac = pattern};
    const struct span id = SPAN(SAMPLE_ID);

    switch (type) {
    case MESSAGE_COM:
        return message_write_com(out, &com);
    case MESSAGE_DISCONNECT:
        return message_write_disconnect(out, &(struct disconnect_fields){.src = between.src,
                                                                         .dst = between.dst,
                                                                         .reason = SPAN("bye"),
                                                                         .session = pattern,
                                                                         .id = id,
                                                                         .offer = SPAN(SAMPLE_NONCE)});
    case MESSAGE_LIST_REQUEST:
        return message_write_list_request(out, between.dst);
    case MESSAGE_LIST:
        return message_write_list(out, &entry, 1, true);
    case MESSAGE_ERROR:
        return message_write_error(out, WIRE_RATE, NULL, id, between.dst);
    case MESSAGE_PING:
    case MESSAGE_PONG:
        return message_write_ping(out, type, id);
    case MESSAGE_BYE:
        return message_write_bye(out, SPAN("replaced"));
    default:
        return write_inner(out, type);
    }
}

void sample_write(struct buffer *out, enum message_type type) {
    int error;

    memset(pattern, SAMPLE_BYTE, sizeof(pattern));
    if (type <= MESSAGE_CONNECT_4)
        error = write_handshake(out, &connect, (int)(type - MESSAGE_CONNECT_1) + 1);
    else if (type <= MESSAGE_PEER_4)
        error = write_handshake(out, &between, (int)(type - MESSAGE_PEER_1) + 1);
    else
        error = write_payload(out, type);
    require(error == 0, "a sample of a message");
}
