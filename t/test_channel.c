/* proto/channel.c: secure messages, and everything that must not pass for one. */
#include <config.h>

#include "proto/channel.h"
#include "proto/error.h"
#include "proto/line.h"
#include "proto/message.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

static const uint8_t keys[4][CSC_SYMKEY_SIZE] = {"encryption, this way, 32 bytes..", "MAC, this way, another 32 bytes.",
                                                 "encryption, the other way, 32 by",
                                                 "MAC, the other way, 32 bytes too"};

/* One direction; BACK for the other. */
struct direction {
    struct channel_sender *sender;
    struct channel_receiver *receiver;
};

static void direction_make(struct direction *direction, enum suite suite, bool back) {
    const size_t first = back ? 2 : 0;

    require(channel_sender_new(&direction->sender, suite, keys[first], keys[first + 1]) == PROTO_OK &&
                channel_receiver_new(&direction->receiver, suite, keys[first], keys[first + 1]) == PROTO_OK,
            "both halves of a channel");
}

static void direction_free(struct direction *direction) {
    channel_sender_free(direction->sender);
    channel_receiver_free(direction->receiver);
}

/* A copy of the line of PAYLOAD, with a NUL for its end; the caller frees it. */
static char *seal(struct channel_sender *sender, struct span payload, size_t *size) {
    struct buffer out = BUFFER_INIT(1 << 20);
    char *line;

    require(channel_seal(sender, payload, &out) == PROTO_OK, "a payload is sealed");
    *size = out.size - 1;
    line = copy_exact(buffer_data(&out), out.size);
    line[*size] = '\0';
    buffer_free(&out);
    return line;
}

/* Opens a copy of LINE; tells the result, and in *SAME whether the payload is PAYLOAD. */
static int open_line(struct channel_receiver *receiver, const char *line, size_t size, struct span payload,
                     bool *same) {
    char *copy = copy_exact(line, size), *opened = NULL;
    size_t opened_size = 0;
    int error = channel_open(receiver, copy, size, &opened, &opened_size);

    *same = error == PROTO_OK && span_equal((struct span){opened, opened_size}, payload);
    free(copy);
    return error;
}

static int open_error(struct channel_receiver *receiver, const char *line, size_t size) {
    bool same;

    return open_line(receiver, line, size, (struct span){NULL, 0}, &same);
}

static void test_sizes(enum suite suite) {
    static char payload[MESSAGE_PAYLOAD_MAX + 1];
    struct direction direction;
    struct buffer out = BUFFER_INIT(1 << 20);
    unsigned wrong = 0;

    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (char)(i * 7);
    direction_make(&direction, suite, false);
    for (size_t size = 0; size <= MESSAGE_PAYLOAD_MAX;
         size = size < 300 || size > MESSAGE_PAYLOAD_MAX - 20 ? size + 1 : size + 4800) {
        bool same;

        wrong += channel_seal(direction.sender, (struct span){payload, size}, &out) != PROTO_OK;
        wrong += out.size != channel_line_size(size) || out.size > LINE_MAX_SESSION;
        wrong += memchr(buffer_data(&out), '\n', out.size) != buffer_data(&out) + out.size - 1;
        wrong += open_line(direction.receiver, (char *)buffer_data(&out), out.size - 1, (struct span){payload, size},
                           &same) != PROTO_OK ||
                 !same;
        buffer_truncate(&out, 0);
    }
    IS_INT(wrong, 0, "%s: payloads of all sizes pass, in lines as long as foreseen", suite_short_name(suite));
    OK(channel_line_size(MESSAGE_PAYLOAD_MAX) <= LINE_MAX_SESSION, "the longest fits a line");
    OK(channel_line_size(MESSAGE_PAYLOAD_MAX + 1) > LINE_MAX_SESSION, "and no longer one would");
    IS_INT(channel_seal(direction.sender, (struct span){payload, sizeof(payload)}, &out), PROTO_E_TOO_LARGE,
           "a longer one is refused");
    IS_INT(out.size, 0, "and leaves nothing");
    buffer_free(&out);
    direction_free(&direction);
}

static void test_full(void) {
    const struct span payload = SPAN("payload");
    struct buffer out = BUFFER_INIT(100);
    struct direction direction;
    char *line;
    size_t size;
    bool same;

    direction_make(&direction, SUITE_AES_256, false);
    require(buffer_append(&out, "before", 6) == PROTO_OK, "a text before");
    IS_INT(channel_seal(direction.sender, payload, &out), PROTO_E_FULL, "where there is no room nothing is sealed");
    IS_INT(out.size, 6, "nor written");
    line = seal(direction.sender, payload, &size);
    IS_INT(open_line(direction.receiver, line, size, payload, &same), PROTO_OK, "nor counted");
    OK(same, "the next message is the first");
    free(line);
    buffer_free(&out);
    direction_free(&direction);
}

/* ---- what must not pass ------------------------------------------------------------------------------ */

static void test_changes(enum suite suite) {
    const struct span payload = SPAN("{\"type\":\"ping\"}");
    struct direction direction;
    unsigned accepted = 0, verdicts = 0;
    size_t size;
    char *line;
    bool same;

    direction_make(&direction, suite, false);
    line = seal(direction.sender, payload, &size);
    for (size_t i = 0; i < size; i++)
        for (unsigned change = 1; change < 256; change++) {
            int error;

            line[i] ^= (char)change;
            error = open_error(direction.receiver, line, size);
            accepted += error == PROTO_OK;
            verdicts += error != PROTO_E_INTEGRITY && error != PROTO_E_JSON && error != PROTO_E_MEMBER &&
                        error != PROTO_E_STATE;
            line[i] ^= (char)change;
        }
    IS_INT(accepted, 0, "%s: no byte of a line can be another", suite_short_name(suite));
    IS_INT(verdicts, 0, "and the errors are the four there are");
    for (size_t cut = 0; cut < size; cut++)
        accepted += open_error(direction.receiver, line, cut) == PROTO_OK;
    IS_INT(accepted, 0, "nor can a line be cut");
    IS_INT(open_line(direction.receiver, line, size, payload, &same), PROTO_OK, "the line itself passes afterwards");
    OK(same, "with its payload");
    free(line);
    direction_free(&direction);
}

/* The same payload is not the same line twice. */
static void test_fresh(void) {
    struct direction direction;
    char *lines[2];
    size_t sizes[2];

    direction_make(&direction, SUITE_AES_256, false);
    for (int i = 0; i < 2; i++)
        lines[i] = seal(direction.sender, SPAN("same payload"), &sizes[i]);
    OK(sizes[0] == sizes[1] && memcmp(lines[0] + 28, lines[1] + 28, 24) != 0, "each message has an IV of its own");
    for (int i = 0; i < 2; i++)
        free(lines[i]);
    direction_free(&direction);
}

static void test_order(void) {
    struct direction there, back;
    size_t sizes[3], back_size;
    char *lines[3], *back_line;

    direction_make(&there, SUITE_AES_256, false);
    direction_make(&back, SUITE_AES_256, true);
    for (int i = 0; i < 3; i++)
        lines[i] = seal(there.sender, SPAN("same payload"), &sizes[i]);
    back_line = seal(back.sender, SPAN("same payload"), &back_size);
    IS_INT(open_error(there.receiver, lines[1], sizes[1]), PROTO_E_INTEGRITY, "the second message is not the first");
    IS_INT(open_error(there.receiver, back_line, back_size), PROTO_E_INTEGRITY, "nor is one of the other direction");
    IS_INT(open_error(back.receiver, lines[0], sizes[0]), PROTO_E_INTEGRITY, "nor one that is sent back");
    IS_INT(open_error(there.receiver, lines[0], sizes[0]), PROTO_OK, "the first is");
    IS_INT(open_error(there.receiver, lines[0], sizes[0]), PROTO_E_INTEGRITY, "but not again");
    IS_INT(open_error(there.receiver, lines[2], sizes[2]), PROTO_E_INTEGRITY, "one that is left out is missed");
    IS_INT(open_error(there.receiver, lines[1], sizes[1]), PROTO_OK, "the second follows");
    IS_INT(open_error(there.receiver, lines[2], sizes[2]), PROTO_OK, "then the third");
    for (int i = 0; i < 3; i++)
        free(lines[i]);
    free(back_line);
    direction_free(&there);
    direction_free(&back);
}

/* The values of a line's payload and hmac. */
static void values_of(const char *line, struct span *payload, struct span *hmac) {
    const char *at = strstr(line, "\"payload\":\"");

    require(at != NULL, "a line has a payload");
    payload->data = at + 11;
    payload->size = strcspn(payload->data, "\"");
    hmac->data = payload->data + payload->size + 10;
    hmac->size = strcspn(hmac->data, "\"");
}

/* Copies FORMAT to OUT with the values of LINE in place of $P and $H. */
static size_t fill_in(char *out, const char *format, const char *line) {
    struct span payload, hmac, value;
    size_t size = 0;

    values_of(line, &payload, &hmac);
    for (; *format != '\0'; format++) {
        value = (struct span){format, 1};
        if (format[0] == '$')
            value = *++format == 'P' ? payload : hmac;
        memcpy(out + size, value.data, value.size);
        size += value.size;
    }
    return size;
}

/* Lines as others write them, legal and not, made of a sealed message's values. */
static void test_forms(void) {
    static const struct {
        const char *name, *format;
        int want;
    } cases[] = {
        {"members in another order", "{\"hmac\":\"$H\",\"payload\":\"$P\",\"type\":\"secure\"}", PROTO_OK},
        {"white space", " { \"hmac\" : \"$H\" , \"payload\" : \"$P\" , \"type\" : \"secure\" } ", PROTO_OK},
        {"another member", "{\"type\":\"secure\",\"hmac\":\"$H\",\"payload\":\"$P\",\"seq\":[0]}", PROTO_OK},
        {"a payload with a space", "{\"type\":\"secure\",\"hmac\":\"$H\",\"payload\":\" $P\"}", PROTO_E_INTEGRITY},
        {"a payload with more base64", "{\"type\":\"secure\",\"hmac\":\"$H\",\"payload\":\"AAAA$P\"}",
         PROTO_E_INTEGRITY},
        {"a payload twice", "{\"type\":\"secure\",\"hmac\":\"$H\",\"payload\":\"$P\",\"payload\":\"\"}", PROTO_E_JSON},
        {"another type", "{\"type\":\"Secure\",\"hmac\":\"$H\",\"payload\":\"$P\"}", PROTO_E_STATE},
        {"an array", "[\"$H\",\"$P\"]", PROTO_E_JSON},
        {"no payload", "{\"type\":\"secure\",\"hmac\":\"AAAA\"}", PROTO_E_MEMBER},
        {"no hmac", "{\"type\":\"secure\",\"payload\":\"AAAA\"}", PROTO_E_MEMBER},
        {"no type", "{\"payload\":\"AAAA\",\"hmac\":\"AAAA\"}", PROTO_E_MEMBER},
        {"a type that is no string", "{\"type\":1,\"payload\":\"AAAA\",\"hmac\":\"AAAA\"}", PROTO_E_MEMBER},
        {"a payload that is no string", "{\"type\":\"secure\",\"payload\":null,\"hmac\":\"AAAA\"}", PROTO_E_MEMBER},
        {"an hmac that is no string", "{\"type\":\"secure\",\"payload\":\"AAAA\",\"hmac\":[]}", PROTO_E_MEMBER},
        {"nothing in both", "{\"type\":\"secure\",\"payload\":\"\",\"hmac\":\"\"}", PROTO_E_INTEGRITY},
        {"no payload but a whole hmac", "{\"type\":\"secure\",\"payload\":\"\",\"hmac\":\"$H\"}", PROTO_E_INTEGRITY},
        {"too little in both", "{\"type\":\"secure\",\"payload\":\"AAAA\",\"hmac\":\"AAAA\"}", PROTO_E_INTEGRITY},
        {"what is no base64", "{\"type\":\"secure\",\"payload\":\"!\",\"hmac\":\"?\"}", PROTO_E_INTEGRITY},
        {"a plain error", "{\"type\":\"error\",\"code\":\"busy\",\"text\":\"no\"}", PROTO_E_STATE},
        {"a plain message", "{\"type\":\"ping\"}", PROTO_E_STATE},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct direction direction;
        char text[1000], *line;
        size_t size;

        direction_make(&direction, SUITE_AES_128, false);
        line = seal(direction.sender, SPAN("payload"), &size);
        size = fill_in(text, cases[i].format, line);
        IS_INT(open_error(direction.receiver, text, size), cases[i].want, "%s", cases[i].name);
        free(line);
        direction_free(&direction);
    }
}

/* A slash may be written as an escape, as some writers of JSON do. */
static void test_escaped(void) {
    struct direction direction;
    unsigned escapes = 0, wrong = 0;

    direction_make(&direction, SUITE_AES_256, false);
    for (int i = 0; i < 20; i++) {
        char text[2000], *line;
        size_t size, length = 0;
        bool same;

        line = seal(direction.sender, SPAN("a payload of some length, so that there are slashes"), &size);
        for (size_t j = 0; j < size; j++) {
            if (line[j] == '/') {
                text[length++] = '\\';
                escapes++;
            }
            text[length++] = line[j];
        }
        wrong += open_line(direction.receiver, text, length,
                           SPAN("a payload of some length, so that there are slashes"), &same) != PROTO_OK ||
                 !same;
        free(line);
    }
    IS_INT(wrong, 0, "a line with %u slashes escaped passes", escapes);
    direction_free(&direction);
}

/* The plain error that ends a session is read again after the channel has refused it. */
static void test_untouched(void) {
    static const char text[] =
        "{\"type\":\"error\",\"code\":\"busy\",\"text\":\"\\u0041\",\"payload\":\"QUJD\",\"hmac\":\"QUJD\"}";
    char line[sizeof(text)], *payload = NULL;
    struct direction direction;
    size_t size = 0;

    direction_make(&direction, SUITE_AES_256, false);
    memcpy(line, text, sizeof(text));
    IS_INT(channel_open(direction.receiver, line, sizeof(text) - 1, &payload, &size), PROTO_E_STATE,
           "a line of another type");
    IS_MEM(line, text, sizeof(text), "is left as it was");
    OK(payload == NULL && size == 0, "and gives no payload");
    direction_free(&direction);
}

/* A message with a valid MAC under a key of this test, to see what is checked behind the MAC. */
static void test_made_by_hand(void) {
    static const uint8_t iv[CSC_CBC_IV] = {1};
    const struct csc_part none[] = {{"\0\0\0\0\0\0\0\0", 8}, {iv, sizeof(iv)}};
    uint8_t tag[CSC_SHA256_SIZE];
    char payload[CSC_BASE64_LENGTH(sizeof(iv)) + 1] = "", hmac[CSC_BASE64_LENGTH(sizeof(tag)) + 1] = "", text[300];
    struct direction direction;

    direction_make(&direction, SUITE_AES_256, false);
    csc_hmac_sha256(tag, keys[1], CSC_SYMKEY_SIZE, none, 2);
    csc_base64_encode(payload, iv, sizeof(iv));
    csc_base64_encode(hmac, tag, sizeof(tag));
    snprintf(text, sizeof(text), "{\"type\":\"secure\",\"payload\":\"%s\",\"hmac\":\"%s\"}", payload, hmac);
    IS_INT(open_error(direction.receiver, text, strlen(text)), PROTO_E_INTEGRITY, "an IV alone, with a MAC that holds");
    direction_free(&direction);
}

int main(void) {
    test_sizes(SUITE_AES_256);
    test_sizes(SUITE_AES_128);
    test_full();
    test_changes(SUITE_AES_256);
    test_changes(SUITE_AES_128);
    test_fresh();
    test_order();
    test_forms();
    test_escaped();
    test_untouched();
    test_made_by_hand();
    channel_sender_free(NULL);
    channel_receiver_free(NULL);
    return tap_done();
}
