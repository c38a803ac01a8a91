/*
 * The handshake of a client with the server.  The first byte says which of its four messages comes from the input, or
 * has some of its bytes changed as the input says.
 */
#include <config.h>

#include "proto/error.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"
#include "t/pump.h"

#include <stdlib.h>

const char *const fuzz_name = "link";

static struct identity adam, relay;

/* What one side does with the bytes that have come; false when it is over. */
static bool step(struct link *link, struct buffer *out) {
    struct link_event event;
    int result = link_next(link, &event);

    if (result == 0)
        return true;
    if (result < 0) {
        FUZZ_MUST(result != PROTO_E_MEMORY && result != PROTO_E_CRYPTO && link_state(link) == LINK_CLOSED);
        return false;
    }
    switch (event.type) {
    case LINK_EVENT_OFFER:
        FUZZ_MUST(name_is_valid(span_of(link_peer_name(link))) && strlen(link_peer_fingerprint(link)) == 50);
        result = link_accept(link, out);
        break;
    case LINK_EVENT_PROOF:
        result = link_verify(link);
        if (result == PROTO_OK)
            result = link_register(link, 7, out);
        break;
    case LINK_EVENT_ERROR:
        FUZZ_MUST(link_state(link) == LINK_CLOSED && strlen(event.text) < sizeof(event.text));
        return false;
    default:
        result = PROTO_OK;
    }
    FUZZ_MUST(result != PROTO_E_MEMORY && result != PROTO_E_CRYPTO && result != PROTO_E_STATE);
    return result == PROTO_OK;
}

/* The object in a line, without what may stand around it. */
static struct span object_of(struct span line) {
    while (line.size > 0 && line.data[0] != '{')
        line = (struct span){line.data + 1, line.size - 1};
    while (line.size > 0 && line.data[line.size - 1] != '}')
        line.size--;
    return line;
}

/* Overwrites pieces of LINE: each has its place in two bytes, its length in one, and the bytes. */
static void patch(struct buffer *line, struct fuzz_input input) {
    while (input.size > 0) {
        const size_t high = fuzz_byte(&input), at = high << 8 | fuzz_byte(&input);
        const struct fuzz_input bytes = fuzz_bytes(&input, 1 + fuzz_byte(&input) % 16u);

        for (size_t i = 0; i < bytes.size && at + i < line->size; i++)
            buffer_data(line)[at + i] = bytes.data[i];
    }
}

/* Puts what the input says in the place of the message in LINE.  True if it is another object then. */
static bool spoil(struct buffer *line, bool replace, struct fuzz_input input) {
    char *before = copy_exact(buffer_data(line), line->size);
    const struct span made = {before, line->size};
    bool changed;

    if (replace) {
        buffer_truncate(line, 0);
        require(buffer_append(line, input.data, input.size) == PROTO_OK, "room for an input");
    } else {
        patch(line, input);
    }
    changed = !span_equal(object_of(made), object_of(buffer_span(line)));
    free(before);
    return changed;
}

/* Runs the handshake with message number SPOILT being as INPUT says.  True if that changed what is hashed as a whole.
 */
static bool run(struct link_pair *pair, unsigned spoilt, bool replace, struct fuzz_input input) {
    bool changed = false, going = true;

    for (unsigned phase = 1; phase <= 4 && going; phase++) {
        const bool to_server = phase % 2 == 1;
        struct buffer *from = to_server ? &pair->to_server : &pair->to_client;
        struct buffer *back = to_server ? &pair->to_client : &pair->to_server;

        if (phase == spoilt)
            changed = spoil(from, replace, input) && phase <= 2;
        link_feed(to_server ? pair->server : pair->client, from, SIZE_MAX);
        buffer_truncate(from, 0);
        going = step(to_server ? pair->server : pair->client, back);
    }
    return changed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct suite_list all = SUITE_LIST_ALL;
    struct fuzz_input input = {data, size};
    const uint8_t what = fuzz_byte(&input);
    struct link_pair pair;
    bool changed, established;

    if (adam.key == NULL) {
        identity_load(&adam, "adam");
        identity_load(&relay, "relay");
    }
    fuzz_reset_random();
    link_pair_make(&pair, &adam, &relay, &all, &all);
    changed = run(&pair, 1u + what % 4u, what / 4 % 2 == 0, input);
    established = link_state(pair.client) == LINK_ESTABLISHED;
    FUZZ_MUST(!established || link_state(pair.server) == LINK_ESTABLISHED);
    FUZZ_MUST(!changed || (!established && link_state(pair.server) != LINK_ESTABLISHED));
    link_pair_free(&pair);
    return 0;
}
