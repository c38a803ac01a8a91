/*
 * Two clients and a relay that does as the input says: carries, loses, repeats, changes, invents and refuses payloads,
 * while time goes by, the ways to the relay are lost, and programs start again.  Texts, files, pings and presence are
 * sent.  Whatever happens, no call fails; nothing is handed on that was never sent, or twice, unless it is data of a
 * file; every message that was taken ends in one event at most, in a good one only if it has been handed on; a ping is
 * answered once at most; and a way that is lost carries nothing.
 */
#include <config.h>

#include "proto/error.h"
#include "t/fuzz/fuzz.h"
#include "t/fuzz/user.h"
#include "t/proto_fixture.h"

const char *const fuzz_name = "conversation";

#define STEPS_MAX 400

static struct identity adam, eve;

static void carry_all(struct world *world) {
    for (unsigned i = 0; i < 2 * QUEUE_MAX; i++) {
        const unsigned side = world->users[0].queued > 0 ? 0 : 1;

        if (!user_take(&world->users[side]))
            return;
        user_deliver(world, &world->users[!side], buffer_span(&world->users[side].last));
    }
}

/* Changes bytes of the oldest payload on its way. */
static void change(struct user *user, struct fuzz_input *input) {
    const size_t at = (size_t)fuzz_byte(input) << 8 | fuzz_byte(input);
    const struct fuzz_input bytes = fuzz_bytes(input, 1 + fuzz_byte(input) % 8u);

    if (user->queued == 0)
        return;
    for (size_t i = 0; i < bytes.size && at + i < user->queue[0].size; i++)
        buffer_data(&user->queue[0])[at + i] = bytes.data[i];
}

/* The relay refuses the oldest payload. */
static void refuse(struct world *world, struct user *user, uint8_t code) {
    struct buffer error = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct route route;

    if (!user_take(user))
        return;
    if (message_route(&route, (char *)buffer_data(&user->last), user->last.size) == PROTO_OK) {
        require(message_write_error(&error, (enum wire_error)(code % (WIRE_UNKNOWN + 1)), NULL, span_of(route.id),
                                    span_of(user->peer)) == PROTO_OK,
                "an error");
        user_deliver(world, user, buffer_span(&error));
    }
    buffer_free(&error);
}

static void pass_time(struct world *world, uint8_t amount) {
    world->now += (uint64_t)amount * amount;
    for (int i = 0; i < 2; i++) {
        FUZZ_MUST(conversation_tick(world->users[i].conversation, world->now) == PROTO_OK);
        user_take_events(world, &world->users[i]);
        FUZZ_MUST(conversation_deadline(world->users[i].conversation) > world->now);
    }
}

static void swap_oldest(struct user *user) {
    if (user->queued > 1) {
        const struct buffer first = user->queue[0];

        user->queue[0] = user->queue[1];
        user->queue[1] = first;
    }
}

static void begin_again(struct world *world, struct user *user, uint8_t what) {
    if (what % 2 == 0)
        user_start(user);
    else if (!user->offline)
        user_close(world, user);
}

static void invent(struct world *world, struct user *user, struct fuzz_input *input) {
    const struct fuzz_input made = fuzz_bytes(input, 1 + (size_t)fuzz_byte(input));

    user_deliver(world, user, (struct span){(const char *)made.data, made.size});
}

/* What the relay does with what comes from USER. */
static void relay_step(struct world *world, struct user *user, uint8_t what, struct fuzz_input *input) {
    struct user *other = &world->users[user == &world->users[0]];

    switch (what) {
    case 2:
        if (user_take(user))
            user_deliver(world, other, buffer_span(&user->last));
        break;
    case 3:
        carry_all(world);
        break;
    case 4:
        user_take(user);
        break;
    case 5:
        user_deliver(world, other, buffer_span(&user->last));
        break;
    case 6:
        change(user, input);
        break;
    case 8:
        invent(world, user, input);
        break;
    case 9:
        refuse(world, user, fuzz_byte(input));
        break;
    default:
        swap_oldest(user);
    }
}

/* What USER sends. */
static void send_something(struct world *world, struct user *user, uint8_t what, struct fuzz_input *input) {
    switch (what) {
    case 16:
        user_send_step(world, user, fuzz_byte(input));
        break;
    case 17:
        user_ping(world, user);
        break;
    case 18:
        user_tell_presence(world, user);
        break;
    case 19:
        user_send_text(world, user, false, 1 + (uint64_t)fuzz_byte(input) * 256);
        break;
    default:
        user_send_text(world, user, what == 1, 0);
    }
}

/* What else USER's program does. */
static void program_step(struct world *world, struct user *user, uint8_t what, struct fuzz_input *input) {
    switch (what) {
    case 10:
        user->distrusts = !user->distrusts;
        break;
    case 11:
        user->holds = !user->holds;
        break;
    case 12:
        user_hand_on(world, user);
        break;
    case 13:
        FUZZ_MUST(conversation_flush(user->conversation) == PROTO_OK);
        user_take_events(world, user);
        break;
    case 14:
        begin_again(world, user, fuzz_byte(input));
        break;
    case 20:
        user->answers = (enum user_answer)(fuzz_byte(input) % ANSWERS);
        break;
    case 21:
        user->absent = !user->absent;
        FUZZ_MUST(conversation_attend(user->conversation, user->absent, world->now) == PROTO_OK);
        user_take_events(world, user);
        break;
    case 22:
        user_turn_way(world, user);
        break;
    case 23:
        user_want_session(world, user);
        break;
    default:
        user_withdraw(world, user);
    }
}

static void step(struct world *world, struct fuzz_input *input) {
    const uint8_t byte = fuzz_byte(input), what = byte % 32;
    struct user *user = &world->users[byte >> 7];

    if (what == 7)
        pass_time(world, fuzz_byte(input));
    else if (what <= 1 || (what >= 16 && what <= 19))
        send_something(world, user, what, input);
    else if ((what >= 10 && what <= 14) || (what >= 20 && what <= 24))
        program_step(world, user, what, input);
    else
        relay_step(world, user, what, input);
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
    world.users[0].name = world.users[1].peer = "Adam";
    world.users[1].name = world.users[0].peer = "Eve";
    world.users[0].identity = &adam;
    world.users[1].identity = &eve;
    world.users[1].shows = true;
    for (int i = 0; i < 2; i++)
        user_start(&world.users[i]);
    for (unsigned steps = 0; input.size > 0 && steps < STEPS_MAX; steps++)
        step(&world, &input);
    for (int i = 0; i < 2; i++)
        user_free(&world.users[i]);
    return 0;
}
