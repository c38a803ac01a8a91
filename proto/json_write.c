#include <config.h>

#include "crypto/cscrypto.h"
#include "proto/error.h"
#include "proto/json_write.h"
#include "proto/text.h"

static void put(struct json_writer *writer, struct span text) {
    if (writer->error == PROTO_OK)
        writer->error = buffer_append(writer->out, text.data, text.size);
}

/* A UTF-16 unit as \uXXXX. */
static void put_unit(struct json_writer *writer, uint32_t unit) {
    char escape[6] = "\\u";

    for (unsigned i = 0; i < 4; i++)
        escape[2 + i] = "0123456789abcdef"[unit >> 4 * (3 - i) & 15];
    put(writer, (struct span){escape, sizeof(escape)});
}

/* What RFC 8259 section 7 wants escaped. */
static bool is_escaped(uint32_t c) {
    return c < 0x20 || c == '"' || c == '\\';
}

static void put_escape(struct json_writer *writer, uint32_t c) {
    static const char letters[] = "btn?fr";
    char escape[2] = {'\\', (char)c};

    if (c >= '\b' && c <= '\r' && c != '\v')
        escape[1] = letters[c - '\b'];
    else if (c < 0x20) {
        put_unit(writer, c);
        return;
    }
    put(writer, (struct span){escape, sizeof(escape)});
}

/* A string with its quotes, where nothing is escaped that need not be. */
static void put_string(struct json_writer *writer, struct span text) {
    size_t plain = 0;

    put(writer, SPAN("\""));
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = (uint8_t)text.data[i];

        if (!is_escaped(c))
            continue;
        put(writer, (struct span){text.data + plain, i - plain});
        plain = i + 1;
        put_escape(writer, c);
    }
    if (plain < text.size)
        put(writer, (struct span){text.data + plain, text.size - plain});
    put(writer, SPAN("\""));
}

/* The inside of a string, with no character in it that does something to a screen. */
static void put_safe(struct json_writer *writer, struct span text) {
    size_t used = 1;

    for (; text.size > 0; text.data += used, text.size -= used) {
        uint32_t character = (uint8_t)text.data[0];

        used = text_decode(text, &character);
        used = used > 0 ? used : 1;
        if (is_escaped(character)) {
            put_escape(writer, character);
        } else if (text_is_safe(character)) {
            put(writer, (struct span){text.data, used});
        } else if (character < 0x10000) {
            put_unit(writer, character);
        } else {
            put_unit(writer, 0xd800 + ((character - 0x10000) >> 10));
            put_unit(writer, 0xdc00 + ((character - 0x10000) & 0x3ff));
        }
    }
}

/* What stands before every value: a comma if one is due, and the name of a member. */
static void put_name(struct json_writer *writer, const char *name) {
    if (writer->comma)
        put(writer, SPAN(","));
    writer->comma = true;
    if (name != NULL) {
        put_string(writer, span_of(name));
        put(writer, SPAN(":"));
    }
}

void json_begin(struct json_writer *writer, struct buffer *out) {
    *writer = (struct json_writer){.out = out, .begin = out->size};
    put(writer, SPAN("{"));
}

int json_end(struct json_writer *writer) {
    put(writer, SPAN("}"));
    if (writer->error != PROTO_OK)
        buffer_truncate(writer->out, writer->begin);
    return writer->error;
}

void json_string(struct json_writer *writer, const char *name, struct span value) {
    put_name(writer, name);
    put_string(writer, value);
}

void json_text(struct json_writer *writer, const char *name, struct span value) {
    put_name(writer, name);
    put(writer, SPAN("\""));
    put_safe(writer, value);
    put(writer, SPAN("\""));
}

void json_integer(struct json_writer *writer, const char *name, uint64_t value) {
    char digits[20];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    put_name(writer, name);
    put(writer, (struct span){digits + at, sizeof(digits) - at});
}

void json_boolean(struct json_writer *writer, const char *name, bool value) {
    put_name(writer, name);
    put(writer, value ? SPAN("true") : SPAN("false"));
}

void json_base64(struct json_writer *writer, const char *name, const void *data, size_t size) {
    uint8_t *room;

    put_name(writer, name);
    put(writer, SPAN("\""));
    if (writer->error == PROTO_OK)
        writer->error = buffer_reserve(writer->out, CSC_BASE64_LENGTH(size), &room);
    if (writer->error == PROTO_OK) {
        csc_base64_encode((char *)room, data, size);
        buffer_commit(writer->out, CSC_BASE64_LENGTH(size));
    }
    put(writer, SPAN("\""));
}

void json_open(struct json_writer *writer, const char *name, char bracket) {
    put_name(writer, name);
    put(writer, (struct span){&bracket, 1});
    writer->comma = false;
}

void json_close(struct json_writer *writer, char bracket) {
    put(writer, (struct span){&bracket, 1});
    writer->comma = true;
}

void json_element(struct json_writer *writer, struct span value) {
    put_name(writer, NULL);
    put_string(writer, value);
}
