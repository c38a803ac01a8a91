/*
 * The handshake of a client with the server, of whose four messages the first byte says which one comes from the input
 * instead.
 */
#include <config.h>

#include "proto/error.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"
#include "t/pump.h"

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

/* Runs the handshake with message number SWAPPED being INPUT.  True if that changed what is hashed as a whole. */
static bool run(struct link_pair *pair, unsigned swapped, struct fuzz_input input) {
    bool changed = false, going = true;

    for (unsigned phase = 1; phase <= 4 && going; phase++) {
        const bool to_server = phase % 2 == 1;
        struct buffer *from = to_server ? &pair->to_server : &pair->to_client;
        struct buffer *back = to_server ? &pair->to_client : &pair->to_server;

        if (phase == swapped) {
            const struct span made = {(const char *)input.data, input.size};

            changed = phase <= 2 && !span_equal(object_of(made), object_of(buffer_span(from)));
            buffer_truncate(from, 0);
            require(buffer_append(from, input.data, input.size) == PROTO_OK, "room for an input");
        }
        link_feed(to_server ? pair->server : pair->client, from, SIZE_MAX);
        buffer_truncate(from, 0);
        going = step(to_server ? pair->server : pair->client, back);
    }
    return changed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct suite_list all = SUITE_LIST_ALL;
    struct fuzz_input input = {data, size};
    struct link_pair pair;
    bool changed, established;

    if (adam.key == NULL) {
        identity_load(&adam, "adam");
        identity_load(&relay, "relay");
    }
    fuzz_reset_random();
    link_pair_make(&pair, &adam, &relay, &all, &all);
    changed = run(&pair, 1u + fuzz_byte(&input) % 4u, input);
    established = link_state(pair.client) == LINK_ESTABLISHED;
    FUZZ_MUST(!established || link_state(pair.server) == LINK_ESTABLISHED);
    FUZZ_MUST(!changed || (!established && link_state(pair.server) != LINK_ESTABLISHED));
    link_pair_free(&pair);
    return 0;
}
