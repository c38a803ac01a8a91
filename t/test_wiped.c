/* What buffers and ratchets leave in memory that they give back: nothing of what they held. */
#include <config.h>

#include "proto/error.h"
#include "proto/ratchet.h"
#include "t/failing_malloc.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>

#define SECRET "a text that is confidential"

/* No byte of these keys is zero, so that they can be looked for as strings. */
static const uint8_t root[] = "the root key has 32 bytes of text", transcript[] = "the transcript has also that many",
                     secrets[2][CSC_X25519_SIZE + 1] = {"the key of Adam, made of 32 bytes",
                                                        "Eve has another of the same size."};

static void test_buffer(void) {
    struct buffer buffer = BUFFER_INIT(1 << 20);

    (void)failing_malloc_unwiped(SECRET);
    for (size_t i = 0; i < 1000; i++)
        require(buffer_append(&buffer, SECRET, strlen(SECRET)) == PROTO_OK, "a buffer grows");
    IS_INT(failing_malloc_unwiped(SECRET), 0, "what a buffer has outgrown is wiped");
    buffer_free(&buffer);
    IS_INT(failing_malloc_unwiped(SECRET), 0, "and what is freed");
    require(buffer_append(&buffer, "before " SECRET, strlen("before " SECRET)) == PROTO_OK, "a text");
    buffer_consume(&buffer, buffer.size);
    require(buffer_append(&buffer, "x", 1) == PROTO_OK, "something shorter");
    buffer_free(&buffer);
    IS_INT(failing_malloc_unwiped(NULL), 0, "and what was there before what is held");
}

/* A side's ratchet, and a copy of its secret as a string. */
static struct ratchet *make_ratchet(bool initiator, char secret[static CSC_X25519_SIZE + 1]) {
    uint8_t peer[CSC_X25519_SIZE];
    struct ratchet *made = NULL;

    memcpy(secret, secrets[initiator], CSC_X25519_SIZE);
    secret[CSC_X25519_SIZE] = '\0';
    csc_x25519_public(peer, secrets[!initiator]);
    require(ratchet_new(&made, &(struct ratchet_config){.suite = SUITE_AES_256,
                                                        .transcript = transcript,
                                                        .root = root,
                                                        .secret = secrets[initiator],
                                                        .peer = peer,
                                                        .initiator = initiator}) == PROTO_OK,
            "a ratchet");
    return made;
}

static void test_pair(void) {
    char secret[CSC_X25519_SIZE + 1];
    struct ratchet *adam = make_ratchet(true, secret);

    (void)failing_malloc_unwiped(secret);
    ratchet_free(adam);
    IS_INT(failing_malloc_unwiped(NULL), 0, "a ratchet that is freed leaves nothing of its keys");
}

/* The key of the first message of Adam's, as the protocol page derives it. */
static void first_key(char key[static CSC_SHA256_SIZE + 1]) {
    static const char info[] = "chatsecure/1 root";
    static const uint8_t one = 1;
    uint8_t peer[CSC_X25519_SIZE], shared[CSC_X25519_SIZE], prk[CSC_SHA256_SIZE], keys[2 * CSC_SHA256_SIZE];

    csc_x25519_public(peer, secrets[false]);
    require(csc_x25519(shared, secrets[true], peer) == CSC_OK, "a shared secret");
    csc_hkdf_extract(prk, root, CSC_SHA256_SIZE, shared, sizeof(shared));
    require(csc_hkdf_expand(keys, sizeof(keys), prk, info, sizeof(info) - 1) == CSC_OK, "a chain key");
    csc_hmac_sha256((uint8_t *)key, keys + CSC_SHA256_SIZE, CSC_SHA256_SIZE, &(struct csc_part){&one, 1}, 1);
    key[CSC_SHA256_SIZE] = '\0';
}

static void test_late_keys(void) {
    char secret[CSC_X25519_SIZE + 1], key[CSC_SHA256_SIZE + 1];
    struct ratchet *adam = make_ratchet(true, secret), *eve = make_ratchet(false, secret);
    struct buffer com = BUFFER_INIT(MESSAGE_PAYLOAD_MAX), text = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct message message;

    first_key(key);
    require(strlen(key) >= 8, "a key that can be looked for");
    (void)failing_malloc_unwiped(key);
    for (int i = 0; i < 2; i++) {
        buffer_truncate(&com, 0);
        require(ratchet_seal(adam, SPAN("Adam"), SPAN("Eve"), SPAN("id"), SPAN("text"), &com) == PROTO_OK, "a message");
    }
    require(message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&com), com.size) == PROTO_OK, "the second");
    IS_INT(ratchet_open(eve, &message, &text), PROTO_OK, "the second message comes before the first");
    message_free(&message);
    IS_INT(failing_malloc_unwiped(key), 0, "the key of the first is kept, and in one place");
    ratchet_free(eve);
    IS_INT(failing_malloc_unwiped(NULL), 0, "and wiped when it is freed");
    ratchet_free(adam);
    buffer_free(&com);
    buffer_free(&text);
}

int main(void) {
    test_buffer();
    test_pair();
    test_late_keys();
    return tap_done();
}
