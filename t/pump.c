#include <config.h>

#include "t/pump.h"

#include <stdio.h>
#include <stdlib.h>

static void must(bool holds, const char *what) {
    if (!holds) {
        printf("Bail out! %s\n", what);
        exit(1);
    }
}

/* ---- identities ------------------------------------------------------------------------------- */

void identity_load(struct identity *identity, const char *name) {
    const char *srcdir = getenv("top_srcdir");
    csc_public_key *public_key = NULL;
    size_t size = sizeof(identity->pem);
    char path[4096];

    snprintf(path, sizeof(path), "%s/t/keys/%s.pem", srcdir ? srcdir : ".", name);
    must(csc_private_key_load(&identity->key, path, NULL) == CSC_OK, path);
    must(csc_private_key_public(identity->key, &public_key) == CSC_OK, "no memory");
    must(csc_public_key_to_pem(public_key, identity->pem, &size) == CSC_OK, "no PEM");
    csc_public_key_fingerprint(public_key, identity->fingerprint);
    csc_public_key_free(public_key);
}

void identity_free(struct identity *identity) {
    csc_private_key_free(identity->key);
    memset(identity, 0, sizeof(*identity));
}

/* ---- a client and a server ---------------------------------------------------------------------- */

static struct link *make_link(enum link_role role, const struct identity *identity, const char *name,
                              const struct suite_list *suites) {
    struct link *link = NULL;

    must(link_new(&link, &(struct link_config){role, identity->key, identity->pem, name, suites, identity->chain,
                                               identity->attest}) == PROTO_OK,
         "no link");
    return link;
}

void link_pair_make(struct link_pair *pair, const struct identity *client, const struct identity *server,
                    const struct suite_list *client_suites, const struct suite_list *server_suites) {
    pair->client = make_link(LINK_CLIENT, client, "Adam", client_suites);
    pair->server = make_link(LINK_SERVER, server, "relay", server_suites);
    pair->to_server = pair->to_client = BUFFER_INIT(16 * LINE_MAX_SESSION);
    must(link_start(pair->client, &pair->to_server) == PROTO_OK, "no phase 1");
}

void link_pair_free(struct link_pair *pair) {
    link_free(pair->client);
    link_free(pair->server);
    buffer_free(&pair->to_server);
    buffer_free(&pair->to_client);
}

void link_feed(struct link *link, struct buffer *from, size_t size) {
    while (from->size > 0 && size > 0) {
        uint8_t *room;
        size_t take;

        if (link_reserve(link, &room, &take) != PROTO_OK)
            return;
        take = take < from->size ? take : from->size;
        take = take < size ? take : size;
        memcpy(room, buffer_data(from), take);
        link_commit(link, take);
        buffer_consume(from, take);
        size -= take;
    }
}

/* Takes the one event that may be there, and does what it asks for. */
static int step(struct link *link, struct buffer *out) {
    struct link_event event;
    int result = link_next(link, &event);

    if (result <= 0)
        return result;
    switch (event.type) {
    case LINK_EVENT_OFFER:
        return link_accept(link, out);
    case LINK_EVENT_PROOF:
        result = link_verify(link);
        return result == PROTO_OK ? link_register(link, 7, out) : result;
    case LINK_EVENT_ESTABLISHED:
        return PROTO_OK;
    default:
        return PROTO_E_STATE;
    }
}

int link_pair_connect(struct link_pair *pair) {
    while (pair->to_server.size > 0 || pair->to_client.size > 0) {
        int error;

        link_feed(pair->server, &pair->to_server, SIZE_MAX);
        if ((error = step(pair->server, &pair->to_client)) != PROTO_OK)
            return error;
        link_feed(pair->client, &pair->to_client, SIZE_MAX);
        if ((error = step(pair->client, &pair->to_server)) != PROTO_OK)
            return error;
    }
    return link_state(pair->client) == LINK_ESTABLISHED && link_state(pair->server) == LINK_ESTABLISHED ? PROTO_OK
                                                                                                        : PROTO_E_STATE;
}

/* ---- two clients and a relay --------------------------------------------------------------------- */

#define TIMEOUT_MS 30000

void pump_restart(struct pump *pump, struct party *party) {
    conversation_free(party->conversation);
    party->conversation = NULL;
    must(conversation_new(&party->conversation, &(struct conversation_config){.identity = party->identity->key,
                                                                              .identity_pem = party->identity->pem,
                                                                              .self = party->name,
                                                                              .peer = party->peer_name,
                                                                              .suites = &pump->suites,
                                                                              .attest = party->identity->attest,
                                                                              .timeout = TIMEOUT_MS,
                                                                              .shows = party->shows}) == PROTO_OK,
         "no conversation");
}

static void party_make(struct pump *pump, struct party *party, const struct identity *identity, const char *name,
                       const char *peer) {
    memset(party, 0, sizeof(*party));
    party->identity = identity;
    party->name = name;
    party->peer_name = peer;
    party->texts = BUFFER_INIT(64 * 1024 * 1024);
    pump_restart(pump, party);
}

void pump_make(struct pump *pump, const struct identity *adam, const struct identity *eve) {
    pump->suites = SUITE_LIST_ALL;
    pump->now = 1000000;
    pump->passed = 0;
    pump->filter = NULL;
    party_make(pump, &pump->adam, adam, "Adam", "Eve");
    party_make(pump, &pump->eve, eve, "Eve", "Adam");
}

void pump_free(struct pump *pump) {
    conversation_free(pump->adam.conversation);
    conversation_free(pump->eve.conversation);
    free(pump->adam.attest);
    free(pump->eve.attest);
    buffer_free(&pump->adam.texts);
    buffer_free(&pump->eve.texts);
}

static void take_attest(struct party *party, const char *fingerprint) {
    const struct attest *shown = NULL;
    const csc_public_key *key = NULL;

    must(conversation_shown(party->conversation, fingerprint, &key, &shown) && key != NULL, "no key was shown");
    free(party->attest);
    party->attest = NULL;
    if (shown != NULL) {
        party->attest = malloc(sizeof(*shown));
        must(party->attest != NULL, "no memory");
        *party->attest = *shown;
    }
}

/* Texts are handed on at once; the steps of files a test answers itself. */
static void take_text(struct pump *pump, struct party *party, const struct conversation_event *event) {
    must(buffer_append(&party->texts, event->body, event->body_size) == PROTO_OK &&
             buffer_append(&party->texts, "\n", 1) == PROTO_OK,
         "no memory");
    party->signature = event->signature != NULL ? *event->signature : (struct text_signature){.size = 0};
    if (event->type == CONVERSATION_EVENT_TEXT && !party->keeps_receipts)
        must(conversation_handed_on(party->conversation, event->fingerprint, event->id, pump->now) == PROTO_OK,
             "handed on");
}

static void take_events(struct pump *pump, struct party *party) {
    struct conversation_event event;

    while (conversation_next_event(party->conversation, &event)) {
        if (event.type == CONVERSATION_EVENT_KEY) {
            take_attest(party, event.fingerprint);
            must(conversation_trust(party->conversation, party->answers_for ? party->answers_for : event.fingerprint,
                                    !party->distrusts, pump->now) == PROTO_OK,
                 "trust");
        }
        if (event.type == CONVERSATION_EVENT_TEXT || event.type == CONVERSATION_EVENT_FILE)
            take_text(pump, party, &event);
        must(party->event_count < PUMP_EVENTS_MAX, "too many events");
        event.body = NULL;
        event.signature = NULL;
        party->events[party->event_count++] = event;
    }
}

/* Gives PAYLOAD to PARTY: one of the relay's own, or one that it relays. */
static void give(struct pump *pump, struct party *party, const char *payload, size_t size) {
    struct message message;
    int error = message_parse(&message, PLACE_TO_CLIENT, payload, size);

    if (error != PROTO_OK)
        return; /* a filter has spoilt it: a client ends its connection there */
    if (message.type == MESSAGE_ERROR)
        error = conversation_refused(party->conversation, &message, pump->now);
    else
        error = conversation_receive(party->conversation, &message, (struct span){payload, size}, pump->now);
    must(error == PROTO_OK, "a payload is taken");
    message_free(&message);
    take_events(pump, party);
}

static void refuse(struct pump *pump, struct party *from, const struct route *route, enum wire_error code) {
    struct buffer error = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    must(message_write_error(&error, code, NULL, span_of(route->id), span_of(route->dst)) == PROTO_OK, "an error");
    give(pump, from, (char *)buffer_data(&error), error.size);
    buffer_free(&error);
}

static void relay(struct pump *pump, struct party *from, struct party *to, char *payload, size_t size) {
    struct route route;

    pump->passed++;
    must(message_route(&route, payload, size) == PROTO_OK, "a payload has a route");
    if (to->gone)
        refuse(pump, from, &route, WIRE_NO_SUCH_USER);
    else if (to->full)
        refuse(pump, from, &route, WIRE_QUEUE_FULL);
    else if (pump->filter == NULL || pump->filter(pump, from, payload, size))
        give(pump, to, payload, size);
}

/* Carries the oldest payload of FROM.  False if there is none. */
static bool carry(struct pump *pump, struct party *from, struct party *to) {
    struct buffer *output = conversation_output(from->conversation);
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX + 1);
    const char *data = (const char *)buffer_data(output);
    const char *end = output->size > 0 ? memchr(data, '\n', output->size) : NULL;

    if (end == NULL)
        return false;
    /* With a NUL behind it, so that filters may use string functions. */
    must(buffer_append(&payload, data, (size_t)(end - data)) == PROTO_OK && buffer_append(&payload, "", 1) == PROTO_OK,
         "a payload is not too long");
    buffer_consume(output, payload.size);
    relay(pump, from, to, (char *)buffer_data(&payload), payload.size - 1);
    buffer_free(&payload);
    return true;
}

/* When nothing moves any more, nothing may be due: a program would never sleep. */
static void check_idle(const struct pump *pump, const struct party *party) {
    must(conversation_deadline(party->conversation) > pump->now, "an idle conversation has a deadline in the past");
}

void pump_run(struct pump *pump) {
    bool moved;

    take_events(pump, &pump->adam);
    take_events(pump, &pump->eve);
    do {
        moved = carry(pump, &pump->adam, &pump->eve);
        if (!moved)
            must(conversation_flush(pump->eve.conversation) == PROTO_OK, "receipts go");
        if (carry(pump, &pump->eve, &pump->adam))
            moved = true;
        else
            must(conversation_flush(pump->adam.conversation) == PROTO_OK, "receipts go");
    } while (moved || conversation_output(pump->adam.conversation)->size > 0);
    check_idle(pump, &pump->adam);
    check_idle(pump, &pump->eve);
}

void pump_wait(struct pump *pump, uint64_t ms) {
    pump->now += ms;
    must(conversation_tick(pump->adam.conversation, pump->now) == PROTO_OK, "time passes for Adam");
    must(conversation_tick(pump->eve.conversation, pump->now) == PROTO_OK, "time passes for Eve");
    pump_run(pump);
}

int pump_send(struct pump *pump, struct party *party, uint64_t token, const char *text) {
    return conversation_send(
        party->conversation,
        &(struct conversation_text){.token = token, .body = span_of(text), .time = 1480000000000, .sign = party->signs},
        pump->now);
}

size_t party_count(const struct party *party, enum conversation_event_type type) {
    size_t count = 0;

    for (size_t i = 0; i < party->event_count; i++)
        count += party->events[i].type == type;
    return count;
}

const struct conversation_event *party_last(const struct party *party, enum conversation_event_type type) {
    for (size_t i = party->event_count; i > 0; i--)
        if (party->events[i - 1].type == type)
            return &party->events[i - 1];
    return NULL;
}
