#include <config.h>

#include "src/bench/limits.h"

#include "proto/line.h"
#include "src/bench/flow.h"

#include <stdlib.h>

/* Lines that are sealed beforehand, so that only the relay's part is timed; and how often. */
#define BATCH   64
#define BATCHES 200

#define RSA_OPERATIONS 40

/* ---- a relay without sockets ----------------------------------------------------------------------- */

/* The two connections of a relay, and the client that sends. */
struct bare_relay {
    struct channel_sender *client;
    struct channel_receiver *receiver;
    struct channel_sender *sender;
    struct buffer payload;
    struct line_reader input;
    struct buffer output;
};

static int bare_relay_init(struct bare_relay *relay, const struct traffic *traffic) {
    uint8_t keys[4][CSC_SYMKEY_SIZE] = {0};

    *relay = (struct bare_relay){.payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX)};
    relay->input.input = relay->output = BUFFER_INIT((size_t)BATCH * LINE_MAX_SESSION);
    if (csc_random_secret(keys, sizeof(keys)) != 0 ||
        channel_sender_new(&relay->client, SUITE_AES_256, keys[0], keys[1]) != 0 ||
        channel_receiver_new(&relay->receiver, SUITE_AES_256, keys[0], keys[1]) != 0 ||
        channel_sender_new(&relay->sender, SUITE_AES_256, keys[2], keys[3]) != 0)
        return -1;
    return flow_write_opaque(&relay->payload, SPAN("bench-0"), SPAN("bench-1"), traffic->size);
}

static void bare_relay_free(struct bare_relay *relay) {
    channel_sender_free(relay->client);
    channel_receiver_free(relay->receiver);
    channel_sender_free(relay->sender);
    buffer_free(&relay->payload);
    line_reader_free(&relay->input);
    buffer_free(&relay->output);
}

static int fill(struct bare_relay *relay) {
    for (size_t i = 0; i < BATCH; i++)
        if (channel_seal(relay->client, buffer_span(&relay->payload), &relay->input.input) != 0)
            return -1;
    return 0;
}

static int relay_batch(struct bare_relay *relay) {
    char *line = NULL;
    char *payload = NULL;
    size_t line_size = 0;
    size_t size = 0;

    buffer_truncate(&relay->output, 0);
    while (line_next(&relay->input, LINE_MAX_SESSION, &line, &line_size) > 0) {
        struct route route;

        if (channel_open(relay->receiver, line, line_size, &payload, &size) != 0 ||
            message_route(&route, payload, size) != 0 ||
            channel_seal(relay->sender, (struct span){payload, size}, &relay->output) != 0)
            return -1;
    }
    return 0;
}

int limit_crypto(const struct traffic *traffic, double *microseconds, struct diagnostic *why) {
    struct bare_relay relay;
    uint64_t taken = 0;
    int error = bare_relay_init(&relay, traffic);

    for (size_t i = 0; i < BATCHES && error == 0; i++) {
        uint64_t begun = 0;

        error = fill(&relay);
        begun = usage_thread_ns();
        if (error == 0)
            error = relay_batch(&relay);
        taken += usage_thread_ns() - begun;
    }
    bare_relay_free(&relay);
    if (error != 0)
        diagnostic_set(why, "the limit of the cryptography cannot be measured");
    *microseconds = (double)taken / 1e3 / (BATCH * BATCHES);
    return error != 0 ? -1 : 0;
}

/* ---- the RSA private operation --------------------------------------------------------------------- */

static int decrypt_often(const csc_private_key *key, double *microseconds) {
    static const uint8_t message[48];
    uint8_t ciphertext[CSC_RSA_MAX_SIZE] = {0};
    uint8_t plain[sizeof(message)] = {0};
    csc_public_key *public_key = NULL;
    uint64_t begun = 0;
    int error = csc_private_key_public(key, &public_key);

    if (error == 0)
        error = csc_oaep_encrypt(public_key, "", 0, message, sizeof(message), ciphertext);
    begun = usage_thread_ns();
    for (size_t i = 0; i < RSA_OPERATIONS && error == 0; i++)
        error = csc_oaep_decrypt_secret(key, "", 0, ciphertext, csc_private_key_size(key), plain, sizeof(plain));
    *microseconds = (double)(usage_thread_ns() - begun) / 1e3 / RSA_OPERATIONS;
    csc_public_key_free(public_key);
    return error;
}

int limit_rsa(const char *path, double *microseconds, struct diagnostic *why) {
    csc_private_key *key = NULL;
    int error = csc_private_key_load(&key, path, NULL);

    if (error == 0)
        error = decrypt_often(key, microseconds);
    csc_private_key_free(key);
    if (error != 0)
        diagnostic_set(why, "the limit of RSA cannot be measured: %s", csc_strerror(error));
    return error != 0 ? -1 : 0;
}
