/* proto/conversation_signing.c and proto/signed_text.c: texts with signatures, and what comes of one that is wrong. The
 * signer and the writer of texts are replaced at link time, to count and to spoil what they make. */
#include <config.h>

#include "proto/signed_text.h"
#include "t/conversation_fixture.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what is replaced ---- */

int __real_csc_pss_sign(const csc_private_key *key, const struct csc_part *parts, size_t count, uint8_t *signature);
int __wrap_csc_pss_sign(const csc_private_key *key, const struct csc_part *parts, size_t count, uint8_t *signature);
int __real_message_write_text(struct buffer *out, const struct text_fields *fields);
int __wrap_message_write_text(struct buffer *out, const struct text_fields *fields);

static unsigned made;                    /* signatures */
static const csc_private_key *other_key; /* signs instead, unless it is NULL */
static unsigned spoils;                  /* signatures to change a bit of */
static bool fails;                       /* no signature can be made */
static const char *replacement;          /* what a signature begins with in the text that is sent, or NULL */

int __wrap_csc_pss_sign(const csc_private_key *key, const struct csc_part *parts, size_t count, uint8_t *signature) {
    int rc = __real_csc_pss_sign(other_key != NULL ? other_key : key, parts, count, signature);

    made++;
    if (spoils > 0) {
        spoils--;
        signature[100] ^= 0x10;
    }
    return fails ? CSC_ERR_RANDOM : rc;
}

int __wrap_message_write_text(struct buffer *out, const struct text_fields *fields) {
    static const char member[] = "\"signature\":";
    static const uint8_t none_yet[CSC_RSA_MAX_SIZE];
    const bool spoil = replacement != NULL && fields->signature != NULL &&
                       memcmp(fields->signature, none_yet, fields->signature_size) != 0;
    size_t before = out->size;
    int error = __real_message_write_text(out, fields);

    for (size_t i = before; error == PROTO_OK && spoil && i + sizeof(member) < out->size; i++)
        if (memcmp(buffer_data(out) + i, member, sizeof(member) - 1) == 0)
            memcpy(buffer_data(out) + i + sizeof(member) - 1, replacement, strlen(replacement));
    return error;
}

/* ---- a text that is signed ---- */

static void append_prefixed(struct buffer *out, const void *data, size_t size) {
    const uint8_t length[4] = {0, 0, (uint8_t)(size >> 8), (uint8_t)size};

    if (buffer_append(out, length, sizeof(length)) != PROTO_OK || buffer_append(out, data, size) != PROTO_OK)
        abort();
}

static void append_hash(struct buffer *out, const struct identity *identity) {
    uint8_t hash[CSC_SHA256_SIZE];
    csc_public_key *key = NULL;

    if (csc_public_key_from_pem(&key, identity->pem, strlen(identity->pem)) != CSC_OK)
        abort();
    csc_public_key_hash(key, hash);
    csc_public_key_free(key);
    append_prefixed(out, hash, sizeof(hash));
}

/* The bytes that the protocol page has for a text from Adam to Eve, written down again. */
static void compose(struct buffer *out, const struct pump *pump, const char *id, const char *body) {
    static const uint8_t time[8] = {0, 0, 1, 0x58, 0x96, 0xdf, 0xd0, 0}; /* 1480000000000 */

    append_prefixed(out, "chatsecure/1 message", 20);
    append_hash(out, &adam);
    append_hash(out, &eve);
    append_prefixed(out, pump->eve.signature.session, MESSAGE_SESSION_SIZE);
    append_prefixed(out, id, strlen(id));
    if (buffer_append(out, time, sizeof(time)) != PROTO_OK)
        abort();
    append_prefixed(out, body, strlen(body));
}

/* The record of Eve's last text, with the key in it, proves BODY. */
static int verdict(const struct pump *pump, const char *body) {
    const struct text_signature *signature = &pump->eve.signature;
    struct buffer bytes = BUFFER_INIT(65536);
    csc_public_key *key = NULL;
    int rc = csc_public_key_from_pem(&key, signature->key, strlen(signature->key));

    compose(&bytes, pump, party_last(&pump->eve, CONVERSATION_EVENT_TEXT)->id, body);
    if (rc == CSC_OK)
        rc = csc_pss_verify(key, &(struct csc_part){buffer_data(&bytes), bytes.size}, 1, signature->value,
                            signature->size);
    csc_public_key_free(key);
    buffer_free(&bytes);
    return rc;
}

static void test_signed(struct pump *pump) {
    made = 0;
    pump_send(pump, &pump->adam, 1, "deniable");
    pump_run(pump);
    IS_INT(pump->eve.signature.size, 0, "a text has no signature");
    IS_INT(made, 0, "and none is made");
    pump->adam.signs = true;
    pump_send(pump, &pump->adam, 2, "signed");
    pump_run(pump);
    OK(texts_are(&pump->eve, "deniable\nsigned\n"), "unless it is to have one: then it arrives");
    IS_INT(pump->eve.signature.size, 256, "with it");
    IS_INT(made, 1, "made once");
    IS_STR(pump->eve.signature.key, adam.pem, "with its sender's key");
    IS_STR(pump->eve.signature.recipient, eve.fingerprint, "and whom it was for");
    IS_INT(verdict(pump, "signed"), CSC_OK, "it is good for the bytes that the page names");
    IS_INT(verdict(pump, "Signed"), CSC_ERR_SIGNATURE, "and for no others");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 2, "receipts come for both");
}

static void test_expires(struct pump *pump) {
    const struct conversation_text text = {
        .token = 1, .body = SPAN("soon"), .time = 1480000000000, .expires = 1480000060000, .sign = true};

    IS_INT(conversation_send(pump->adam.conversation, &text, pump->now), PROTO_OK, "a text that expires is signed");
    pump_run(pump);
    OK(texts_are(&pump->eve, "soon\n"), "it arrives");
    IS_INT(party_last(&pump->eve, CONVERSATION_EVENT_TEXT)->expires, 1480000060000, "and expires when it was to");
    IS_INT(verdict(pump, "soon"), CSC_OK, "its signature is good");
}

static void test_both_sign(struct pump *pump) {
    pump->adam.signs = pump->eve.signs = true;
    pump_send(pump, &pump->adam, 1, "one");
    pump_send(pump, &pump->eve, 2, "two");
    pump_run(pump);
    OK(texts_are(&pump->eve, "one\n") && texts_are(&pump->adam, "two\n"), "both sides sign");
    IS_STR(pump->adam.signature.key, eve.pem, "each with its key");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_VIOLATION) +
               party_count(&pump->eve, CONVERSATION_EVENT_VIOLATION),
           0, "and nobody minds");
}

/* ---- sent again ---- */

static void test_new_session(struct pump *pump) {
    uint8_t session[MESSAGE_SESSION_SIZE];
    char id[MESSAGE_ID_MAX + 1];

    made = 0;
    pump->adam.signs = pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    memcpy(session, pump->eve.signature.session, sizeof(session));
    snprintf(id, sizeof(id), "%s", party_last(&pump->eve, CONVERSATION_EVENT_TEXT)->id);
    pump->eve.keeps_receipts = false;
    pump_restart(pump, &pump->eve);
    pump_send(pump, &pump->adam, 2, "two");
    pump_run(pump);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 2, "a new session has both texts");
    IS_INT(made, 4, "signed anew for it");
    OK(memcmp(session, pump->eve.signature.session, sizeof(session)) != 0, "with its name");
    IS_INT(verdict(pump, "two"), CSC_OK, "which the signature is good for");
    IS_STR(pump->eve.events[pump->eve.event_count - 2].id, id, "and with the same id");
}

static void test_same_session(struct pump *pump) {
    made = 0;
    pump->adam.signs = true;
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    pump->eve.full = true;
    pump_send(pump, &pump->adam, 2, "two");
    pump_run(pump);
    pump->eve.full = false;
    for (unsigned i = 0; i < 10; i++)
        pump_wait(pump, 100);
    OK(texts_are(&pump->eve, "one\ntwo\n"), "what the relay refused for a while is sent again");
    IS_INT(made, 2, "as it was");
}

/* ---- signatures that do not hold ---- */

/* Adam sends a text that Eve refuses, and then a good one. */
static void refused(struct pump *pump, const char *why) {
    const size_t violations = party_count(&pump->eve, CONVERSATION_EVENT_VIOLATION);
    const size_t failures = party_count(&pump->adam, CONVERSATION_EVENT_FAILED);
    const struct conversation_event *failed;

    pump->passed = 0;
    IS_INT(pump_send(pump, &pump->adam, failures, "bad"), PROTO_OK, "%s: the text is sent", why);
    pump_run(pump);
    pump_wait(pump, 20000);
    OK(texts_are(&pump->eve, ""), "and not shown");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_VIOLATION), violations + 1, "once is told that one was bad");
    IS_INT(party_last(&pump->eve, CONVERSATION_EVENT_VIOLATION)->error, PROTO_E_INTEGRITY, "as an integrity failure");
    failed = party_last(&pump->adam, CONVERSATION_EVENT_FAILED);
    OK(failed != NULL && failed->token == failures && failed->failure == FAILURE_SIGNATURE, "its sender hears of it");
    OK(pump->passed < 10, "and does not send it again");
    IS_INT(conversation_pending(pump->adam.conversation), 0, "nothing is left");

    other_key = NULL;
    replacement = NULL;
    pump_send(pump, &pump->adam, 999, "good");
    pump_run(pump);
    OK(texts_are(&pump->eve, "good\n"), "the session goes on");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_READY), 1, "which is the same");
    buffer_truncate(&pump->eve.texts, 0);
}

static void test_bad_signatures(struct pump *pump) {
    pump->adam.signs = true;
    spoils = 1;
    refused(pump, "a bit is wrong");
    other_key = mallory.key;
    refused(pump, "another key has signed");
    replacement = "\"!";
    refused(pump, "it is not base64");
    replacement = "\"\",\"x\":\"";
    refused(pump, "it is empty");
    replacement = "12,\"x\":\"";
    refused(pump, "it is a number");
    replacement = "null,\"x\":\"";
    refused(pump, "it is null");
    replacement = "\"AAAA\",\"x\":\"";
    refused(pump, "it is short");
}

static void test_one_of_many(struct pump *pump) {
    pump->adam.signs = true;
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    spoils = 1;
    pump_send(pump, &pump->adam, 2, "two");
    pump_send(pump, &pump->adam, 3, "three");
    pump->adam.signs = false;
    pump_send(pump, &pump->adam, 4, "four");
    pump_run(pump);
    OK(texts_are(&pump->eve, "one\nthree\nfour\n"), "a bad one among others is left out");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 3, "the others have their receipts");
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_FAILED)->token, 2, "and it has none");
}

/* The answer of another implementation, or of a relay that makes one up. */
static void give_bad_signature(struct pump *pump, const uint8_t *session, const char *id) {
    IS_INT(pass_disconnect(pump, &pump->adam, &pump->eve, "bad-signature", session, id), PROTO_OK,
           "client-disconnect bad-signature is taken");
}

static void test_answers(struct pump *pump) {
    static const uint8_t other_session[MESSAGE_SESSION_SIZE] = {1};

    pump->eve.keeps_receipts = true;
    pump_send(pump, &pump->adam, 1, "not signed");
    pump->adam.signs = true;
    pump_send(pump, &pump->adam, 2, "signed");
    pump_run(pump);
    give_bad_signature(pump, other_session, "");
    give_bad_signature(pump, NULL, "some-other-id");
    IS_INT(conversation_pending(pump->adam.conversation), 2, "about another session or message, it changes nothing");
    give_bad_signature(pump, pump->eve.signature.session, "");
    IS_INT(conversation_pending(pump->adam.conversation), 1, "about none it is about all that are signed");
    IS_INT(party_last(&pump->adam, CONVERSATION_EVENT_FAILED)->token, 2, "which fail");
    pump_restart(pump, &pump->adam);
    give_bad_signature(pump, NULL, "");
    IS_INT(conversation_pending(pump->adam.conversation), 0, "nothing comes of it without a session");
}

/* ---- this side's limits ---- */

static void test_room(struct pump *pump) {
    char *body = calloc(1, MESSAGE_BODY_MAX + 1);
    size_t escapes = 0;

    memset(body, 'x', MESSAGE_BODY_MAX);
    pump->adam.signs = true;
    IS_INT(pump_send(pump, &pump->adam, 1, body), PROTO_OK, "the longest body has room for a signature");
    /* As many escapes as fit without a signature. */
    pump->adam.signs = false;
    do
        body[escapes++] = '"';
    while (pump_send(pump, &pump->adam, 2, body) == PROTO_OK);
    body[--escapes] = 'x';
    pump->adam.signs = true;
    IS_INT(pump_send(pump, &pump->adam, 3, body), PROTO_E_TOO_LARGE,
           "one that fills a message with its escapes has not");
    memset(body + 2700, 'x', escapes - 2700);
    IS_INT(pump_send(pump, &pump->adam, 4, body), PROTO_OK, "one with fewer has");
    conversation_free(pump->adam.conversation);
    pump->adam.conversation = NULL;
    pump_restart(pump, &pump->adam);
    IS_INT(pump_send(pump, &pump->adam, 5, body), PROTO_OK, "as it has in a new conversation");
    pump_run(pump);
    OK(pump->eve.texts.size == MESSAGE_BODY_MAX + 1 &&
           memcmp(buffer_data(&pump->eve.texts), body, MESSAGE_BODY_MAX) == 0,
       "where it arrives whole");
    free(body);
}

static void test_no_signature(struct pump *pump) {
    pump_send(pump, &pump->adam, 1, "one");
    pump_run(pump);
    fails = true;
    pump->adam.signs = true;
    IS_INT(pump_send(pump, &pump->adam, 2, "two"), PROTO_E_CRYPTO,
           "a signature that cannot be made is this side's trouble");
    fails = false;
    pump_run(pump);
    OK(texts_are(&pump->eve, "one\n"), "and nothing is sent");
}

int main(void) {
    fixture_begin();
    RUN(test_signed);
    RUN(test_expires);
    RUN(test_both_sign);
    RUN(test_new_session);
    RUN(test_same_session);
    RUN(test_bad_signatures);
    RUN(test_one_of_many);
    RUN(test_answers);
    RUN(test_room);
    RUN(test_no_signature);
    return fixture_done();
}
