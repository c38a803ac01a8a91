#include <config.h>

#include "proto/json_scan.h"
#include "proto/line.h"
#include "proto/message.h"
#include "proto/message_attest.h"
#include "proto/message_table.h"

#include <json-c/json.h>
#include <stdlib.h>

/* json-c counts the scalar in the innermost container as a level. */
#define JSON_C_DEPTH (JSON_DEPTH_MAX + 2)

/* ---- reading members ---------------------------------------------------------------------- */

static struct span string_span(const struct json_object *value) {
    return (struct span){json_object_get_string((struct json_object *)value),
                         (size_t)json_object_get_string_len(value)};
}

static bool is_integer(struct json_object *value, uint64_t max) {
    return json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 0 &&
           (uint64_t)json_object_get_int64(value) <= max;
}

bool message_id_is_valid(struct span id) {
    if (id.data == NULL || id.size == 0 || id.size > MESSAGE_ID_MAX)
        return false;
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];

        if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return true;
}

/* Decodes base64 TEXT of at most SIZE bytes to OUT and sets *USED. */
static int read_base64(struct span text, void *out, size_t size, size_t *used) {
    /* Decoding needs room for the padding it will drop. */
    uint8_t scratch[CSC_RSA_MAX_SIZE + 2];

    if (text.size > CSC_BASE64_LENGTH(size) || CSC_BASE64_SIZE(text.size) > sizeof(scratch) ||
        csc_base64_decode(scratch, used, text.data, text.size) != CSC_OK || *used > size)
        return PROTO_E_MEMBER;
    memcpy(out, scratch, *used);
    return PROTO_OK;
}

static int read_payload(struct message *message, struct span text) {
    uint8_t *room;
    size_t size;
    int error;

    message->decoded = BUFFER_INIT(CSC_BASE64_SIZE(text.size));
    if ((error = buffer_reserve(&message->decoded, message->decoded.limit, &room)) != PROTO_OK)
        return error;
    if (text.size == 0 || csc_base64_decode(room, &size, text.data, text.size) != CSC_OK)
        return PROTO_E_MEMBER;
    buffer_commit(&message->decoded, size);
    message->payload = buffer_span(&message->decoded);
    return PROTO_OK;
}

static int read_ciphers(struct message *message, struct json_object *array) {
    size_t count = json_object_array_length(array);

    if (count == 0)
        return PROTO_E_SUITE;
    for (size_t i = 0; i < count; i++) {
        struct json_object *element = json_object_array_get_idx(array, i);
        enum suite suite;

        if (!json_object_is_type(element, json_type_string))
            return PROTO_E_MEMBER;
        if (suite_from_name(string_span(element), &suite))
            suite_list_add(&message->ciphers, suite);
        else
            message->unknown_ciphers = true;
    }
    return PROTO_OK;
}

/* Decodes what json_unescape() has left in `decoded` where it stands. */
static int read_data(struct message *message, struct span text, size_t max) {
    char *data = (char *)buffer_data(&message->decoded) + (text.data - (char *)buffer_data(&message->decoded));
    size_t size;

    if (csc_base64_decode(data, &size, text.data, text.size) != CSC_OK || size == 0 || size > max)
        return PROTO_E_MEMBER;
    message->payload = (struct span){data, size};
    return PROTO_OK;
}

/* The place of WORD among COUNT WORDS; COUNT if it is none of them. */
static size_t find_word(struct span word, const char *const *words, size_t count) {
    size_t i = 0;

    while (i < count && !span_equal(word, span_of(words[i])))
        i++;
    return i;
}

static bool is_receipt_ids(struct json_object *array) {
    size_t count = json_object_array_length(array);

    for (size_t i = 0; i < count; i++) {
        struct json_object *id = json_object_array_get_idx(array, i);

        if (!json_object_is_type(id, json_type_string) || !message_id_is_valid(string_span(id)))
            return false;
    }
    return count > 0 && count <= MESSAGE_RECEIPT_MAX;
}

static struct json_object *member_of(const struct json_object *object, const char *name, json_type type) {
    struct json_object *value;

    if (!json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, type))
        return NULL;
    return value;
}

/* "SHA256:" and what may be base64: whether it is some key's, nobody here can tell. */
static bool is_fingerprint(struct span text) {
    static const char prefix[] = "SHA256:";

    return text.size == CSC_FINGERPRINT_SIZE - 1 && memcmp(text.data, prefix, sizeof(prefix) - 1) == 0;
}

static bool is_user_list(struct json_object *array) {
    size_t count = json_object_array_length(array);

    for (size_t i = 0; i < count; i++) {
        struct json_object *user = json_object_array_get_idx(array, i), *name, *key, *id, *since;

        if (!json_object_is_type(user, json_type_object) ||
            (name = member_of(user, "name", json_type_string)) == NULL || !name_is_valid(string_span(name)) ||
            (key = member_of(user, "key", json_type_string)) == NULL || !is_fingerprint(string_span(key)) ||
            (id = member_of(user, "id", json_type_int)) == NULL || !is_integer(id, UINT64_MAX) ||
            (since = member_of(user, "since", json_type_int)) == NULL || !is_integer(since, UINT64_MAX))
            return false;
    }
    return count <= MESSAGE_LIST_MAX;
}

/* ---- one member, by its kind --------------------------------------------------------------- */

/* What json-c must have made of a member of each kind. */
static json_type wanted_type(enum member_kind kind) {
    switch (kind) {
    case MEMBER_VERSION:
    case MEMBER_INTEGER:
    case MEMBER_COUNTER:
        return json_type_int;
    case MEMBER_BOOLEAN:
        return json_type_boolean;
    case MEMBER_CIPHERS:
    case MEMBER_IDS:
    case MEMBER_USERS:
    case MEMBER_CHAIN:
        return json_type_array;
    case MEMBER_ATTEST:
        return json_type_object;
    default:
        return json_type_string;
    }
}

static bool is_nonce(struct span text) {
    uint8_t nonce[MESSAGE_NONCE_SIZE];
    size_t used;

    return read_base64(text, nonce, sizeof(nonce), &used) == PROTO_OK && used == sizeof(nonce);
}

/* A word of those that KIND has, or that it is none of them. */
static void read_word(void *field, enum member_kind kind, struct span text) {
    if (kind == MEMBER_CODE)
        *(enum wire_error *)field = wire_error_from_word(text);
    else if (kind == MEMBER_STATUS)
        *(enum receipt_status *)field = (enum receipt_status)find_word(text, message_receipt_words, RECEIPT_UNKNOWN);
    else if (kind == MEMBER_FILE_STATUS)
        *(enum file_status *)field = (enum file_status)find_word(text, message_file_words, FILE_STATUS_UNKNOWN);
    else
        *(enum presence_state *)field = (enum presence_state)find_word(text, message_presence_words, PRESENCE_UNKNOWN);
}

static int read_string(struct message *message, const struct message_member *member, struct span text) {
    void *field = (char *)message + member->offset;
    size_t used;

    switch (member->kind) {
    case MEMBER_NAME:
        if (!name_is_valid(text))
            return PROTO_E_NAME;
        break;
    case MEMBER_ID:
        if (!message_id_is_valid(text))
            return PROTO_E_MEMBER;
        break;
    case MEMBER_NONCE:
        if (!is_nonce(text))
            return PROTO_E_MEMBER;
        break;
    case MEMBER_CODE:
    case MEMBER_STATUS:
    case MEMBER_FILE_STATUS:
    case MEMBER_PRESENCE:
        read_word(field, member->kind, text);
        return PROTO_OK;
    case MEMBER_DATA:
        return read_data(message, text, member->size);
    case MEMBER_BYTES:
        if (read_base64(text, field, member->size, &used) != PROTO_OK || used != member->size)
            return PROTO_E_MEMBER;
        return PROTO_OK;
    case MEMBER_SECRET:
        return read_base64(text, message->secret, sizeof(message->secret), &message->secret_size);
    case MEMBER_SIGNATURE:
        message->is_signed = true;
        if (read_base64(text, message->signature, sizeof(message->signature), &message->signature_size) != PROTO_OK)
            return PROTO_E_INTEGRITY;
        return PROTO_OK;
    case MEMBER_PAYLOAD:
        return read_payload(message, text);
    default:
        if (text.size > member->size)
            return PROTO_E_MEMBER;
    }
    *(struct span *)field = text;
    return PROTO_OK;
}

static int read_other(struct message *message, const struct message_member *member, struct json_object *value) {
    void *field = (char *)message + member->offset;

    switch (member->kind) {
    case MEMBER_VERSION:
        return json_object_get_int64(value) == PROTOCOL_VERSION ? PROTO_OK : PROTO_E_VERSION;
    case MEMBER_INTEGER:
        if (!is_integer(value, UINT64_MAX))
            return PROTO_E_MEMBER;
        *(uint64_t *)field = (uint64_t)json_object_get_int64(value);
        return PROTO_OK;
    case MEMBER_COUNTER:
        if (!is_integer(value, UINT32_MAX))
            return PROTO_E_MEMBER;
        *(uint32_t *)field = (uint32_t)json_object_get_int64(value);
        return PROTO_OK;
    case MEMBER_BOOLEAN:
        *(bool *)field = json_object_get_boolean(value);
        return PROTO_OK;
    case MEMBER_CIPHERS:
        return read_ciphers(message, value);
    case MEMBER_IDS:
        message->array = value;
        return is_receipt_ids(value) ? PROTO_OK : PROTO_E_MEMBER;
    case MEMBER_CHAIN:
        return message_read_chain(&message->chain, value);
    case MEMBER_ATTEST:
        return message_read_attest(&message->attest, value);
    default:
        message->array = value;
        return is_user_list(value) ? PROTO_OK : PROTO_E_MEMBER;
    }
}

static int read_members(struct message *message, const struct message_row *row) {
    struct json_object *data = member_of(message->root, "data", json_type_object);

    for (size_t i = 0; i < MESSAGE_MEMBERS_MAX && row->members[i].name != NULL; i++) {
        const struct message_member *member = &row->members[i];
        const struct json_object *object = member->in_data ? data : message->root;
        struct json_object *value;
        int error;

        if (object == NULL || !json_object_object_get_ex(object, member->name, &value)) {
            if (member->optional)
                continue;
            return PROTO_E_MEMBER;
        }
        if (!json_object_is_type(value, wanted_type(member->kind)))
            return PROTO_E_MEMBER;
        error = json_object_is_type(value, json_type_string) ? read_string(message, member, string_span(value))
                                                             : read_other(message, member, value);
        if (error != PROTO_OK)
            return error;
    }
    return PROTO_OK;
}

/* A member as json_scan() found it, with its string unescaped in place: strings and integers only. */
static int read_scanned(struct message *message, const struct message_member *member,
                        const struct json_member *scanned) {
    char *text = (char *)buffer_data(&message->decoded) +
                 (scanned->kind == JSON_NONE ? 0 : scanned->value.data - (char *)buffer_data(&message->decoded));
    uint64_t value = 0;

    if (scanned->kind == JSON_NONE)
        return member->optional ? PROTO_OK : PROTO_E_MEMBER;
    if (member->kind == MEMBER_INTEGER) {
        if (scanned->kind != JSON_INTEGER || text[0] == '-')
            return PROTO_E_MEMBER;
        for (size_t i = 0; i < scanned->value.size; i++)
            value = value * 10 + (uint64_t)(text[i] - '0');
        *(uint64_t *)((char *)message + member->offset) = value;
        return PROTO_OK;
    }
    if (scanned->kind != JSON_STRING)
        return member->kind == MEMBER_SIGNATURE ? PROTO_E_INTEGRITY : PROTO_E_MEMBER;
    return read_string(
        message, member,
        (struct span){text, scanned->escaped ? json_unescape(text, scanned->value.size) : scanned->value.size});
}

/* ---- whole messages ------------------------------------------------------------------------- */

/* The longest type of the table, with each character escaped. */
#define WORD_MAX 128

/* Finds the row of a scanned message.  PROTO_E_TYPE or PROTO_E_STATE if there is none for PLACE. */
static int find_row(const struct message_row **row, enum message_place place, const struct json_member *type,
                    const struct json_member *phase) {
    char word[WORD_MAX];
    struct span name = type->value;
    bool known = false;

    if (type->kind != JSON_STRING)
        return PROTO_E_MEMBER;
    if (name.size > sizeof(word))
        return PROTO_E_TYPE;
    if (type->escaped) {
        memcpy(word, name.data, name.size);
        name = (struct span){word, json_unescape(word, name.size)};
    }
    for (size_t i = 0; i < message_table_rows; i++) {
        const struct message_row *candidate = &message_table[i];

        if (!span_equal(name, span_of(candidate->word)))
            continue;
        known = true;
        if ((candidate->places & (unsigned)place) == 0)
            continue;
        if (candidate->phase == 0 || (phase->kind == JSON_INTEGER && phase->value.size == 1 &&
                                      phase->value.data[0] == (char)('0' + candidate->phase))) {
            *row = candidate;
            return PROTO_OK;
        }
    }
    return known ? PROTO_E_STATE : PROTO_E_TYPE;
}

/* Hands TEXT, which json_scan() has passed, to json-c: what that refuses then, it refuses for lack of memory. */
static int parse_tree(struct json_object **root, const char *text, size_t size) {
    struct json_tokener *tokener = json_tokener_new_ex(JSON_C_DEPTH);

    if (tokener == NULL)
        return PROTO_E_MEMORY;
    /* Without JSON_TOKENER_STRICT: the scanner is stricter, and json-c 0.18 takes every byte from 0x80 on for a control
     * character where char is signed. */
    *root = json_tokener_parse_ex(tokener, text, (int)size);
    json_tokener_free(tokener);
    return *root != NULL ? PROTO_OK : PROTO_E_MEMORY;
}

/* What people send to each other. */
static bool is_private(const struct message_row *row) {
    return row->places == PLACE_INNER && row->type != MESSAGE_RECEIPT;
}

/*
 * It is read without json-c, which would leave pieces of it in memory that it frees: its strings are unescaped in a
 * copy that is wiped with the message.
 */
static int read_private(struct message *message, const struct message_row *row, const char *text, size_t size) {
    struct json_member members[MESSAGE_MEMBERS_MAX];
    size_t count = 0;
    uint8_t *copy;
    int error;

    message->decoded = BUFFER_INIT(size);
    if ((error = buffer_reserve(&message->decoded, size, &copy)) != PROTO_OK)
        return error;
    memcpy(copy, text, size);
    buffer_commit(&message->decoded, size);
    for (; row->members[count].name != NULL; count++)
        members[count] = (struct json_member){.name = span_of(row->members[count].name)};
    if ((error = json_scan((char *)copy, size, members, count)) != PROTO_OK)
        return error;
    for (size_t i = 0; i < count && error == PROTO_OK; i++)
        error = read_scanned(message, &row->members[i], &members[i]);
    return error;
}

int message_parse(struct message *message, enum message_place place, const char *text, size_t size) {
    struct json_member members[] = {{.name = SPAN("type")}, {.name = SPAN("phase")}};
    const struct message_row *row;
    int error;

    memset(message, 0, sizeof(*message));
    if (size > LINE_MAX_SESSION || json_scan(text, size, members, 2) != PROTO_OK)
        return PROTO_E_JSON;
    error = find_row(&row, place, &members[0], &members[1]);
    if ((error == PROTO_E_TYPE || error == PROTO_E_STATE) && place == PLACE_INNER) {
        message->type = MESSAGE_UNKNOWN_INNER;
        return PROTO_OK;
    }
    if (error != PROTO_OK)
        return error;
    message->type = row->type;
    if (is_private(row))
        error = read_private(message, row, text, size);
    else if ((error = parse_tree(&message->root, text, size)) == PROTO_OK)
        error = read_members(message, row);
    if (error != PROTO_OK)
        message_free(message);
    return error;
}

void message_free(struct message *message) {
    buffer_free(&message->decoded);
    free(message->chain);
    free(message->attest);
    json_object_put(message->root);
    memset(message, 0, sizeof(*message));
}

size_t message_count(const struct message *message) {
    return message->array ? json_object_array_length(message->array) : 0;
}

struct span message_receipt_id(const struct message *message, size_t index) {
    return string_span(json_object_array_get_idx(message->array, index));
}

struct list_entry message_list_entry(const struct message *message, size_t index) {
    struct json_object *user = json_object_array_get_idx(message->array, index);

    return (struct list_entry){
        .name = string_span(member_of(user, "name", json_type_string)),
        .id = (uint64_t)json_object_get_int64(member_of(user, "id", json_type_int)),
        .fingerprint = string_span(member_of(user, "key", json_type_string)),
        .since = (uint64_t)json_object_get_int64(member_of(user, "since", json_type_int)),
    };
}

/* ---- the relay's short way -------------------------------------------------------------------- */

/* Copies a scanned string of at most SIZE - 1 bytes, without its escapes and with a NUL.  The length
 * is judged as it stands in the text: no name has a reason to be written in escapes. */
static bool copy_string(char *out, size_t size, const struct json_member *member) {
    size_t length = member->value.size;

    if (member->kind != JSON_STRING || length >= size)
        return false;
    memcpy(out, member->value.data, length);
    if (member->escaped)
        length = json_unescape(out, length);
    out[length] = '\0';
    return true;
}

static bool copy_name(char out[static NAME_SIZE], const struct json_member *member) {
    return copy_string(out, NAME_SIZE, member) && name_is_valid(span_of(out));
}

int message_route(struct route *route, const char *text, size_t size) {
    struct json_member members[] = {
        {.name = SPAN("type")}, {.name = SPAN("phase")}, {.name = SPAN("src")},
        {.name = SPAN("dst")},  {.name = SPAN("id")},
    };
    const struct message_row *row;
    int error;

    if (json_scan(text, size, members, sizeof(members) / sizeof(members[0])) != PROTO_OK)
        return PROTO_E_JSON;
    if ((error = find_row(&row, PLACE_TO_SERVER, &members[0], &members[1])) != PROTO_OK)
        return error;
    route->type = row->type;
    route->src[0] = route->dst[0] = '\0';
    if (!copy_string(route->id, sizeof(route->id), &members[4]))
        route->id[0] = '\0';
    if ((row->places & PLACE_TO_CLIENT) == 0 || row->type == MESSAGE_PING || row->type == MESSAGE_PONG ||
        row->type == MESSAGE_BYE)
        return PROTO_OK;
    return copy_name(route->src, &members[2]) && copy_name(route->dst, &members[3]) ? PROTO_OK : PROTO_E_NAME;
}
