/*
 * Two clients and a relay that does as the input says: carries, loses, repeats, changes, invents and refuses payloads,
 * while time goes by and programs start again.  Whatever it does, no call fails, no text is handed on twice or was
 * never sent, and every message that was taken ends in one event at most.
 */
#include <config.h>

#include "proto/error.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"
#include "t/pump.h"

#include <stdio.h>
#include <stdlib.h>

const char *const fuzz_name = "conversation";

#define QUEUE_MAX   32
#define TEXTS_MAX   64
#define STEPS_MAX   400
#define TIMEOUT_MS  30000
#define PAYLOAD_MAX MESSAGE_PAYLOAD_MAX

/* Whether a message was taken and is open, or has ended. */
enum fate { NONE, OPEN, ENDED };

struct party_state {
    struct conversation *conversation;
    const char *name, *peer;
    const struct identity *identity;
    struct buffer queue[QUEUE_MAX]; /* payloads on their way from here, oldest first */
    size_t queued;
    struct buffer last; /* the payload that was delivered last from here */
    enum fate fates[TEXTS_MAX];
    unsigned sent;                             /* texts so far */
    bool got[TEXTS_MAX];                       /* the other's texts, since this program started */
    struct conversation_event held[TEXTS_MAX]; /* those not handed on yet */
    size_t held_count;
    bool distrusts, holds, closed;
};

struct world {
    struct party_state parties[2];
    uint64_t now;
};

static const struct suite_list all = SUITE_LIST_ALL;
static struct identity adam, eve;

static void start(struct party_state *party) {
    const struct conversation_config config = {.identity = party->identity->key,
                                               .identity_pem = party->identity->pem,
                                               .self = party->name,
                                               .peer = party->peer,
                                               .suites = &all,
                                               .timeout = TIMEOUT_MS};

    conversation_free(party->conversation);
    party->conversation = NULL;
    require(conversation_new(&party->conversation, &config) == PROTO_OK, "a conversation");
    memset(party->got, 0, sizeof(party->got));
    memset(party->fates, 0, sizeof(party->fates));
    party->held_count = 0;
    party->closed = false;
}

static void say_goodbye(struct party_state *party) {
    party->closed = true;
    FUZZ_MUST(conversation_close(party->conversation) == PROTO_OK);
}

/* Takes the oldest payload out of PARTY's queue into its `last`. */
static bool take(struct party_state *party) {
    if (party->queued == 0)
        return false;
    buffer_free(&party->last);
    party->last = party->queue[0];
    party->queued--;
    memmove(party->queue, party->queue + 1, party->queued * sizeof(party->queue[0]));
    return true;
}

/* Moves what PARTY has to say to its queue; what has no room there is lost. */
static void collect(struct party_state *party) {
    struct buffer *output = conversation_output(party->conversation);

    while (output->size > 0) {
        const char *data = (const char *)buffer_data(output), *end = memchr(data, '\n', output->size);
        struct buffer payload = BUFFER_INIT(PAYLOAD_MAX);

        FUZZ_MUST(end != NULL);
        FUZZ_MUST(buffer_append(&payload, data, (size_t)(end - data)) == PROTO_OK);
        buffer_consume(output, payload.size + 1);
        if (party->queued < QUEUE_MAX)
            party->queue[party->queued++] = payload;
        else
            buffer_free(&payload);
    }
}

static void got_text(struct world *world, struct party_state *party, const struct conversation_event *event) {
    const struct party_state *other = &world->parties[party == &world->parties[0]];
    char *end = NULL;
    unsigned long number;

    FUZZ_MUST(event->body_size > 5 && memcmp(event->body, "text ", 5) == 0);
    number = strtoul(event->body + 5, &end, 10);
    FUZZ_MUST(*end == '\0' && number < other->sent && !party->got[number]);
    party->got[number] = true;
    if (!party->holds)
        FUZZ_MUST(conversation_handed_on(party->conversation, event->fingerprint, event->id, world->now) == PROTO_OK);
    else if (party->held_count < TEXTS_MAX)
        party->held[party->held_count++] = *event;
}

static void take_events(struct world *world, struct party_state *party) {
    struct conversation_event event;

    while (conversation_next_event(party->conversation, &event))
        switch (event.type) {
        case CONVERSATION_EVENT_KEY:
            FUZZ_MUST(conversation_trust(party->conversation, event.fingerprint, !party->distrusts, world->now) ==
                      PROTO_OK);
            break;
        case CONVERSATION_EVENT_TEXT:
            got_text(world, party, &event);
            break;
        case CONVERSATION_EVENT_DELIVERED:
        case CONVERSATION_EVENT_FAILED:
            FUZZ_MUST(event.token < TEXTS_MAX && party->fates[event.token] == OPEN);
            party->fates[event.token] = ENDED;
            break;
        case CONVERSATION_EVENT_VIOLATION:
            FUZZ_MUST(event.error != PROTO_OK && event.error != PROTO_E_MEMORY && event.error != PROTO_E_CRYPTO &&
                      event.error != PROTO_E_FULL);
            break;
        default:
            break;
        }
    collect(party);
}

/* Gives a payload to PARTY, if it is one that its program would hand to the conversation. */
static void deliver(struct world *world, struct party_state *party, struct span payload) {
    struct message message;

    if (payload.size == 0)
        return;
    if (message_parse(&message, PLACE_TO_CLIENT, payload.data, payload.size) == PROTO_OK) {
        if (message.src.size > 0 && name_equal(message.src, span_of(party->peer)))
            FUZZ_MUST(conversation_receive(party->conversation, &message, payload, world->now) == PROTO_OK);
        else if (message.type == MESSAGE_ERROR)
            FUZZ_MUST(conversation_refused(party->conversation, &message, world->now) == PROTO_OK);
        take_events(world, party);
    }
    message_free(&message);
}

static void send_text(struct world *world, struct party_state *party, bool sign) {
    char text[32];
    const unsigned number = party->sent;

    if (number == TEXTS_MAX)
        return;
    snprintf(text, sizeof(text), "text %u", number);
    party->sent++;
    party->fates[number] = party->closed ? NONE : OPEN;
    FUZZ_MUST(
        conversation_send(party->conversation,
                          &(struct conversation_text){.token = number, .body = span_of(text), .time = 1, .sign = sign},
                          world->now) == (party->closed ? PROTO_E_STATE : PROTO_OK));
    take_events(world, party);
}

static void carry_all(struct world *world) {
    for (unsigned i = 0; i < 2 * QUEUE_MAX; i++) {
        const unsigned side = world->parties[0].queued > 0 ? 0 : 1;

        if (!take(&world->parties[side]))
            return;
        deliver(world, &world->parties[!side], buffer_span(&world->parties[side].last));
    }
}

/* Changes bytes of the oldest payload on its way. */
static void change(struct party_state *party, struct fuzz_input *input) {
    const size_t at = (size_t)fuzz_byte(input) << 8 | fuzz_byte(input);
    const struct fuzz_input bytes = fuzz_bytes(input, 1 + fuzz_byte(input) % 8u);

    if (party->queued == 0)
        return;
    for (size_t i = 0; i < bytes.size && at + i < party->queue[0].size; i++)
        buffer_data(&party->queue[0])[at + i] = bytes.data[i];
}

/* The relay refuses the oldest payload. */
static void refuse(struct world *world, struct party_state *party, uint8_t code) {
    struct buffer error = BUFFER_INIT(PAYLOAD_MAX);
    struct route route;

    if (!take(party))
        return;
    if (message_route(&route, (char *)buffer_data(&party->last), party->last.size) == PROTO_OK) {
        require(message_write_error(&error, (enum wire_error)(code % (WIRE_UNKNOWN + 1)), NULL, span_of(route.id),
                                    span_of(party->peer)) == PROTO_OK,
                "an error");
        deliver(world, party, buffer_span(&error));
    }
    buffer_free(&error);
}

static void hand_on(struct world *world, struct party_state *party) {
    for (size_t i = 0; i < party->held_count; i++)
        FUZZ_MUST(conversation_handed_on(party->conversation, party->held[i].fingerprint, party->held[i].id,
                                         world->now) == PROTO_OK);
    party->held_count = 0;
    take_events(world, party);
}

static void pass_time(struct world *world, uint8_t amount) {
    world->now += (uint64_t)amount * amount;
    for (int i = 0; i < 2; i++) {
        FUZZ_MUST(conversation_tick(world->parties[i].conversation, world->now) == PROTO_OK);
        take_events(world, &world->parties[i]);
        FUZZ_MUST(conversation_deadline(world->parties[i].conversation) > world->now);
    }
}

static void swap_oldest(struct party_state *party) {
    if (party->queued > 1) {
        const struct buffer first = party->queue[0];

        party->queue[0] = party->queue[1];
        party->queue[1] = first;
    }
}

static void step(struct world *world, struct fuzz_input *input) {
    const uint8_t what = fuzz_byte(input);
    struct party_state *party = &world->parties[what >> 7], *other = &world->parties[!(what >> 7)];
    struct fuzz_input made;

    switch (what % 16) {
    case 0:
    case 1:
        send_text(world, party, what % 16 == 1);
        break;
    case 2:
        if (take(party))
            deliver(world, other, buffer_span(&party->last));
        break;
    case 3:
        carry_all(world);
        break;
    case 4:
        take(party);
        break;
    case 5:
        deliver(world, other, buffer_span(&party->last));
        break;
    case 6:
        change(party, input);
        break;
    case 7:
        pass_time(world, fuzz_byte(input));
        break;
    case 8:
        made = fuzz_bytes(input, 1 + (size_t)fuzz_byte(input));
        deliver(world, party, (struct span){(const char *)made.data, made.size});
        break;
    case 9:
        refuse(world, party, fuzz_byte(input));
        break;
    case 10:
        party->distrusts = !party->distrusts;
        break;
    case 11:
        party->holds = !party->holds;
        break;
    case 12:
        hand_on(world, party);
        break;
    case 13:
        FUZZ_MUST(conversation_flush(party->conversation) == PROTO_OK);
        collect(party);
        break;
    case 14:
        if (fuzz_byte(input) % 2 == 0)
            start(party);
        else
            say_goodbye(party);
        collect(party);
        break;
    default:
        swap_oldest(party);
    }
}

static void finish(struct party_state *party) {
    size_t open = 0;

    for (size_t i = 0; i < TEXTS_MAX; i++)
        open += party->fates[i] == OPEN;
    FUZZ_MUST(conversation_pending(party->conversation) == open);
    conversation_free(party->conversation);
    while (take(party))
        ;
    buffer_free(&party->last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    static struct world world;

    if (adam.key == NULL) {
        identity_load(&adam, "adam");
        identity_load(&eve, "eve");
    }
    fuzz_reset_random();
    memset(&world, 0, sizeof(world));
    world.now = 1000000;
    world.parties[0].name = world.parties[1].peer = "Adam";
    world.parties[1].name = world.parties[0].peer = "Eve";
    world.parties[0].identity = &adam;
    world.parties[1].identity = &eve;
    for (int i = 0; i < 2; i++)
        start(&world.parties[i]);
    for (unsigned steps = 0; input.size > 0 && steps < STEPS_MAX; steps++)
        step(&world, &input);
    for (int i = 0; i < 2; i++)
        finish(&world.parties[i]);
    return 0;
}
