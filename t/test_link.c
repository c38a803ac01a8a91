/* A client's and a server's link back to back, and each message in each state of both. */
#include <config.h>

#include "proto/handshake.h"
#include "t/pump.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

static struct identity adam, relay;
static const struct suite_list all = SUITE_LIST_ALL;

/* ---- the way it should be ------------------------------------------------------------------------ */

/* Sends PAYLOAD from one link to the other and checks that it arrives. */
static void check_payload(struct link *from, struct link *to, struct span payload, const char *what) {
    struct buffer line = BUFFER_INIT(LINE_INPUT_LIMIT);
    struct link_event event = {.payload = NULL};

    IS_INT(link_seal(from, payload, &line), PROTO_OK, "%s is sealed", what);
    link_feed(to, &line, SIZE_MAX);
    IS_INT(link_next(to, &event), 1, "and arrives");
    OK(event.type == LINK_EVENT_PAYLOAD && span_equal((struct span){event.payload, event.payload_size}, payload),
       "as it was");
    buffer_free(&line);
}

static void test_session(void) {
    struct link_pair pair;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    IS_INT(link_pair_connect(&pair), PROTO_OK, "client and server make a session");
    IS_STR(link_peer_name(pair.server), "Adam", "the server knows the name");
    IS_STR(link_peer_name(pair.client), "relay", "the client knows the server's");
    IS_STR(link_peer_fingerprint(pair.server), adam.fingerprint, "the server knows the key");
    IS_STR(link_peer_fingerprint(pair.client), relay.fingerprint, "the client too");
    IS_INT(link_session_id(pair.client), 7, "the number of the session");
    IS_INT(link_suite(pair.client), SUITE_AES_256, "the strongest suite");
    IS_INT(link_suite(pair.server), SUITE_AES_256, "on both sides");
    for (unsigned i = 0; i < 3; i++) {
        check_payload(pair.client, pair.server, SPAN("{\"type\":\"list\"}"), "a payload to the server");
        check_payload(pair.server, pair.client, SPAN("{\"type\":\"bye\"}"), "a payload to the client");
    }
    OK(!link_partial(pair.client) && !link_partial(pair.server), "nothing is left over");
    link_pair_free(&pair);
}

static void test_bytewise(void) {
    struct link_pair pair;
    struct link_event event;
    int result = 0;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    while (pair.to_server.size > 0 && result == 0) {
        link_feed(pair.server, &pair.to_server, 1);
        result = link_next(pair.server, &event);
    }
    OK(result == 1 && event.type == LINK_EVENT_OFFER && pair.to_server.size == 0,
       "phase 1 byte by byte is an offer at its last byte");
    link_pair_free(&pair);
}

static void check_suites(struct suite_list client, struct suite_list server, int result, enum suite suite,
                         const char *what) {
    struct link_pair pair;

    link_pair_make(&pair, &adam, &relay, &client, &server);
    IS_INT(link_pair_connect(&pair), result, "%s", what);
    if (result == PROTO_OK)
        IS_INT(link_suite(pair.client), suite, "and use %s", suite_short_name(suite));
    link_pair_free(&pair);
}

static void test_suites(void) {
    const struct suite_list strong = {{SUITE_AES_256}, 1}, weak = {{SUITE_AES_128}, 1};
    const struct suite_list weak_first = {{SUITE_AES_128, SUITE_AES_256}, 2};

    check_suites(weak, all, PROTO_OK, SUITE_AES_128, "a client that has AES-128 only connects");
    check_suites(all, weak, PROTO_OK, SUITE_AES_128, "to a server that has AES-128 only");
    check_suites(weak_first, all, PROTO_OK, SUITE_AES_256, "the server's preference counts");
    check_suites(strong, weak, PROTO_E_SUITE, SUITE_AES_256, "nothing in common is an error");
}

/* ---- what a stranger on the way can do --------------------------------------------------------------- */

/* Changes one byte of the handshake on its way; the session must not come to be, or be the same. */
static void test_changed_bytes(void) {
    static const char *const places[] = {
        "\"version\":1", "\"id\":\"",      "\"dh\":\"",
        "\"secret\":\"", "\"confirm\":\"", "BEGIN PUBLIC KEY-----\\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
        "AES-128-CBC"};
    unsigned changed = 0, survived = 0;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (unsigned phase = 1; phase <= 3; phase++) {
            struct link_pair pair;
            struct buffer *way;
            char *place;

            link_pair_make(&pair, &adam, &relay, &all, &all);
            for (unsigned step = 1; step < phase; step++) {
                struct link_event event;
                struct link *reader = step == 1 ? pair.server : pair.client;

                link_feed(reader, step == 1 ? &pair.to_server : &pair.to_client, SIZE_MAX);
                if (link_next(reader, &event) != 1 ||
                    link_accept(reader, step == 1 ? &pair.to_client : &pair.to_server) != PROTO_OK)
                    break;
            }
            way = phase == 2 ? &pair.to_client : &pair.to_server;
            if (buffer_append(way, "", 1) != PROTO_OK)
                break;
            buffer_truncate(way, way->size - 1);
            place = strstr((char *)buffer_data(way), places[i]);
            if (place != NULL) {
                char *byte = place + strlen(places[i]) - (places[i][strlen(places[i]) - 1] == '1');

                *byte = *byte == 'A' ? 'B' : *byte == '1' ? '2' : 'A';
                changed++;
                if (link_pair_connect(&pair) == PROTO_OK) {
                    tap_diag("survived: %s in phase %u", places[i], phase);
                    survived++;
                }
            }
            link_pair_free(&pair);
        }
    }
    OK(changed > 10, "%u handshakes were changed on their way", changed);
    IS_INT(survived, 0, "no changed handshake leads to a session");
}

static void test_name_taken(void) {
    struct link_pair pair;
    struct link_event event;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    link_feed(pair.server, &pair.to_server, SIZE_MAX);
    IS_INT(link_next(pair.server, &event), 1, "an offer");
    IS_INT(link_refuse(pair.server, WIRE_NAME_TAKEN, &pair.to_client), PROTO_OK, "is refused");
    IS_INT(link_next(pair.server, &event), PROTO_E_STATE, "which closes the link");
    link_feed(pair.client, &pair.to_client, SIZE_MAX);
    IS_INT(link_next(pair.client, &event), 1, "the client hears it");
    OK(event.type == LINK_EVENT_ERROR && event.code == WIRE_NAME_TAKEN, "with its reason");
    IS_INT(link_state(pair.client), LINK_CLOSED, "and is closed too");
    link_pair_free(&pair);
}

static void test_last_error(void) {
    struct link_pair pair;
    struct link_event event;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    IS_INT(link_pair_connect(&pair), PROTO_OK, "a session");
    IS_INT(link_refuse(pair.server, WIRE_TIMEOUT, &pair.to_client), PROTO_OK, "ends with a plain error");
    link_feed(pair.client, &pair.to_client, SIZE_MAX);
    OK(link_next(pair.client, &event) == 1 && event.type == LINK_EVENT_ERROR && event.code == WIRE_TIMEOUT,
       "which the client hears");
    IS_INT(link_next(pair.client, &event), PROTO_E_STATE, "as the last thing");
    link_pair_free(&pair);
}

static void test_replayed_line(void) {
    struct link_pair pair;
    struct buffer line = BUFFER_INIT(LINE_INPUT_LIMIT), copy = BUFFER_INIT(LINE_INPUT_LIMIT);
    struct link_event event;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    OK(link_pair_connect(&pair) == PROTO_OK && link_seal(pair.client, SPAN("{\"type\":\"list\"}"), &line) == PROTO_OK &&
           buffer_append(&copy, buffer_data(&line), line.size) == PROTO_OK,
       "a line of a session");
    link_feed(pair.server, &line, SIZE_MAX);
    IS_INT(link_next(pair.server, &event), 1, "opens once");
    link_feed(pair.server, &copy, SIZE_MAX);
    IS_INT(link_next(pair.server, &event), PROTO_E_INTEGRITY, "and not twice");
    buffer_free(&line);
    buffer_free(&copy);
    link_pair_free(&pair);
}

static void test_reflected_line(void) {
    struct link_pair pair;
    struct buffer line = BUFFER_INIT(LINE_INPUT_LIMIT);
    struct link_event event;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    OK(link_pair_connect(&pair) == PROTO_OK && link_seal(pair.client, SPAN("{\"type\":\"list\"}"), &line) == PROTO_OK,
       "a line of the client's");
    link_feed(pair.client, &line, SIZE_MAX);
    IS_INT(link_next(pair.client, &event), PROTO_E_INTEGRITY, "does not come back as the server's");
    buffer_free(&line);
    link_pair_free(&pair);
}

static void test_long_line(void) {
    for (unsigned session = 0; session < 2; session++) {
        const size_t limit = session ? LINE_MAX_SESSION : LINE_MAX_HANDSHAKE;
        struct link_pair pair;
        struct buffer bytes = BUFFER_INIT(LINE_MAX_SESSION);
        struct link_event event;
        uint8_t *room;

        link_pair_make(&pair, &adam, &relay, &all, &all);
        if (session)
            OK(link_pair_connect(&pair) == PROTO_OK, "a session");
        if (buffer_reserve(&bytes, limit, &room) == PROTO_OK) {
            memset(room, ' ', limit);
            buffer_commit(&bytes, limit);
        }
        link_feed(pair.server, &bytes, limit - 1);
        IS_INT(link_next(pair.server, &event), 0, "%zu bytes without an end may still get one", limit - 1);
        link_feed(pair.server, &bytes, 1);
        IS_INT(link_next(pair.server, &event), PROTO_E_LINE, "%zu may not", limit);
        buffer_free(&bytes);
        link_pair_free(&pair);
    }
}

/* ---- each message in each state ---------------------------------------------------------------------- */

/* Plain lines, good in themselves as far as they can be: any one may come at any time. */
static const char *const lines[] = {
    "connect 1",
    "connect 2",
    "connect 3",
    "error",
    "secure",
    "{\"type\":\"list\"}",
    "{\"type\":\"ping\"}",
    "{\"type\":\"bye\"}",
    ("{\"type\":\"connect\",\"phase\":4,\"name\":\"x\",\"id\":1,\"data\":{\"confirm\":"
     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}}"),
    "{\"type\":\"client-connect\",\"phase\":1,\"src\":\"Adam\",\"dst\":\"Eve\"}",
    "{\"type\":\"client-com\",\"src\":\"Adam\",\"dst\":\"Eve\"}",
    "{\"type\":\"client-disconnect\",\"src\":\"Adam\",\"dst\":\"Eve\"}",
    "{\"type\":\"nonsense\"}",
    "{}",
    "[]",
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

/* What the four lines of a real handshake were, to be played at the wrong time. */
static struct buffer recorded[4];

static void record(struct buffer *recording, const struct buffer *from) {
    buffer_free(recording);
    if (buffer_append(recording, buffer_data(from), from->size) != PROTO_OK)
        exit(1);
}

/* Brings a pair to where the server (or the client) is in its state number STATE, and returns the link. */
static struct link *bring(struct link_pair *pair, enum link_role role, unsigned state) {
    struct link_event event;

    link_pair_make(pair, &adam, &relay, &all, &all);
    record(&recorded[0], &pair->to_server);
    if (role == LINK_CLIENT && state == 0)
        return pair->client;
    if (role == LINK_SERVER && state == 0)
        return pair->server;
    link_feed(pair->server, &pair->to_server, SIZE_MAX);
    if (link_next(pair->server, &event) != 1 || link_accept(pair->server, &pair->to_client) != PROTO_OK)
        exit(1);
    record(&recorded[1], &pair->to_client);
    if (role == LINK_SERVER && state == 1)
        return pair->server;
    link_feed(pair->client, &pair->to_client, SIZE_MAX);
    if (link_next(pair->client, &event) != 1 || link_accept(pair->client, &pair->to_server) != PROTO_OK)
        exit(1);
    record(&recorded[2], &pair->to_server);
    if (role == LINK_CLIENT && state == 1)
        return pair->client;
    if (link_pair_connect(pair) != PROTO_OK)
        exit(1);
    return role == LINK_CLIENT ? pair->client : pair->server;
}

/* Makes the line number INDEX: a description or a recording. */
static void make_line(struct buffer *line, size_t index) {
    int error = PROTO_OK;

    if (index < 3)
        error = buffer_append(line, buffer_data(&recorded[index]), recorded[index].size);
    else if (index == 3)
        error = message_write_error(line, WIRE_DENIED, NULL, SPAN(""), SPAN(""));
    else if (index == 4)
        error = buffer_append(line, "{\"type\":\"secure\",\"payload\":\"AAAA\",\"hmac\":\"AAAA\"}", 48);
    else
        error = buffer_append(line, lines[index], strlen(lines[index]));
    if (error != PROTO_OK || buffer_append(line, "\n", 1) != PROTO_OK)
        exit(1);
}

/* True if the line may come in that state: an `error` always, and the one phase that is due. */
static bool is_legal(enum link_role role, unsigned state, size_t index) {
    if (index == 3)
        return true;
    return role == LINK_SERVER ? index == (state == 0 ? 0u : state == 1 ? 2u : LINES) : state == 0 && index == 1;
}

static void check_line(enum link_role role, unsigned state, size_t index) {
    struct link_pair pair;
    struct link *link = bring(&pair, role, state);
    struct buffer line = BUFFER_INIT(LINE_INPUT_LIMIT);
    struct link_event event;
    const char *name = link_state_name(link_state(link));
    int result;

    make_line(&line, index);
    link_feed(link, &line, SIZE_MAX);
    result = link_next(link, &event);
    if (is_legal(role, state, index)) {
        IS_INT(result, 1, "%s, %s: %s is taken", role == LINK_SERVER ? "server" : "client", name, lines[index]);
    } else {
        OK(result < 0, "%s, %s: %s is refused", role == LINK_SERVER ? "server" : "client", name, lines[index]);
        IS_INT(link_state(link), LINK_CLOSED, "and ends the connection");
    }
    buffer_free(&line);
    link_pair_free(&pair);
}

static void test_matrix(void) {
    struct link_pair pair;

    for (size_t i = 0; i < 4; i++)
        recorded[i] = BUFFER_INIT(LINE_INPUT_LIMIT);
    bring(&pair, LINK_SERVER, 2);
    link_pair_free(&pair);
    for (unsigned state = 0; state < 3; state++) {
        for (size_t index = 0; index < LINES; index++) {
            /* A phase 2 for another phase 1 is as good as a right one until `confirm`. */
            check_line(LINK_SERVER, state, index);
            check_line(LINK_CLIENT, state, index);
        }
    }
    for (size_t i = 0; i < 4; i++)
        buffer_free(&recorded[i]);
}

/* ---- out of turn ------------------------------------------------------------------------------------------ */

/* Calls all that LINK is not to be called with now, and WHAT it is. */
static void check_calls(struct link *link, bool start, bool accept, bool verify, bool enter, const char *what) {
    struct buffer out = BUFFER_INIT(LINE_INPUT_LIMIT);
    const enum link_state state = link_state(link);
    unsigned wrong = 0;

    if (!start)
        wrong += link_start(link, &out) != PROTO_E_STATE;
    if (!accept)
        wrong += link_accept(link, &out) != PROTO_E_STATE;
    if (!verify)
        wrong += link_verify(link) != PROTO_E_STATE;
    if (!enter)
        wrong += link_register(link, 7, &out) != PROTO_E_STATE;
    if (state != LINK_ESTABLISHED)
        wrong += link_seal(link, SPAN("{}"), &out) != PROTO_E_STATE;
    IS_INT(wrong, 0, "%s: calls out of turn are refused", what);
    IS_INT(out.size, 0, "and write nothing");
    IS_INT(link_state(link), state, "and change nothing");
    buffer_free(&out);
}

/* Lets LINK, which was given BYTES, say what has come; and that what follows it has to wait. */
static void take_event(struct link *link, struct buffer *bytes, enum link_event_type type) {
    struct link_event event;

    if (buffer_append(bytes, "{}\n", 3) != PROTO_OK)
        return;
    link_feed(link, bytes, SIZE_MAX);
    OK(link_next(link, &event) == 1 && event.type == type, "an event comes");
    IS_INT(link_next(link, &event), 0, "and what is behind it waits");
}

static void test_calls(void) {
    struct link_pair pair;
    struct link_event event;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    buffer_truncate(&pair.to_server, 0);
    link_free(pair.client);
    pair.client = NULL;
    OK(link_new(&pair.client, &(struct link_config){.role = LINK_CLIENT,
                                                    .name = "Adam",
                                                    .identity = adam.key,
                                                    .identity_pem = adam.pem,
                                                    .suites = &all}) == PROTO_OK,
       "a client that has not begun");
    check_calls(pair.client, true, false, false, false, "a client");
    check_calls(pair.server, false, false, false, false, "a server");
    IS_INT(link_start(pair.client, &pair.to_server), PROTO_OK, "the client begins");
    check_calls(pair.client, false, false, false, false, "a client that has begun");
    take_event(pair.server, &pair.to_server, LINK_EVENT_OFFER);
    check_calls(pair.server, false, true, false, false, "a server with an offer");
    IS_INT(link_accept(pair.server, &pair.to_client), PROTO_OK, "it accepts");
    check_calls(pair.server, false, false, false, false, "a server that has accepted");
    link_feed(pair.client, &pair.to_client, SIZE_MAX);
    OK(link_next(pair.client, &event) == 1 && event.type == LINK_EVENT_OFFER, "the client sees its key");
    check_calls(pair.client, false, true, false, false, "a client with an offer");
    IS_INT(link_accept(pair.client, &pair.to_server), PROTO_OK, "the client trusts it");
    check_calls(pair.client, false, false, false, false, "a client that has proved itself");
    IS_INT(link_next(pair.server, &event), PROTO_E_MEMBER, "what waited behind the offer is read in its turn");
    check_calls(pair.server, false, false, false, false, "a server that was given nonsense");
    link_pair_free(&pair);
}

static void test_calls_at_the_end(void) {
    struct link_pair pair;
    struct link_event event;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    link_feed(pair.server, &pair.to_server, SIZE_MAX);
    OK(link_next(pair.server, &event) == 1 && link_accept(pair.server, &pair.to_client) == PROTO_OK, "phase 2");
    link_feed(pair.client, &pair.to_client, SIZE_MAX);
    OK(link_next(pair.client, &event) == 1 && link_accept(pair.client, &pair.to_server) == PROTO_OK, "phase 3");
    take_event(pair.server, &pair.to_server, LINK_EVENT_PROOF);
    check_calls(pair.server, false, false, true, false, "a server with a proof");
    IS_INT(link_verify(pair.server), PROTO_OK, "it holds");
    IS_INT(link_next(pair.server, &event), 0, "what is behind it still waits");
    check_calls(pair.server, false, false, false, true, "a server that has verified");
    IS_INT(link_register(pair.server, 7, &pair.to_client), PROTO_OK, "it registers the client");
    check_calls(pair.server, false, false, false, false, "a server with a session");
    link_feed(pair.client, &pair.to_client, SIZE_MAX);
    OK(link_next(pair.client, &event) == 1 && event.type == LINK_EVENT_ESTABLISHED, "the client has one too");
    check_calls(pair.client, false, false, false, false, "a client with a session");
    link_pair_free(&pair);
}

/* A server made by hand, whose first secure message is another than phase 4. */
static void test_no_phase4(const char *payload) {
    struct channel_receiver *receiver = NULL;
    struct channel_sender *sender = NULL;
    struct handshake *hand = NULL;
    struct message message;
    struct link_event event;
    struct link_pair pair;

    link_pair_make(&pair, &adam, &relay, &all, &all);
    OK(handshake_new(&hand, &(struct handshake_config){.role = HANDSHAKE_RESPONDER,
                                                       .use = HANDSHAKE_CONNECT,
                                                       .identity = relay.key,
                                                       .identity_pem = relay.pem,
                                                       .self = "relay",
                                                       .suites = &all}) == PROTO_OK,
       "a server made by hand");
    for (unsigned phase = 1; phase <= 3; phase += 2) {
        const struct span raw = buffer_span(&pair.to_server);

        if (message_parse(&message, PLACE_LINE_TO_SERVER, raw.data, raw.size - 1) == PROTO_OK)
            IS_INT(handshake_read(hand, &message, raw), PROTO_OK, "it reads phase %u", phase);
        message_free(&message);
        buffer_truncate(&pair.to_server, 0);
        if (phase == 3)
            break;
        OK(handshake_accept(hand, &pair.to_client) == PROTO_OK && buffer_append(&pair.to_client, "\n", 1) == PROTO_OK,
           "it answers");
        link_feed(pair.client, &pair.to_client, SIZE_MAX);
        OK(link_next(pair.client, &event) == 1 && link_accept(pair.client, &pair.to_server) == PROTO_OK, "phase 3");
    }
    OK(handshake_verify(hand) == PROTO_OK && handshake_channels(hand, &sender, &receiver) == PROTO_OK &&
           channel_seal(sender, span_of(payload), &pair.to_client) == PROTO_OK,
       "and seals %s first", payload);
    link_feed(pair.client, &pair.to_client, SIZE_MAX);
    OK(link_next(pair.client, &event) < 0, "which the client does not take");
    IS_INT(link_state(pair.client), LINK_CLOSED, "but ends");
    channel_sender_free(sender);
    channel_receiver_free(receiver);
    handshake_free(hand);
    link_pair_free(&pair);
}

int main(void) {
    identity_load(&adam, "adam");
    identity_load(&relay, "relay");
    test_session();
    test_bytewise();
    test_suites();
    test_changed_bytes();
    test_name_taken();
    test_last_error();
    test_replayed_line();
    test_reflected_line();
    test_long_line();
    test_matrix();
    test_calls();
    test_calls_at_the_end();
    test_no_phase4("{\"type\":\"ping\"}");
    test_no_phase4("{\"type\":\"bye\"}");
    test_no_phase4("no JSON");
    identity_free(&adam);
    identity_free(&relay);
    return tap_done();
}
