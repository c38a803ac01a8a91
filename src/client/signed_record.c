#include <config.h>

#include "proto/fingerprint.h"
#include "proto/json_scan.h"
#include "proto/signed_text.h"
#include "src/client/signed_record.h"

/* The members that count, of the record and of its signature. */
enum { TYPE, ID, FROM, TIME, TEXT, FINGERPRINT, SIGNED, SIGNATURE, OUTER };
enum { KEY, RECIPIENT, SESSION, VALUE, INNER };

struct members {
    struct json_member outer[OUTER], inner[INNER];
    char *line;
};

static enum record_verdict verdict(struct signed_record *record, enum record_verdict made, const char *why) {
    record->why = why;
    return made;
}

/* The string of MEMBER, its escapes resolved where it lies in LINE.  Once for each. */
static struct span string_of(char *line, const struct json_member *member) {
    char *text = line + (member->value.data - line);

    return (struct span){text, member->escaped ? json_unescape(text, member->value.size) : member->value.size};
}

static bool is_word(char *line, const struct json_member *member, const char *word) {
    return member->kind == JSON_STRING && span_equal(string_of(line, member), span_of(word));
}

static bool are_strings(const struct json_member *members, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (members[i].kind != JSON_STRING)
            return false;
    return true;
}

/* Finds the members.  RECORD_GOOD if all are there and each of its kind. */
static enum record_verdict find(struct members *found, struct signed_record *record, char *line, size_t size) {
    struct json_member *outer = found->outer, *inner = found->inner;

    *found = (struct members){
        .outer = {[TYPE] = {.name = SPAN("type")},
                  [ID] = {.name = SPAN("id")},
                  [FROM] = {.name = SPAN("from")},
                  [TIME] = {.name = SPAN("time")},
                  [TEXT] = {.name = SPAN("text")},
                  [FINGERPRINT] = {.name = SPAN("fingerprint")},
                  [SIGNED] = {.name = SPAN("signed")},
                  [SIGNATURE] = {.name = SPAN("signature")}},
        .inner = {[KEY] = {.name = SPAN("key")},
                  [RECIPIENT] = {.name = SPAN("recipient")},
                  [SESSION] = {.name = SPAN("session")},
                  [VALUE] = {.name = SPAN("value")}},
        .line = line,
    };
    if (size > SIGNED_RECORD_MAX)
        return verdict(record, RECORD_NONE, "too long for a message");
    if (json_scan(line, size, outer, OUTER) != PROTO_OK)
        return verdict(record, RECORD_NONE, "not one JSON object");
    if (!is_word(line, &outer[TYPE], "message"))
        return verdict(record, RECORD_NONE, "not a message");
    if (outer[SIGNED].kind != JSON_BOOLEAN || !span_equal(outer[SIGNED].value, SPAN("true")) ||
        outer[SIGNATURE].kind != JSON_OBJECT)
        return verdict(record, RECORD_NONE, "a message without a signature");
    if (outer[TIME].kind != JSON_INTEGER || outer[TIME].value.data[0] == '-' || outer[ID].kind != JSON_STRING ||
        outer[FROM].kind != JSON_STRING || outer[TEXT].kind != JSON_STRING || outer[FINGERPRINT].kind != JSON_STRING ||
        json_scan(outer[SIGNATURE].value.data, outer[SIGNATURE].value.size, inner, INNER) != PROTO_OK ||
        !are_strings(inner, INNER))
        return verdict(record, RECORD_NONE, "a message that lacks what its signature covers");
    return RECORD_GOOD;
}

static uint64_t integer_of(const struct json_member *member) {
    uint64_t value = 0;

    for (size_t i = 0; i < member->value.size; i++)
        value = value * 10 + (uint64_t)(member->value.data[i] - '0');
    return value;
}

/* Decodes the base64 of MEMBER, of at most SIZE bytes, to OUT. */
static bool decode(char *line, const struct json_member *member, uint8_t *out, size_t size, size_t *used) {
    /* Decoding needs room for the padding it will drop. */
    uint8_t scratch[CSC_RSA_MAX_SIZE + 2];
    struct span text = string_of(line, member);

    if (CSC_BASE64_SIZE(text.size) > sizeof(scratch) ||
        csc_base64_decode(scratch, used, text.data, text.size) != CSC_OK || *used > size)
        return false;
    memcpy(out, scratch, *used);
    return true;
}

/* Checks the signature with KEY, which is the record's. */
static enum record_verdict check_signature(struct signed_record *record, const struct members *found,
                                           const csc_public_key *key) {
    const struct json_member *outer = found->outer, *inner = found->inner;
    uint8_t sender[CSC_SHA256_SIZE], recipient[CSC_SHA256_SIZE], session[MESSAGE_SESSION_SIZE], value[CSC_RSA_MAX_SIZE];
    size_t session_size = 0, value_size = 0;
    struct signed_text text = {sender, recipient, session, .time = record->time};

    csc_public_key_fingerprint(key, record->fingerprint);
    if (!is_word(found->line, &outer[FINGERPRINT], record->fingerprint))
        return verdict(record, RECORD_BAD, "its fingerprint is not that of its key");
    if (!fingerprint_decode(recipient, string_of(found->line, &inner[RECIPIENT])))
        return verdict(record, RECORD_BAD, "its recipient is no fingerprint");
    if (!decode(found->line, &inner[SESSION], session, sizeof(session), &session_size) ||
        session_size != sizeof(session))
        return verdict(record, RECORD_BAD, "its session cannot be one");
    if (!decode(found->line, &inner[VALUE], value, sizeof(value), &value_size))
        return verdict(record, RECORD_BAD, "its signature cannot be one");
    csc_public_key_hash(key, sender);
    text.id = string_of(found->line, &outer[ID]);
    text.body = string_of(found->line, &outer[TEXT]);
    if (signed_text_verify(&text, key, value, value_size) != PROTO_OK)
        return verdict(record, RECORD_BAD, "the signature does not hold");
    return RECORD_GOOD;
}

enum record_verdict signed_record_check(struct signed_record *record, char *line, size_t size) {
    struct members found;
    csc_public_key *key = NULL;
    struct span text;
    enum record_verdict result;
    int rc;

    *record = (struct signed_record){.why = NULL};
    if ((result = find(&found, record, line, size)) != RECORD_GOOD)
        return result;
    text = string_of(line, &found.outer[FROM]);
    if (!name_is_valid(text))
        return verdict(record, RECORD_NONE, "a message from nobody");
    name_copy(record->from, text);
    record->time = integer_of(&found.outer[TIME]);
    text = string_of(line, &found.inner[KEY]);
    if ((rc = csc_public_key_from_pem(&key, text.data, text.size)) != CSC_OK)
        return rc == CSC_ERR_MEMORY ? verdict(record, RECORD_FAILED, csc_strerror(rc))
                                    : verdict(record, RECORD_BAD, "its key is none");
    result = check_signature(record, &found, key);
    csc_public_key_free(key);
    return result;
}
