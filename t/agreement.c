#include <config.h>

#include "proto/error.h"
#include "proto/json_scan.h"
#include "t/agreement.h"
#include "t/proto_fixture.h"

#include <json-c/json.h>
#include <stdlib.h>

/* As message.c sets its parser up: not strict, for that is the scanner's work, and a strict json-c 0.18 refuses UTF-8.
 */
#define PARSER_DEPTH (JSON_DEPTH_MAX + 2)

/* ---- what the scanner takes, json-c takes ---------------------------------------------------------- */

/* Checks a tree against what the scanner promises.  Returns the number of its values, 0 if it breaks a promise. */
static size_t check_tree(struct json_object *value, unsigned depth) {
    size_t count = 1, inner;

    switch (json_object_get_type(value)) {
    case json_type_object:
        if (++depth > JSON_DEPTH_MAX)
            return 0;
        json_object_object_foreach(value, name, member) {
            if ((inner = check_tree(member, depth)) == 0 || name == NULL)
                return 0;
            count += inner;
        }
        return count;
    case json_type_array:
        if (++depth > JSON_DEPTH_MAX)
            return 0;
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            if ((inner = check_tree(json_object_array_get_idx(value, i), depth)) == 0)
                return 0;
            count += inner;
        }
        return count;
    case json_type_int:
        return llabs((long long)json_object_get_int64(value)) < INT64_C(1) << 53;
    case json_type_string:
        return strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value);
    case json_type_boolean:
    case json_type_null:
        return 1;
    default:
        return 0;
    }
}

static bool same_kind(enum json_kind kind, struct json_object *value) {
    static const json_type types[] = {
        [JSON_OBJECT] = json_type_object, [JSON_ARRAY] = json_type_array,     [JSON_STRING] = json_type_string,
        [JSON_INTEGER] = json_type_int,   [JSON_BOOLEAN] = json_type_boolean, [JSON_NULL] = json_type_null};

    return json_object_is_type(value, types[kind]);
}

/* A member that the scanner found is the one that json-c finds. */
static bool same_member(const struct json_member *member, struct json_object *root) {
    struct json_object *value = NULL;
    bool same;
    char *copy;
    size_t size;

    if (member->kind == JSON_NONE)
        return !json_object_object_get_ex(root, member->name.data, NULL);
    if (!json_object_object_get_ex(root, member->name.data, &value) || !same_kind(member->kind, value))
        return false;
    copy = copy_exact(member->value.data, member->value.size);
    size = member->value.size;
    switch (member->kind) {
    case JSON_STRING:
        if (member->escaped)
            size = json_unescape(copy, size);
        same =
            size == (size_t)json_object_get_string_len(value) && memcmp(copy, json_object_get_string(value), size) == 0;
        break;
    case JSON_INTEGER: {
        char digits[24] = "";

        memcpy(digits, copy, size < sizeof(digits) ? size : 0);
        same = strtoll(digits, NULL, 10) == json_object_get_int64(value);
        break;
    }
    default:
        same = size > 0;
    }
    free(copy);
    return same;
}

bool json_agrees(const char *text, size_t size, bool *accepted) {
    struct json_member members[] = {{.name = SPAN("type")}, {.name = SPAN("a")}, {.name = SPAN("data")}};
    struct json_tokener *tokener;
    struct json_object *root;
    char *copy = copy_exact(text, size);
    bool good = true;
    size_t values;

    *accepted = json_scan(copy, size, members, COUNT(members)) == PROTO_OK;
    if (*accepted) {
        tokener = json_tokener_new_ex(PARSER_DEPTH);
        require(tokener != NULL, "a parser");
        root = json_tokener_parse_ex(tokener, copy, (int)size);
        values = root != NULL ? check_tree(root, 0) : 0;
        good = json_object_is_type(root, json_type_object) && values > 0 && values <= JSON_VALUES_MAX;
        for (size_t i = 0; good && i < COUNT(members); i++)
            good = same_member(&members[i], root);
        json_object_put(root);
        json_tokener_free(tokener);
    }
    free(copy);
    return good;
}

/* ---- the relay's short way and the long one ------------------------------------------------------------- */

static bool is_relayed(enum message_type type) {
    return type >= MESSAGE_PEER_1 && type <= MESSAGE_DISCONNECT;
}

const char *message_disagreement(const char *text, size_t size) {
    char *copy = copy_exact(text, size);
    struct message message;
    struct route route;
    const char *what = NULL;
    int routed = message_route(&route, copy, size), parsed = message_parse(&message, PLACE_TO_SERVER, copy, size);

    if (parsed == PROTO_OK && routed == PROTO_OK) {
        if (message.type != route.type)
            what = "the type";
        else if (!span_equal(message.src, span_of(route.src)) && is_relayed(message.type))
            what = "the source";
        else if (!span_equal(message.dst, span_of(route.dst)) && is_relayed(message.type))
            what = "the destination";
        else if (message.id.size > 0 && route.id[0] != '\0' && !span_equal(message.id, span_of(route.id)))
            what = "the id";
    } else if (parsed == PROTO_OK) {
        if (routed != PROTO_E_NAME ||
            (memchr(copy, '\\', size) == NULL && !(message.type == MESSAGE_DISCONNECT && message.dst.size == 0)))
            what = "what the long way takes";
    } else if (routed == PROTO_OK) {
        if (parsed == PROTO_E_JSON || parsed == PROTO_E_TYPE || parsed == PROTO_E_STATE)
            what = "what the short way takes";
    } else if (parsed == PROTO_E_MEMORY || routed == PROTO_E_MEMORY) {
        what = "whose fault it is";
    }
    message_free(&message);
    free(copy);
    return what;
}
