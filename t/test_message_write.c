/* proto/message_write.c: what is written is read back, at every limit. */
#include <config.h>

#include "proto/channel.h"
#include "proto/error.h"
#include "proto/line.h"
#include "t/message_samples.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdio.h>

static char body[MESSAGE_BODY_MAX + 1];
static const struct span longest_id = {SAMPLE_ID, MESSAGE_ID_MAX};
static const struct span longest_name = {SAMPLE_NAME, NAME_LENGTH_MAX};

static int write_text(struct buffer *out, size_t size) {
    return message_write_text(
        out, &(struct text_fields){.id = longest_id, .time = (UINT64_C(1) << 53) - 1, .body = {body, size}});
}

static int write_short(struct buffer *out, struct span text) {
    return message_write_text(out, &(struct text_fields){.id = longest_id, .body = text});
}

/* However little room there is, nothing is written or all. */
static void test_full(void) {
    unsigned wrong = 0, written = 0;

    for (size_t type = 0; type < SAMPLE_TYPES; type++) {
        struct buffer whole = BUFFER_INIT(1 << 16);

        sample_write(&whole, (enum message_type)type);
        OK(memchr(buffer_data(&whole), '\n', whole.size) == NULL, "%s has no line break",
           message_type_name((enum message_type)type));
        buffer_free(&whole);
    }
    for (size_t limit = 6; limit < 400; limit++) {
        const struct span ids[] = {longest_id, SPAN("b")};
        struct buffer out = BUFFER_INIT(limit);
        int error;

        require(buffer_append(&out, "before", 6) == PROTO_OK, "a text before");
        error = message_write_receipt(&out, ids, 2, RECEIPT_DELIVERED, 0);
        wrong += error == PROTO_OK ? out.size <= 6 : error != PROTO_E_FULL || out.size != 6;
        written += error == PROTO_OK;
        buffer_truncate(&out, 6);
        error = write_short(&out, SPAN("x"));
        wrong += error == PROTO_OK ? out.size <= 6 : error != PROTO_E_FULL || out.size != 6;
        written += error == PROTO_OK;
        buffer_free(&out);
    }
    IS_INT(wrong, 0, "lack of room leaves a buffer as it was");
    OK(written > 0, "until there is enough");
}

static void test_body(void) {
    struct buffer out = BUFFER_INIT(1 << 20);
    struct message message;

    memset(body, 'x', sizeof(body));
    IS_INT(write_text(&out, MESSAGE_BODY_MAX + 1), PROTO_E_TOO_LARGE, "32,769 bytes are too many");
    IS_INT(out.size, 0, "and leave nothing");
    IS_INT(write_text(&out, MESSAGE_BODY_MAX), PROTO_OK, "32,768 bytes are written");
    OK(out.size <= MESSAGE_INNER_MAX, "and fit");
    IS_INT(message_parse(&message, PLACE_INNER, (char *)buffer_data(&out), out.size), PROTO_OK, "and are read");
    OK(span_equal(message.body, (struct span){body, MESSAGE_BODY_MAX}), "as they were");
    message_free(&message);
    buffer_truncate(&out, 0);
    IS_INT(write_short(&out, (struct span){NULL, 0}), PROTO_OK, "an empty body is one");
    buffer_truncate(&out, 0);
    IS_INT(write_short(&out, SPAN("a\0b")), PROTO_E_TEXT, "a NUL is no text");
    IS_INT(write_short(&out, SPAN("a\xff")), PROTO_E_TEXT, "nor is what is not UTF-8");
    IS_INT(write_short(&out, SPAN("\xed\xa0\x80")), PROTO_E_TEXT, "nor a surrogate");
    IS_INT(out.size, 0, "and nothing is written");
    buffer_free(&out);
}

/* Bodies of LENGTH bytes, of which one in EVERY takes an escape of two. */
static void test_escapes_count(size_t every) {
    struct buffer out = BUFFER_INIT(MESSAGE_INNER_MAX);
    size_t fits = 0;
    int error;

    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = i % every == 0 ? '"' : 'x';
    /* The largest that fits. */
    for (size_t step = 16384; step > 0; step /= 2) {
        error = write_text(&out, fits + step);
        buffer_truncate(&out, 0);
        fits += error == PROTO_OK ? step : 0;
    }
    IS_INT(write_text(&out, fits), PROTO_OK, "%zu bytes, one in %zu escaped, are written", fits, every);
    IS_INT(out.size, MESSAGE_INNER_MAX, "and are as long as may be");
    buffer_truncate(&out, 0);
    IS_INT(write_text(&out, fits + 1), PROTO_E_FULL, "one byte more has no room");
    IS_INT(out.size, 0, "and leaves nothing");
    out.limit = 1 << 20;
    IS_INT(write_text(&out, fits + 1), PROTO_E_TOO_LARGE, "nor is it legal where there is room");
    IS_INT(out.size, 0, "and leaves nothing there either");
    buffer_free(&out);
}

static void test_filling(void) {
    unsigned wrong = 0;

    memset(body, 'x', sizeof(body));
    for (size_t size = 0; size < 3 * MESSAGE_INNER_MULTIPLE; size++) {
        struct buffer out = BUFFER_INIT(1 << 16);
        struct message message;
        const uint8_t *inner;
        size_t end;

        require(buffer_append(&out, "odd", 3) == PROTO_OK, "a text before");
        require(message_write_text(&out, &(struct text_fields){.id = SPAN("id"), .time = 1, .body = {body, size}}) ==
                    PROTO_OK,
                "a text");
        inner = buffer_data(&out) + 3;
        end = out.size - 3;
        wrong += end % MESSAGE_INNER_MULTIPLE != 0;
        wrong +=
            message_parse(&message, PLACE_INNER, (const char *)inner, end) != PROTO_OK || message.body.size != size;
        message_free(&message);
        while (inner[end - 1] == ' ')
            end--;
        wrong += inner[end - 1] != '}' || out.size - 3 - end >= MESSAGE_INNER_MULTIPLE;
        buffer_free(&out);
    }
    IS_INT(wrong, 0, "an inner message is filled with spaces to the next multiple of 128");
}

static void test_longest_com(void) {
    static const uint8_t bytes[CSC_CBC_LENGTH(MESSAGE_INNER_MAX)];
    const struct com_fields fields = {.src = longest_name,
                                      .dst = longest_name,
                                      .id = longest_id,
                                      .session = bytes,
                                      .dh = bytes,
                                      .pn = UINT32_MAX,
                                      .n = UINT32_MAX,
                                      .payload = {(const char *)bytes, sizeof(bytes)},
                                      .hmac = bytes};
    struct buffer out = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct message message;

    IS_INT(message_write_com(&out, &fields), PROTO_OK, "the longest client-com fits a payload");
    OK(channel_line_size(out.size) <= LINE_MAX_SESSION, "and its secure message a line");
    IS_INT(message_parse(&message, PLACE_TO_SERVER, (char *)buffer_data(&out), out.size), PROTO_OK, "it is read");
    IS_INT(message.payload.size, sizeof(bytes), "whole");
    OK(message.pn == UINT32_MAX && message.n == UINT32_MAX, "with its numbers");
    message_free(&message);
    buffer_free(&out);
}

static void test_longest_list(void) {
    static struct list_entry entries[MESSAGE_LIST_MAX];
    struct buffer out = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct message message;

    for (size_t i = 0; i < MESSAGE_LIST_MAX; i++)
        entries[i] = (struct list_entry){longest_name, (UINT64_C(1) << 53) - 1, SPAN(SAMPLE_FINGERPRINT),
                                         (UINT64_C(1) << 53) - 1};
    IS_INT(message_write_list(&out, entries, MESSAGE_LIST_MAX, false), PROTO_OK, "the longest list fits a payload");
    IS_INT(message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&out), out.size), PROTO_OK, "it is read");
    IS_INT(message_count(&message), MESSAGE_LIST_MAX, "whole");
    OK(message_list_entry(&message, MESSAGE_LIST_MAX - 1).since == (UINT64_C(1) << 53) - 1, "to its last user");
    message_free(&message);
    buffer_truncate(&out, 0);
    IS_INT(message_write_list(&out, NULL, 0, false), PROTO_OK, "a list of nobody");
    IS_INT(message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&out), out.size), PROTO_OK, "is read too");
    message_free(&message);
    buffer_free(&out);
}

static void test_receipts(void) {
    static const char *const words[] = {"delivered", "read", "expired", "failed", "declined", "unsupported"};
    static struct span ids[MESSAGE_RECEIPT_MAX];
    struct buffer out = BUFFER_INIT(MESSAGE_INNER_MAX);
    struct message message;

    for (size_t i = 0; i < MESSAGE_RECEIPT_MAX; i++)
        ids[i] = longest_id;
    for (int status = RECEIPT_DELIVERED; status < RECEIPT_UNKNOWN; status++) {
        IS_INT(message_write_receipt(&out, ids, MESSAGE_RECEIPT_MAX, (enum receipt_status)status, 0), PROTO_OK,
               "256 of the longest ids are %s", words[status]);
        IS_INT(out.size % MESSAGE_INNER_MULTIPLE, 0, "filled");
        IS_INT(message_parse(&message, PLACE_INNER, (char *)buffer_data(&out), out.size), PROTO_OK, "and read");
        IS_INT(message.status, status, "with that status");
        IS_INT(message_count(&message), MESSAGE_RECEIPT_MAX, "all of them");
        message_free(&message);
        buffer_truncate(&out, 0);
    }
    buffer_free(&out);
}

static void test_pings(void) {
    struct buffer out = BUFFER_INIT(MESSAGE_INNER_MAX);

    for (int type = MESSAGE_PEER_PING; type <= MESSAGE_PEER_PONG; type++) {
        IS_INT(message_write_peer_ping(&out, (enum message_type)type, longest_id), PROTO_OK, "%s",
               message_type_name((enum message_type)type));
        IS_INT(out.size, MESSAGE_INNER_MULTIPLE, "is filled");
        buffer_truncate(&out, 0);
    }
    buffer_free(&out);
}

static void test_presence(void) {
    static const char text[MESSAGE_PRESENCE_MAX + 1] = {0};
    struct buffer out = BUFFER_INIT(MESSAGE_INNER_MAX);
    char longest[MESSAGE_PRESENCE_MAX + 1];

    memset(longest, '"', sizeof(longest));
    IS_INT(message_write_presence(&out, longest_id, PRESENCE_AWAY, (struct span){longest, MESSAGE_PRESENCE_MAX}),
           PROTO_OK, "the longest presence");
    IS_INT(out.size % MESSAGE_INNER_MULTIPLE, 0, "is filled");
    buffer_truncate(&out, 0);
    IS_INT(message_write_presence(&out, longest_id, PRESENCE_AWAY, (struct span){longest, sizeof(longest)}),
           PROTO_E_TOO_LARGE, "a byte more");
    IS_INT(message_write_presence(&out, longest_id, PRESENCE_AWAY, (struct span){text, 1}), PROTO_E_TEXT, "a NUL");
    IS_INT(message_write_presence(&out, longest_id, PRESENCE_HERE, SPAN("\xff")), PROTO_E_TEXT, "no UTF-8");
    IS_INT(out.size, 0, "are not written");
    buffer_free(&out);
}

static void test_optional(void) {
    static const struct span none = {NULL, 0};
    struct buffer out = BUFFER_INIT(1000);

    require(message_write_error(&out, WIRE_DENIED, "no", none, none) == PROTO_OK &&
                message_write_list_request(&out, none) == PROTO_OK &&
                message_write_ping(&out, MESSAGE_PONG, none) == PROTO_OK && message_write_bye(&out, none) == PROTO_OK &&
                message_write_disconnect(&out, &(struct disconnect_fields){.src = SPAN("Adam"), .dst = SPAN("Eve")}) ==
                    PROTO_OK,
            "messages without what they may lack");
    OK(span_equal(buffer_span(&out),
                  SPAN("{\"type\":\"error\",\"code\":\"denied\",\"text\":\"no\"}{\"type\":\"list\"}{\"type\":\"pong\"}"
                       "{\"type\":\"bye\"}{\"type\":\"client-disconnect\",\"src\":\"Adam\",\"dst\":\"Eve\"}")),
       "what is optional and empty is left out");
    buffer_free(&out);
}

static void test_words(void) {
    static const struct span none = {NULL, 0};
    unsigned wrong = 0;

    for (int code = 0; code <= WIRE_UNKNOWN; code++) {
        struct buffer out = BUFFER_INIT(1000);
        struct message message;

        wrong += message_write_error(&out, (enum wire_error)code, NULL, none, none) != PROTO_OK;
        wrong += message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&out), out.size) != PROTO_OK;
        wrong += (int)message.code != code || message.text.size == 0;
        message_free(&message);
        buffer_free(&out);
    }
    IS_INT(wrong, 0, "every error has its word and its text");
    IS_INT(wire_error_from_word(SPAN("")), WIRE_UNKNOWN, "no word is no error that is known");
    for (int error = 0; error >= PROTO_E_TOO_LARGE; error--)
        wrong += strcmp(proto_strerror(error), "unknown error") == 0;
    IS_INT(wrong, 0, "every code has its text");
    IS_STR(proto_strerror(1), "unknown error", "and no other");
    IS_INT(proto_wire_error(PROTO_E_VERSION), WIRE_BAD_VERSION, "a code is told as its word");
    IS_INT(proto_wire_error(-1000), WIRE_UNKNOWN, "and no other");
}

int main(void) {
    test_full();
    test_body();
    test_escapes_count(8);
    test_escapes_count(4);
    test_escapes_count(1);
    test_filling();
    test_longest_com();
    test_longest_list();
    test_receipts();
    test_pings();
    test_presence();
    test_optional();
    test_words();
    return tap_done();
}
