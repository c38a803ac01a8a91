#include <config.h>

#include "proto/json_scan.h"
#include "proto/line.h"
#include "proto/message_attest.h"

#include <json-c/json.h>
#include <stdlib.h>

static struct span span_of_json(struct json_object *value) {
    return (struct span){json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

/* Decodes base64 TEXT of 1 to SIZE bytes to OUT and sets *USED. */
static int read_base64(struct span text, uint8_t *out, size_t size, size_t *used) {
    uint8_t *scratch;
    int error = PROTO_E_MEMBER;

    if (text.size == 0 || text.size > CSC_BASE64_LENGTH(size))
        return PROTO_E_MEMBER;
    /* Decoding needs room for the padding it will drop. */
    scratch = malloc(CSC_BASE64_SIZE(text.size) + 1);
    if (scratch == NULL)
        return PROTO_E_MEMORY;
    if (csc_base64_decode(scratch, used, text.data, text.size) == CSC_OK && *used > 0 && *used <= size) {
        memcpy(out, scratch, *used);
        error = PROTO_OK;
    }
    free(scratch);
    return error;
}

static int fill_chain(struct certificates *chain, struct json_object *array) {
    const size_t count = json_object_array_length(array);
    size_t used = 0;

    if (count == 0 || count > CSC_CHAIN_MAX)
        return PROTO_E_MEMBER;
    for (size_t i = 0; i < count; i++) {
        struct json_object *element = json_object_array_get_idx(array, i);
        int error;

        if (!json_object_is_type(element, json_type_string))
            return PROTO_E_MEMBER;
        error = read_base64(span_of_json(element), chain->bytes + used, CSC_CHAIN_BYTES - used, &chain->sizes[i]);
        if (error != PROTO_OK)
            return error;
        used += chain->sizes[i];
    }
    chain->count = count;
    return PROTO_OK;
}

int message_read_chain(struct certificates **chain, struct json_object *array) {
    struct certificates *made = calloc(1, sizeof(*made));
    int error = made == NULL ? PROTO_E_MEMORY : fill_chain(made, array);

    if (error == PROTO_OK)
        *chain = made;
    else
        free(made);
    return error;
}

static struct json_object *member(struct json_object *object, const char *name, json_type type) {
    struct json_object *value;

    return json_object_object_get_ex(object, name, &value) && json_object_is_type(value, type) ? value : NULL;
}

/* *KNOWN is whether the algorithm is. */
static int fill_attest(struct attest *attest, struct json_object *object, bool *known) {
    struct json_object *statement = member(object, "statement", json_type_string);
    struct json_object *algorithm = member(object, "algorithm", json_type_string);
    struct json_object *signature = member(object, "signature", json_type_string);
    struct json_object *chain = member(object, "chain", json_type_array);
    int error;

    if (statement == NULL || algorithm == NULL || signature == NULL || chain == NULL)
        return PROTO_E_MEMBER;
    *known = attest_algorithm_from_word(span_of_json(algorithm), &attest->algorithm);
    if ((error = read_base64(span_of_json(statement), attest->statement, sizeof(attest->statement),
                             &attest->statement_size)) != PROTO_OK ||
        (error = read_base64(span_of_json(signature), attest->signature, sizeof(attest->signature),
                             &attest->signature_size)) != PROTO_OK)
        return error;
    return fill_chain(&attest->chain, chain);
}

int message_read_attest(struct attest **attest, struct json_object *object) {
    struct attest *made = calloc(1, sizeof(*made));
    bool known = false;
    int error = made == NULL ? PROTO_E_MEMORY : fill_attest(made, object, &known);

    if (error == PROTO_OK && known)
        *attest = made;
    else
        free(made);
    return error;
}

void message_put_chain(struct json_writer *writer, const char *name, const struct certificates *chain) {
    size_t used = 0;

    json_open(writer, name, '[');
    for (size_t i = 0; i < chain->count; i++) {
        json_base64(writer, NULL, chain->bytes + used, chain->sizes[i]);
        used += chain->sizes[i];
    }
    json_close(writer, ']');
}

static void put_members(struct json_writer *writer, const struct attest *attest) {
    json_base64(writer, "statement", attest->statement, attest->statement_size);
    json_string(writer, "algorithm", span_of(attest_algorithm_word(attest->algorithm)));
    json_base64(writer, "signature", attest->signature, attest->signature_size);
    message_put_chain(writer, "chain", &attest->chain);
}

void message_put_attest(struct json_writer *writer, const char *name, const struct attest *attest) {
    json_open(writer, name, '{');
    put_members(writer, attest);
    json_close(writer, '}');
}

int attest_to_text(const struct attest *attest, struct buffer *out) {
    struct json_writer writer;

    json_begin(&writer, out);
    put_members(&writer, attest);
    return json_end(&writer);
}

int attest_from_text(struct attest **attest, const char *text, size_t size) {
    struct json_tokener *tokener;
    struct json_object *root;
    int error;

    if (size > LINE_MAX_HANDSHAKE || json_scan(text, size, NULL, 0) != PROTO_OK)
        return PROTO_E_JSON;
    tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 2);
    if (tokener == NULL)
        return PROTO_E_MEMORY;
    root = json_tokener_parse_ex(tokener, text, (int)size);
    json_tokener_free(tokener);
    if (root == NULL)
        return PROTO_E_MEMORY;
    *attest = NULL;
    error = message_read_attest(attest, root);
    json_object_put(root);
    return error == PROTO_OK && *attest == NULL ? PROTO_E_MEMBER : error;
}
