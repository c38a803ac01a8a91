/*
 * proto/message.c and message_table.c: what is legal where, and what becomes of every member that is missing or wrong.
 * The members come from the table itself; what the table must say of places and errors stands here.
 */
#include <config.h>

#include "proto/line.h"
#include "proto/message_table.h"
#include "t/message_samples.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

static const enum message_place places[] = {PLACE_LINE_TO_SERVER, PLACE_LINE_TO_CLIENT, PLACE_TO_SERVER,
                                            PLACE_TO_CLIENT, PLACE_INNER};

/* ---- places --------------------------------------------------------------------------------------- */

enum outcome { LEGAL, STATE = PROTO_E_STATE, MEMBER = PROTO_E_MEMBER };

/* Every type in every place: lines to the server and to the client, payloads to the server and to the client, inner.
 * Inside a client-com no type is illegal: what is not known there (left out here, which is 0) is an unknown one. */
static const enum outcome matrix[SAMPLE_TYPES][COUNT(places)] = {
    [MESSAGE_CONNECT_1] = {LEGAL, STATE, STATE, STATE},
    [MESSAGE_CONNECT_2] = {STATE, LEGAL, STATE, STATE},
    [MESSAGE_CONNECT_3] = {LEGAL, STATE, STATE, STATE},
    [MESSAGE_CONNECT_4] = {STATE, STATE, STATE, LEGAL},
    [MESSAGE_PEER_1] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_PEER_2] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_PEER_3] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_PEER_4] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_COM] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_DISCONNECT] = {STATE, STATE, LEGAL, LEGAL},
    /* Both are "list": a client that gets the question finds no list in it, a server takes the answer for a question.
     */
    [MESSAGE_LIST_REQUEST] = {STATE, STATE, LEGAL, MEMBER},
    [MESSAGE_LIST] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_ERROR] = {LEGAL, LEGAL, STATE, LEGAL},
    [MESSAGE_PING] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_PONG] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_BYE] = {STATE, STATE, LEGAL, LEGAL},
    [MESSAGE_TEXT] = {STATE, STATE, STATE, STATE, LEGAL},
    [MESSAGE_RECEIPT] = {STATE, STATE, STATE, STATE, LEGAL},
    /* The words of a connection's own. */
    [MESSAGE_PEER_PING] = {STATE, STATE, LEGAL, LEGAL, LEGAL},
    [MESSAGE_PEER_PONG] = {STATE, STATE, LEGAL, LEGAL, LEGAL},
    [MESSAGE_PRESENCE] = {STATE, STATE, STATE, STATE, LEGAL},
    [MESSAGE_FILE_OFFER] = {STATE, STATE, STATE, STATE, LEGAL},
    [MESSAGE_FILE_ANSWER] = {STATE, STATE, STATE, STATE, LEGAL},
    [MESSAGE_FILE_DATA] = {STATE, STATE, STATE, STATE, LEGAL},
    [MESSAGE_FILE_END] = {STATE, STATE, STATE, STATE, LEGAL},
};

static int parse(struct message *message, enum message_place place, const char *text, size_t size) {
    char *copy = copy_exact(text, size);
    int error;

    memset(message, 0x77, sizeof(*message));
    error = message_parse(message, place, copy, size);
    memset(copy, '!', size); /* the text is not kept */
    free(copy);
    return error;
}

/* The result of parsing alone. */
static int verdict(enum message_place place, const char *text, size_t size) {
    struct message message;
    int error = parse(&message, place, text, size);

    message_free(&message); /* after an error too */
    return error;
}

/* The type that a sample of TYPE is read as in PLACE: some words are of two messages. */
static enum message_type type_in(enum message_type type, enum message_place place) {
    const bool inner = place == PLACE_INNER;

    switch (type) {
    case MESSAGE_LIST:
        return inner ? MESSAGE_UNKNOWN_INNER : place == PLACE_TO_SERVER ? MESSAGE_LIST_REQUEST : MESSAGE_LIST;
    case MESSAGE_PING:
    case MESSAGE_PEER_PING:
        return inner ? MESSAGE_PEER_PING : MESSAGE_PING;
    case MESSAGE_PONG:
    case MESSAGE_PEER_PONG:
        return inner ? MESSAGE_PEER_PONG : MESSAGE_PONG;
    default:
        return inner && type < MESSAGE_TEXT ? MESSAGE_UNKNOWN_INNER : type;
    }
}

static void test_places(void) {
    for (size_t type = 0; type < SAMPLE_TYPES; type++) {
        struct buffer out = BUFFER_INIT(1 << 16);

        sample_write(&out, (enum message_type)type);
        for (size_t i = 0; i < COUNT(places); i++) {
            struct message message;
            int error = parse(&message, places[i], (char *)buffer_data(&out), out.size);

            IS_INT(error, matrix[type][i], "%s in place %zu", message_type_name((enum message_type)type), i);
            if (error == PROTO_OK) {
                IS_INT(message.type, type_in((enum message_type)type, places[i]), "is of its type");
                message_free(&message);
            }
        }
        buffer_free(&out);
    }
}

static void test_types(void) {
    static const struct {
        const char *text;
        int outside, inner; /* in the four other places, and inside */
    } cases[] = {
        {"{\"type\":\"nothing\"}", PROTO_E_TYPE, PROTO_OK},
        {"{\"type\":\"\"}", PROTO_E_TYPE, PROTO_OK},
        {"{\"type\":\"secure\",\"payload\":\"\",\"hmac\":\"\"}", PROTO_E_TYPE, PROTO_OK},
        {"{\"type\":\"Ping\"}", PROTO_E_TYPE, PROTO_OK},
        {"{\"type\":\"ping \"}", PROTO_E_TYPE, PROTO_OK},
        {"{\"type\":\"pin\"}", PROTO_E_TYPE, PROTO_OK},
        {"{}", PROTO_E_MEMBER, PROTO_E_MEMBER},
        {"{\"type\":1}", PROTO_E_MEMBER, PROTO_E_MEMBER},
        {"{\"type\":null}", PROTO_E_MEMBER, PROTO_E_MEMBER},
        {"{\"type\":{}}", PROTO_E_MEMBER, PROTO_E_MEMBER},
        {"{\"type\":[\"ping\"]}", PROTO_E_MEMBER, PROTO_E_MEMBER},
        {"{\"data\":{\"type\":\"ping\"}}", PROTO_E_MEMBER, PROTO_E_MEMBER},
        {"", PROTO_E_JSON, PROTO_E_JSON},
        {"[]", PROTO_E_JSON, PROTO_E_JSON},
        {"{\"type\":\"ping\",\"type\":\"ping\"}", PROTO_E_JSON, PROTO_E_JSON},
    };
    static char long_escaped[30100];
    char longest[200];

    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t j = 0; j < COUNT(places); j++)
            IS_INT(verdict(places[j], cases[i].text, strlen(cases[i].text)),
                   places[j] == PLACE_INNER ? cases[i].inner : cases[i].outside, "%s in place %zu", cases[i].text, j);
    IS_INT(verdict(PLACE_TO_SERVER, "{\"type\":\"p\\u0069ng\"}", 20), PROTO_OK, "a type may be written with escapes");
    IS_INT(verdict(PLACE_TO_SERVER, "{\"type\":\"client-com\",\"phase\":1}", 31), PROTO_E_MEMBER,
           "a phase where there is none is an unknown member");
    snprintf(longest, sizeof(longest), "{\"type\":\"%0180d\"}", 0);
    IS_INT(verdict(PLACE_TO_SERVER, longest, strlen(longest)), PROTO_E_TYPE, "no type is that long");
    snprintf(long_escaped, sizeof(long_escaped), "{\"type\":\"\\n%030000d\"}", 0);
    IS_INT(verdict(PLACE_TO_SERVER, long_escaped, strlen(long_escaped)), PROTO_E_TYPE, "nor one with an escape in it");
}

static void test_phases(void) {
    static const char *const phases[] = {"0", "5", "-1", "10", "11", "\"1\"", "true", "null", "[1]", "{}"};

    for (size_t i = 0; i < COUNT(phases); i++) {
        char text[100];

        snprintf(text, sizeof(text), "{\"type\":\"connect\",\"phase\":%s}", phases[i]);
        IS_INT(verdict(PLACE_LINE_TO_SERVER, text, strlen(text)), PROTO_E_STATE, "there is no phase %s", phases[i]);
    }
    IS_INT(verdict(PLACE_LINE_TO_SERVER, "{\"type\":\"connect\"}", 18), PROTO_E_STATE, "a handshake has phases");
    IS_INT(verdict(PLACE_LINE_TO_SERVER, "{\"type\":\"connect\",\"phase\":1}", 28), PROTO_E_MEMBER, "phase 1 exists");
}

/* ---- members ---------------------------------------------------------------------------------------- */

/* A sample as a tree in which members are changed. */
struct subject {
    const struct message_row *row;
    enum message_place place;
    struct json_object *root;
};

static const struct message_row *row_of(enum message_type type) {
    for (size_t i = 0; i < message_table_rows; i++)
        if (message_table[i].type == type)
            return &message_table[i];
    return NULL;
}

static void subject_make(struct subject *subject, enum message_type type) {
    struct buffer out = BUFFER_INIT(1 << 16);

    subject->row = row_of(type);
    require(subject->row != NULL, "every type has a row");
    subject->place = PLACE_INNER;
    for (size_t i = 0; i < COUNT(places); i++)
        if (matrix[type][i] == LEGAL && (subject->row->places & (unsigned)places[i]) != 0)
            subject->place = places[i];
    sample_write(&out, type);
    require(buffer_append(&out, "", 1) == PROTO_OK, "room for a NUL");
    subject->root = json_tokener_parse((char *)buffer_data(&out));
    require(subject->root != NULL, "a sample is JSON");
    buffer_free(&out);
}

static void subject_free(struct subject *subject) {
    json_object_put(subject->root);
}

static int subject_parse(const struct subject *subject, struct message *message) {
    const char *text = json_object_to_json_string_ext(subject->root, JSON_C_TO_STRING_PLAIN);

    return parse(message, subject->place, text, strlen(text));
}

static int subject_verdict(const struct subject *subject) {
    struct message message;
    int error = subject_parse(subject, &message);

    message_free(&message);
    return error;
}

static struct json_object *holder_of(const struct subject *subject, const struct message_member *member) {
    struct json_object *data = NULL;

    if (!member->in_data)
        return subject->root;
    require(json_object_object_get_ex(subject->root, "data", &data), "a sample has its data");
    return data;
}

/* Parses with MEMBER being VALUE, which is given away (absent: NULL and no VALUE), and then with what it was. */
static int verdict_with(const struct subject *subject, const struct message_member *member, bool absent,
                        struct json_object *value) {
    struct json_object *holder = holder_of(subject, member), *before = NULL;
    int error;

    require(json_object_object_get_ex(holder, member->name, &before), "a sample has all members");
    json_object_get(before);
    json_object_object_del(holder, member->name);
    if (!absent)
        json_object_object_add(holder, member->name, value);
    error = subject_verdict(subject);
    json_object_object_del(holder, member->name);
    json_object_object_add(holder, member->name, before);
    return error;
}

static struct json_object *value_of_type(json_type type) {
    switch (type) {
    case json_type_boolean:
        return json_object_new_boolean(1);
    case json_type_int:
        return json_object_new_int(1);
    case json_type_string:
        return json_object_new_string("AAAA");
    case json_type_array:
        return json_object_new_array();
    case json_type_object:
        return json_object_new_object();
    default:
        return NULL;
    }
}

static void test_missing_and_mistyped(const struct subject *subject, const struct message_member *member) {
    static const json_type types[] = {json_type_null,   json_type_boolean, json_type_int,
                                      json_type_string, json_type_array,   json_type_object};
    struct json_object *value = NULL;

    IS_INT(verdict_with(subject, member, true, NULL), member->optional ? PROTO_OK : PROTO_E_MEMBER, "%s: %s missing",
           message_type_name(subject->row->type), member->name);
    json_object_object_get_ex(holder_of(subject, member), member->name, &value);
    for (size_t i = 0; i < COUNT(types); i++)
        if (!json_object_is_type(value, types[i]))
            IS_INT(verdict_with(subject, member, false, value_of_type(types[i])),
                   member->kind == MEMBER_SIGNATURE ? PROTO_E_INTEGRITY : PROTO_E_MEMBER, "%s: %s as %s",
                   message_type_name(subject->row->type), member->name, json_type_to_name(types[i]));
}

static struct json_object *string_of(size_t length, char c) {
    static char text[1 << 16];

    memset(text, c, length);
    return json_object_new_string_len(text, (int)length);
}

/* Base64 of SIZE bytes. */
static struct json_object *base64_of(size_t size) {
    static const uint8_t bytes[MESSAGE_FILE_DATA_MAX + 3];
    char text[CSC_BASE64_LENGTH(sizeof(bytes))];

    csc_base64_encode(text, bytes, size);
    return json_object_new_string_len(text, (int)CSC_BASE64_LENGTH(size));
}

/* An array of COUNT copies of ELEMENT, which is given away. */
static struct json_object *array_of(size_t count, struct json_object *element) {
    struct json_object *array = json_object_new_array();

    for (size_t i = 0; i < count; i++)
        json_object_array_add(array, json_object_get(element));
    json_object_put(element);
    return array;
}

static struct json_object *user(void) {
    return json_tokener_parse("{\"name\":\"Eve\",\"id\":1,\"key\":\"" SAMPLE_FINGERPRINT "\",\"since\":0}");
}

/* A user less its member NAME, or with VALUE for it. */
static struct json_object *user_with(const char *name, bool absent, struct json_object *value) {
    struct json_object *object = user();

    if (absent)
        json_object_object_del(object, name);
    else
        json_object_object_add(object, name, value);
    return array_of(1, object);
}

/* An attest that has VALUE, which is given away, as its member NAME; absent: and no VALUE. */
static struct json_object *attest_with(const char *name, bool absent, struct json_object *value) {
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "statement", base64_of(10));
    json_object_object_add(object, "algorithm", json_object_new_string("ECDSA-SHA256"));
    json_object_object_add(object, "signature", base64_of(70));
    json_object_object_add(object, "chain", array_of(1, base64_of(500)));
    json_object_object_del(object, name);
    if (!absent)
        json_object_object_add(object, name, value);
    return object;
}

#define TAKES(what, value)                                                                                             \
    IS_INT(verdict_with(subject, member, false, (value)), PROTO_OK, "%s: %s: %s",                                      \
           message_type_name(subject->row->type), member->name, what)
#define REFUSES(what, value, error)                                                                                    \
    IS_INT(verdict_with(subject, member, false, (value)), (error), "%s: %s: %s",                                       \
           message_type_name(subject->row->type), member->name, what)

static void test_base64(const struct subject *subject, const struct message_member *member) {
    REFUSES("a character of another alphabet", json_object_new_string("AAA_"), PROTO_E_MEMBER);
    REFUSES("unused bits", json_object_new_string("AAAAAAAAAAAAAAAAAAAAAB=="), PROTO_E_MEMBER);
    REFUSES("no padding", json_object_new_string("AAAAAAAAAAAAAAAAAAAAAA"), PROTO_E_MEMBER);
    REFUSES("a line break", json_object_new_string("AAAAAAAAAAAAAAAA\nAAAAAA=="), PROTO_E_MEMBER);
    REFUSES("a length that no bytes have", json_object_new_string("A"), PROTO_E_MEMBER);
}

static void test_users(const struct subject *subject, const struct message_member *member) {
    static const char *const names[] = {"name", "id", "key", "since"};

    TAKES("nobody", json_object_new_array());
    TAKES("256 users", array_of(MESSAGE_LIST_MAX, user()));
    REFUSES("257 users", array_of(MESSAGE_LIST_MAX + 1, user()), PROTO_E_MEMBER);
    REFUSES("something else", array_of(1, json_object_new_int(1)), PROTO_E_MEMBER);
    REFUSES("a bad name", user_with("name", false, json_object_new_string("no name")), PROTO_E_MEMBER);
    REFUSES("a short fingerprint", user_with("key", false, json_object_new_string("SHA256:x")), PROTO_E_MEMBER);
    REFUSES("a fingerprint of another kind", user_with("key", false, string_of(CSC_FINGERPRINT_SIZE - 1, 'x')),
            PROTO_E_MEMBER);
    REFUSES("a long one", user_with("key", false, json_object_new_string(SAMPLE_FINGERPRINT "=")), PROTO_E_MEMBER);
    REFUSES("a negative number", user_with("id", false, json_object_new_int(-1)), PROTO_E_MEMBER);
    REFUSES("a time before 1970", user_with("since", false, json_object_new_int(-1)), PROTO_E_MEMBER);
    for (size_t i = 0; i < COUNT(names); i++) {
        REFUSES("a user who lacks something", user_with(names[i], true, NULL), PROTO_E_MEMBER);
        REFUSES("a user with nothing there", user_with(names[i], false, NULL), PROTO_E_MEMBER);
        REFUSES("a user with a list there", user_with(names[i], false, json_object_new_array()), PROTO_E_MEMBER);
    }
}

static void test_chain(const struct subject *subject, const struct message_member *member) {
    TAKES("eight certificates", array_of(CSC_CHAIN_MAX, base64_of(CSC_CHAIN_BYTES / CSC_CHAIN_MAX)));
    REFUSES("eight with a byte too many", array_of(CSC_CHAIN_MAX, base64_of(CSC_CHAIN_BYTES / CSC_CHAIN_MAX + 1)),
            PROTO_E_MEMBER);
    REFUSES("nine", array_of(CSC_CHAIN_MAX + 1, base64_of(1)), PROTO_E_MEMBER);
    TAKES("one of 16,384 bytes", array_of(1, base64_of(CSC_CHAIN_BYTES)));
    REFUSES("one of a byte more", array_of(1, base64_of(CSC_CHAIN_BYTES + 1)), PROTO_E_MEMBER);
    REFUSES("one of three bytes more", array_of(1, base64_of(CSC_CHAIN_BYTES + 3)), PROTO_E_MEMBER);
    REFUSES("none", json_object_new_array(), PROTO_E_MEMBER);
    REFUSES("an empty one", array_of(1, base64_of(0)), PROTO_E_MEMBER);
    REFUSES("a number that looks like base64", array_of(1, json_object_new_int(1234)), PROTO_E_MEMBER);
    REFUSES("PEM", array_of(1, json_object_new_string("-----BEGIN CERTIFICATE-----")), PROTO_E_MEMBER);
}

static void test_attest(const struct subject *subject, const struct message_member *member) {
    static const char *const names[] = {"statement", "algorithm", "signature", "chain"};

    TAKES("a signature of 512 bytes", attest_with("signature", false, base64_of(CSC_SIGNATURE_MAX)));
    REFUSES("one of 513", attest_with("signature", false, base64_of(CSC_SIGNATURE_MAX + 1)), PROTO_E_MEMBER);
    REFUSES("one of 514", attest_with("signature", false, base64_of(CSC_SIGNATURE_MAX + 2)), PROTO_E_MEMBER);
    REFUSES("an empty one", attest_with("signature", false, base64_of(0)), PROTO_E_MEMBER);
    TAKES("a statement of 1,024 bytes", attest_with("statement", false, base64_of(ATTEST_STATEMENT_MAX)));
    REFUSES("one of 1,025", attest_with("statement", false, base64_of(ATTEST_STATEMENT_MAX + 1)), PROTO_E_MEMBER);
    TAKES("an algorithm that is not known", attest_with("algorithm", false, json_object_new_string("EdDSA")));
    REFUSES("nine certificates", attest_with("chain", false, array_of(CSC_CHAIN_MAX + 1, base64_of(1))),
            PROTO_E_MEMBER);
    TAKES("a member that is not known", attest_with("unknown", false, json_object_new_int(1)));
    for (size_t i = 0; i < COUNT(names); i++) {
        REFUSES("it lacks something", attest_with(names[i], true, NULL), PROTO_E_MEMBER);
        REFUSES("a number there", attest_with(names[i], false, json_object_new_int(1)), PROTO_E_MEMBER);
    }
}

/* Members that are words and texts. */
static void test_word_limits(const struct subject *subject, const struct message_member *member) {
    switch (member->kind) {
    case MEMBER_NAME:
        TAKES("32 letters", string_of(NAME_LENGTH_MAX, 'n'));
        REFUSES("33 letters", string_of(NAME_LENGTH_MAX + 1, 'n'), PROTO_E_NAME);
        REFUSES("nothing", string_of(0, 'n'), PROTO_E_NAME);
        REFUSES("a digit first", json_object_new_string("1a"), PROTO_E_NAME);
        REFUSES("a space", json_object_new_string("a b"), PROTO_E_NAME);
        break;
    case MEMBER_ID:
        TAKES("one character", string_of(1, '-'));
        REFUSES("65 characters", string_of(MESSAGE_ID_MAX + 1, 'a'), PROTO_E_MEMBER);
        REFUSES("nothing", string_of(0, 'a'), PROTO_E_MEMBER);
        REFUSES("a dot", json_object_new_string("a.b"), PROTO_E_MEMBER);
        break;
    case MEMBER_TEXT:
        TAKES("nothing", string_of(0, 'x'));
        TAKES("as long as it may be", string_of(member->size, 'x'));
        REFUSES("one byte longer", string_of(member->size + 1, 'x'), PROTO_E_MEMBER);
        break;
    case MEMBER_CODE:
    case MEMBER_STATUS:
    case MEMBER_FILE_STATUS:
    case MEMBER_PRESENCE:
        TAKES("a word that is not known", json_object_new_string("from-another-version"));
        TAKES("no word", json_object_new_string(""));
        break;
    default:
        break;
    }
}

/* Members that are numbers. */
static void test_number_limits(const struct subject *subject, const struct message_member *member) {
    switch (member->kind) {
    case MEMBER_VERSION:
        REFUSES("0", json_object_new_int(0), PROTO_E_VERSION);
        REFUSES("2", json_object_new_int(2), PROTO_E_VERSION);
        REFUSES("2^32 + 1", json_object_new_int64((INT64_C(1) << 32) + 1), PROTO_E_VERSION);
        break;
    case MEMBER_INTEGER:
        TAKES("0", json_object_new_int(0));
        TAKES("2^53-1", json_object_new_int64((INT64_C(1) << 53) - 1));
        REFUSES("-1", json_object_new_int(-1), PROTO_E_MEMBER);
        break;
    case MEMBER_COUNTER:
        TAKES("0", json_object_new_int(0));
        TAKES("2^32-1", json_object_new_int64(UINT32_MAX));
        REFUSES("2^32", json_object_new_int64((INT64_C(1) << 32)), PROTO_E_MEMBER);
        REFUSES("-1", json_object_new_int(-1), PROTO_E_MEMBER);
        break;
    case MEMBER_BOOLEAN:
        TAKES("false", json_object_new_boolean(0));
        break;
    default:
        break;
    }
}

/* Members that are bytes in base64. */
static void test_bytes_limits(const struct subject *subject, const struct message_member *member) {
    switch (member->kind) {
    case MEMBER_NONCE:
        TAKES("16 bytes", base64_of(MESSAGE_NONCE_SIZE));
        REFUSES("15 bytes", base64_of(MESSAGE_NONCE_SIZE - 1), PROTO_E_MEMBER);
        REFUSES("17 bytes", base64_of(MESSAGE_NONCE_SIZE + 1), PROTO_E_MEMBER);
        REFUSES("nothing", base64_of(0), PROTO_E_MEMBER);
        test_base64(subject, member);
        break;
    case MEMBER_BYTES:
        TAKES("as many bytes as it has", base64_of(member->size));
        REFUSES("one byte less", base64_of(member->size - 1), PROTO_E_MEMBER);
        REFUSES("one byte more", base64_of(member->size + 1), PROTO_E_MEMBER);
        REFUSES("three bytes more", base64_of(member->size + 3), PROTO_E_MEMBER);
        REFUSES("nothing", base64_of(0), PROTO_E_MEMBER);
        test_base64(subject, member);
        break;
    case MEMBER_SECRET:
        TAKES("256 bytes", base64_of(256));
        TAKES("512 bytes", base64_of(CSC_RSA_MAX_SIZE));
        REFUSES("513 bytes", base64_of(CSC_RSA_MAX_SIZE + 1), PROTO_E_MEMBER);
        REFUSES("514 bytes", base64_of(CSC_RSA_MAX_SIZE + 2), PROTO_E_MEMBER);
        REFUSES("515 bytes", base64_of(CSC_RSA_MAX_SIZE + 3), PROTO_E_MEMBER);
        test_base64(subject, member);
        break;
    case MEMBER_SIGNATURE:
        TAKES("256 bytes", base64_of(256));
        TAKES("512 bytes", base64_of(CSC_RSA_MAX_SIZE));
        TAKES("nothing, which is none", base64_of(0));
        REFUSES("513 bytes", base64_of(CSC_RSA_MAX_SIZE + 1), PROTO_E_INTEGRITY);
        REFUSES("what is no base64", json_object_new_string("AAA_"), PROTO_E_INTEGRITY);
        break;
    case MEMBER_PAYLOAD:
        TAKES("one byte", base64_of(1));
        REFUSES("nothing", base64_of(0), PROTO_E_MEMBER);
        test_base64(subject, member);
        break;
    case MEMBER_DATA:
        TAKES("one byte", base64_of(1));
        TAKES("as many bytes as there may be", base64_of(member->size));
        REFUSES("one byte more", base64_of(member->size + 1), PROTO_E_MEMBER);
        REFUSES("three bytes more", base64_of(member->size + 3), PROTO_E_MEMBER);
        REFUSES("nothing", base64_of(0), PROTO_E_MEMBER);
        test_base64(subject, member);
        break;
    default:
        break;
    }
}

/* Members that are lists and objects. */
static void test_list_limits(const struct subject *subject, const struct message_member *member) {
    switch (member->kind) {
    case MEMBER_CIPHERS:
        TAKES("a suite that is not known", array_of(1, json_object_new_string("ROT13")));
        TAKES("a hundred of them", array_of(100, json_object_new_string("ROT13")));
        REFUSES("none", json_object_new_array(), PROTO_E_SUITE);
        REFUSES("a number", array_of(2, json_object_new_int(1)), PROTO_E_MEMBER);
        REFUSES("a list", array_of(1, json_object_new_array()), PROTO_E_MEMBER);
        break;
    case MEMBER_IDS:
        TAKES("256 ids", array_of(MESSAGE_RECEIPT_MAX, string_of(MESSAGE_ID_MAX, 'i')));
        REFUSES("257 ids", array_of(MESSAGE_RECEIPT_MAX + 1, string_of(1, 'i')), PROTO_E_MEMBER);
        REFUSES("none", json_object_new_array(), PROTO_E_MEMBER);
        REFUSES("a number", array_of(1, json_object_new_int(1)), PROTO_E_MEMBER);
        REFUSES("an id of 65 characters", array_of(1, string_of(MESSAGE_ID_MAX + 1, 'i')), PROTO_E_MEMBER);
        REFUSES("an empty id", array_of(1, string_of(0, 'i')), PROTO_E_MEMBER);
        break;
    case MEMBER_USERS:
        test_users(subject, member);
        break;
    case MEMBER_CHAIN:
        test_chain(subject, member);
        break;
    case MEMBER_ATTEST:
        test_attest(subject, member);
        break;
    default:
        break;
    }
}

static void test_limits(const struct subject *subject, const struct message_member *member) {
    switch (member->kind) {
    case MEMBER_NAME:
    case MEMBER_ID:
    case MEMBER_TEXT:
    case MEMBER_CODE:
    case MEMBER_STATUS:
    case MEMBER_FILE_STATUS:
    case MEMBER_PRESENCE:
        test_word_limits(subject, member);
        break;
    case MEMBER_VERSION:
    case MEMBER_INTEGER:
    case MEMBER_COUNTER:
    case MEMBER_BOOLEAN:
        test_number_limits(subject, member);
        break;
    case MEMBER_NONCE:
    case MEMBER_BYTES:
    case MEMBER_SECRET:
    case MEMBER_SIGNATURE:
    case MEMBER_PAYLOAD:
    case MEMBER_DATA:
        test_bytes_limits(subject, member);
        break;
    case MEMBER_CIPHERS:
    case MEMBER_IDS:
    case MEMBER_USERS:
    case MEMBER_CHAIN:
    case MEMBER_ATTEST:
        test_list_limits(subject, member);
        break;
    }
}

static void test_members(void) {
    IS_INT(message_table_rows, SAMPLE_TYPES, "the table has every type");
    for (size_t type = 0; type < SAMPLE_TYPES; type++) {
        struct subject subject;

        subject_make(&subject, (enum message_type)type);
        IS_INT(subject_verdict(&subject), PROTO_OK, "%s: as it was", message_type_name((enum message_type)type));
        json_object_object_add(subject.root, "unknown", json_tokener_parse("{\"type\":[1,2,null]}"));
        IS_INT(subject_verdict(&subject), PROTO_OK, "with an unknown member");
        for (size_t i = 0; i < MESSAGE_MEMBERS_MAX && subject.row->members[i].name != NULL; i++) {
            test_missing_and_mistyped(&subject, &subject.row->members[i]);
            test_limits(&subject, &subject.row->members[i]);
        }
        subject_free(&subject);
    }
}

static void test_data(void) {
    for (size_t type = 0; type < SAMPLE_TYPES; type++) {
        struct subject subject;

        subject_make(&subject, (enum message_type)type);
        for (size_t i = 0; i < MESSAGE_MEMBERS_MAX && subject.row->members[i].name != NULL; i++) {
            if (!subject.row->members[i].in_data)
                continue;
            json_object_object_add(subject.root, "data", array_of(1, json_object_new_object()));
            IS_INT(subject_verdict(&subject), PROTO_E_MEMBER, "%s: data that is a list",
                   message_type_name((enum message_type)type));
            json_object_object_del(subject.root, "data");
            IS_INT(subject_verdict(&subject), PROTO_E_MEMBER, "and no data");
            break;
        }
        subject_free(&subject);
    }
}

/* ---- what is read ------------------------------------------------------------------------------------- */

static void read_sample(struct message *message, enum message_type type, enum message_place place) {
    struct buffer out = BUFFER_INIT(1 << 16);

    sample_write(&out, type);
    IS_INT(parse(message, place, (char *)buffer_data(&out), out.size), PROTO_OK, "%s is read", message_type_name(type));
    buffer_free(&out);
}

#define IS_SPAN(span, want, name) OK(span_equal((span), span_of(want)), name)

static void test_handshake_fields(void) {
    uint8_t pattern[CSC_RSA_MAX_SIZE];
    struct message message;

    memset(pattern, SAMPLE_BYTE, sizeof(pattern));
    read_sample(&message, MESSAGE_CONNECT_2, PLACE_LINE_TO_CLIENT);
    IS_SPAN(message.name, SAMPLE_NAME, "with its name");
    IS_SPAN(message.id, SAMPLE_NONCE, "its id as it travels");
    IS_SPAN(message.key, SAMPLE_PEM, "the key");
    OK(message.ciphers.count == 2 && message.ciphers.suites[0] == SUITE_AES_256, "the suites");
    OK(!message.unknown_ciphers, "of which all are known");
    IS_MEM(message.dh, pattern, sizeof(message.dh), "the dh");
    IS_INT(message.secret_size, sizeof(pattern), "the length of the secret");
    IS_MEM(message.secret, pattern, sizeof(pattern), "and the secret");
    message_free(&message);
    read_sample(&message, MESSAGE_PEER_3, PLACE_TO_CLIENT);
    IS_SPAN(message.src, SAMPLE_NAME, "with its source");
    IS_SPAN(message.dst, "Eve", "and its destination");
    IS_SPAN(message.offer, SAMPLE_NONCE, "the offer that it follows");
    OK(message.ciphers.count == 1 && message.ciphers.suites[0] == SUITE_AES_128, "the suite");
    IS_MEM(message.confirm, pattern, sizeof(message.confirm), "the confirm");
    IS_MEM(message.dh, pattern, sizeof(message.dh), "the dh");
    message_free(&message);
    read_sample(&message, MESSAGE_CONNECT_4, PLACE_TO_CLIENT);
    IS_INT(message.session_id, 77, "with the number of the session");
    message_free(&message);
}

static void test_payload_fields(void) {
    uint8_t pattern[128];
    struct message message;

    memset(pattern, SAMPLE_BYTE, sizeof(pattern));
    read_sample(&message, MESSAGE_COM, PLACE_TO_SERVER);
    IS_SPAN(message.id, SAMPLE_ID, "with its id");
    OK(message.pn == 3 && message.n == 4, "its numbers");
    OK(span_equal(message.payload, (struct span){(char *)pattern, sizeof(pattern)}), "its payload, decoded");
    IS_MEM(message.session, pattern, MESSAGE_SESSION_SIZE, "its session");
    IS_MEM(message.hmac, pattern, CSC_SHA256_SIZE, "its MAC");
    message_free(&message);
    read_sample(&message, MESSAGE_ERROR, PLACE_TO_CLIENT);
    IS_INT(message.code, WIRE_RATE, "with its code");
    IS_SPAN(message.text, wire_error_text(WIRE_RATE), "its text");
    IS_SPAN(message.id, SAMPLE_ID, "and what it is about");
    IS_SPAN(message.dst, "Eve", "and whom");
    message_free(&message);
    read_sample(&message, MESSAGE_LIST, PLACE_TO_CLIENT);
    if (IS_INT(message_count(&message), 1, "with one user")) {
        const struct list_entry entry = message_list_entry(&message, 0);

        IS_SPAN(entry.name, SAMPLE_NAME, "of that name");
        IS_SPAN(entry.fingerprint, SAMPLE_FINGERPRINT, "and fingerprint");
        OK(entry.id == 5 && entry.since == 1480000000, "number and time");
    }
    OK(message.more, "and more to come");
    message_free(&message);
    read_sample(&message, MESSAGE_DISCONNECT, PLACE_TO_CLIENT);
    IS_SPAN(message.reason, "bye", "with its reason");
    IS_SPAN(message.offer, SAMPLE_NONCE, "and the offer that it answers");
    message_free(&message);
    read_sample(&message, MESSAGE_LIST_REQUEST, PLACE_TO_SERVER);
    IS_SPAN(message.after, "Eve", "with the name it goes on after");
    message_free(&message);
    read_sample(&message, MESSAGE_TEXT, PLACE_INNER);
    IS_SPAN(message.body, "Hello,\n\"w\xc3\xb6rld\"", "with its body");
    IS_INT(message.time, 1480000000000, "its time");
    OK(message.is_signed && message.signature_size == CSC_RSA_MAX_SIZE, "and a signature");
    IS_MEM(message.signature, pattern, sizeof(pattern), "which begins like this");
    message_free(&message);
    read_sample(&message, MESSAGE_RECEIPT, PLACE_INNER);
    IS_INT(message.status, RECEIPT_FAILED, "with its status");
    if (IS_INT(message_count(&message), 1, "and one id"))
        IS_SPAN(message_receipt_id(&message, 0), SAMPLE_ID, "namely this");
    message_free(&message);
    read_sample(&message, MESSAGE_PEER_PONG, PLACE_INNER);
    IS_SPAN(message.id, SAMPLE_ID, "with the id of its ping");
    message_free(&message);
    read_sample(&message, MESSAGE_PRESENCE, PLACE_INNER);
    IS_INT(message.presence, PRESENCE_AWAY, "with the state");
    IS_SPAN(message.text, "l\xc3\xbcnch", "and what is said of it");
    message_free(&message);
    IS_INT(message_count(&message), 0, "a message that was freed has none");
}

static void test_file_fields(void) {
    uint8_t pattern[CSC_RSA_MAX_SIZE];
    struct message message;

    memset(pattern, SAMPLE_BYTE, sizeof(pattern));
    read_sample(&message, MESSAGE_FILE_OFFER, PLACE_INNER);
    IS_SPAN(message.file, "file-1", "with the file");
    IS_SPAN(message.name, "r\xc3\xa9sum\xc3\xa9 (1).pdf", "its name");
    IS_INT(message.file_size, 123456789, "its size");
    IS_MEM(message.sha256, pattern, CSC_SHA256_SIZE, "and its hash");
    message_free(&message);
    read_sample(&message, MESSAGE_FILE_ANSWER, PLACE_INNER);
    IS_INT(message.file_status, FILE_ACCEPTED, "with its status");
    IS_INT(message.offset, 24576, "and where to go on");
    message_free(&message);
    read_sample(&message, MESSAGE_FILE_DATA, PLACE_INNER);
    IS_INT(message.offset, 24576, "with its place");
    OK(span_equal(message.payload, (struct span){(char *)pattern, sizeof(pattern)}), "and its data, decoded");
    message_free(&message);
    read_sample(&message, MESSAGE_FILE_END, PLACE_INNER);
    IS_SPAN(message.reason, "disk full", "with its reason");
    message_free(&message);
}

static void test_size(void) {
    static char line[LINE_MAX_SESSION + 1];

    memset(line, ' ', sizeof(line));
    memcpy(line, "{\"type\":\"ping\"}", 15);
    IS_INT(verdict(PLACE_TO_SERVER, line, LINE_MAX_SESSION), PROTO_OK, "a message as long as a line");
    IS_INT(verdict(PLACE_TO_SERVER, line, sizeof(line)), PROTO_E_JSON, "one byte longer is none");
}

int main(void) {
    test_places();
    test_types();
    test_phases();
    test_members();
    test_data();
    test_handshake_fields();
    test_payload_fields();
    test_file_fields();
    test_size();
    message_free(&(struct message){.type = MESSAGE_PING});
    return tap_done();
}
