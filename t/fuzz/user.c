#include <config.h>

#include "t/fuzz/user.h"

#include "proto/error.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS  30000
#define PAYLOAD_MAX MESSAGE_PAYLOAD_MAX

/* The token of a session that is wanted for its own sake. */
#define SESSION_TOKEN UINT64_MAX

static const struct suite_list suites = SUITE_LIST_ALL;

static const struct user *other_of(const struct world *world, const struct user *user) {
    return &world->users[user == &world->users[0]];
}

void user_start(struct user *user) {
    const struct conversation_config config = {.identity = user->identity->key,
                                               .identity_pem = user->identity->pem,
                                               .self = user->name,
                                               .peer = user->peer,
                                               .suites = &suites,
                                               .timeout = TIMEOUT_MS,
                                               .shows = user->shows};

    conversation_free(user->conversation);
    user->conversation = NULL;
    require(conversation_new(&user->conversation, &config) == PROTO_OK, "a conversation");
    memset(user->got, 0, sizeof(user->got));
    memset(user->fates, 0, sizeof(user->fates));
    user->held_count = user->pinged = 0;
    user->closed = user->offline = user->connecting = user->absent = false;
}

bool user_take(struct user *user) {
    if (user->queued == 0)
        return false;
    buffer_free(&user->last);
    user->last = user->queue[0];
    user->queued--;
    memmove(user->queue, user->queue + 1, user->queued * sizeof(user->queue[0]));
    return true;
}

/* Moves what USER has to say to its queue; what has no room there is lost. */
static void collect(struct user *user) {
    struct buffer *output = conversation_output(user->conversation);

    while (output->size > 0) {
        const char *data = (const char *)buffer_data(output), *end = memchr(data, '\n', output->size);
        struct buffer payload = BUFFER_INIT(PAYLOAD_MAX);

        FUZZ_MUST(end != NULL);
        FUZZ_MUST(buffer_append(&payload, data, (size_t)(end - data)) == PROTO_OK);
        buffer_consume(output, payload.size + 1);
        if (user->queued < QUEUE_MAX)
            user->queue[user->queued++] = payload;
        else
            buffer_free(&payload);
    }
}

/* The number in a BODY that begins with WORD, which is below LIMIT. */
static unsigned number_in(const struct conversation_event *event, const char *word, unsigned limit) {
    const size_t size = strlen(word);
    char *end = NULL;
    unsigned long number;

    FUZZ_MUST(event->body_size > size && memcmp(event->body, word, size) == 0);
    number = strtoul(event->body + size, &end, 10);
    FUZZ_MUST(*end == '\0' && number < limit);
    return (unsigned)number;
}

/* Says what has become of EVENT's message. */
static void answer(struct world *world, struct user *user, const struct conversation_event *event) {
    static const enum data_fate fates[ANSWERS] = {DATA_WRITTEN, DATA_UNKNOWN, DATA_OUT_OF_ORDER, DATA_UNKNOWN};
    const char *fingerprint = event->fingerprint, *id = event->id;
    int error;

    if (event->type == CONVERSATION_EVENT_FILE && event->file.type == MESSAGE_FILE_DATA)
        error = conversation_answer_data(user->conversation, fingerprint, id, fates[user->answers], world->now);
    else if (user->answers == ANSWER_DECLINED)
        error = conversation_declined(user->conversation, fingerprint, id, world->now);
    else if (user->answers == ANSWER_FAILED)
        error = conversation_failed(user->conversation, fingerprint, id, 3, world->now);
    else if (user->answers == ANSWER_EXPIRED)
        error = conversation_expired(user->conversation, fingerprint, id, world->now);
    else
        error = conversation_handed_on(user->conversation, fingerprint, id, world->now);
    FUZZ_MUST(error == PROTO_OK);
    user->said[event->token] |= (uint8_t)(1 << user->answers);
}

/* A text or a step of a file. */
static void got_message(struct world *world, struct user *user, struct conversation_event *event) {
    const struct user *other = other_of(world, user);
    const unsigned number = number_in(event, "text ", other->sent);
    const bool is_data = other->types[number] == MESSAGE_FILE_DATA;

    FUZZ_MUST((event->type == CONVERSATION_EVENT_FILE ? event->file.type : MESSAGE_TEXT) == other->types[number]);
    FUZZ_MUST(is_data ? event->file.offset == number : !user->got[number]);
    user->got[number] = true;
    event->token = number;
    if (!user->holds)
        answer(world, user, event);
    else if (user->held_count < TEXTS_MAX)
        user->held[user->held_count++] = *event;
}

static void got_presence(struct world *world, struct user *user, const struct conversation_event *event) {
    const struct user *other = other_of(world, user);
    const unsigned number = number_in(event, "here ", other->told);

    FUZZ_MUST(!user->heard[number] && event->away == (number % 2 == 1));
    user->heard[number] = true;
}

static void got_pong(struct user *user, const char *id) {
    unsigned i = 0;

    while (i < user->pinged && strcmp(user->pings[i], id) != 0)
        i++;
    FUZZ_MUST(i < user->pinged);
    memmove(user->pings[i], user->pings[i + 1], (--user->pinged - i) * sizeof(user->pings[0]));
}

static void sent(struct user *user, uint64_t token) {
    FUZZ_MUST(token < TEXTS_MAX && user->fates[token] == OPEN);
    user->fates[token] = SENT;
}

/* A message of USER's has its receipt, or has failed. */
static void ended(struct world *world, struct user *user, const struct conversation_event *event) {
    const struct user *other = other_of(world, user);

    if (event->token == SESSION_TOKEN) {
        FUZZ_MUST(user->connecting && event->type == CONVERSATION_EVENT_FAILED);
        user->connecting = false;
        return;
    }
    FUZZ_MUST(event->token < TEXTS_MAX && (user->fates[event->token] == OPEN || user->fates[event->token] == SENT));
    if (event->type == CONVERSATION_EVENT_DELIVERED)
        FUZZ_MUST(user->fates[event->token] == SENT && (other->said[event->token] & 1 << ANSWER_GOOD) != 0);
    else if (event->failure == FAILURE_HANDLER)
        FUZZ_MUST(user->fates[event->token] == SENT && (other->said[event->token] & 1 << ANSWER_FAILED) != 0);
    user->fates[event->token] = ENDED;
}

static void take_event(struct world *world, struct user *user, struct conversation_event *event) {
    switch (event->type) {
    case CONVERSATION_EVENT_KEY:
        FUZZ_MUST(conversation_trust(user->conversation, event->fingerprint, !user->distrusts, world->now) == PROTO_OK);
        break;
    case CONVERSATION_EVENT_READY:
        user->connecting = false;
        break;
    case CONVERSATION_EVENT_TEXT:
    case CONVERSATION_EVENT_FILE:
        got_message(world, user, event);
        break;
    case CONVERSATION_EVENT_PRESENCE:
        got_presence(world, user, event);
        break;
    case CONVERSATION_EVENT_PONG:
        got_pong(user, event->id);
        break;
    case CONVERSATION_EVENT_SENT:
        sent(user, event->token);
        break;
    case CONVERSATION_EVENT_DELIVERED:
    case CONVERSATION_EVENT_FAILED:
        ended(world, user, event);
        break;
    case CONVERSATION_EVENT_VIOLATION:
        FUZZ_MUST(event->error != PROTO_OK && event->error != PROTO_E_MEMORY && event->error != PROTO_E_CRYPTO &&
                  event->error != PROTO_E_FULL);
        break;
    default:
        break;
    }
}

void user_take_events(struct world *world, struct user *user) {
    struct conversation_event event;

    while (conversation_next_event(user->conversation, &event))
        take_event(world, user, &event);
    FUZZ_MUST(!user->offline || conversation_output(user->conversation)->size == 0);
    collect(user);
}

void user_deliver(struct world *world, struct user *user, struct span payload) {
    struct message message;

    if (payload.size == 0 || user->offline)
        return;
    if (message_parse(&message, PLACE_TO_CLIENT, payload.data, payload.size) == PROTO_OK) {
        if (message.src.size > 0 && name_equal(message.src, span_of(user->peer)))
            FUZZ_MUST(conversation_receive(user->conversation, &message, payload, world->now) == PROTO_OK);
        else if (message.type == MESSAGE_ERROR)
            FUZZ_MUST(conversation_refused(user->conversation, &message, world->now) == PROTO_OK);
        user_take_events(world, user);
    }
    message_free(&message);
}

/* The number, and token, of the next message of USER's, and its TEXT.  False: there were enough. */
static bool begin_message(struct user *user, enum message_type type, char text[static 32], unsigned *number) {
    if (user->sent == TEXTS_MAX)
        return false;
    *number = user->sent++;
    (void)snprintf(text, 32, "text %u", *number);
    user->types[*number] = type;
    user->fates[*number] = user->closed ? NONE : OPEN;
    return true;
}

void user_send_text(struct world *world, struct user *user, bool sign, uint64_t ttl) {
    char body[32];
    unsigned number;
    struct conversation_text text = {.time = 1, .sign = sign, .give_up_at = ttl > 0 ? world->now + ttl : 0};

    if (!begin_message(user, MESSAGE_TEXT, body, &number))
        return;
    text.token = number;
    text.body = span_of(body);
    text.expires = ttl;
    FUZZ_MUST(conversation_send(user->conversation, &text, world->now) == (user->closed ? PROTO_E_STATE : PROTO_OK));
    user_take_events(world, user);
}

void user_send_step(struct world *world, struct user *user, uint8_t what) {
    static const enum message_type types[] = {MESSAGE_FILE_OFFER, MESSAGE_FILE_ANSWER, MESSAGE_FILE_DATA,
                                              MESSAGE_FILE_END};
    const struct user *of = what & 16 ? user : other_of(world, user);
    struct file_fields fields = {.type = types[what % 4],
                                 .file = SPAN("f"),
                                 .sha256 = (const uint8_t *)"thirty-two bytes of no hash at all",
                                 .status = (enum file_status)(what / 4 % FILE_STATUS_UNKNOWN)};
    char body[32];
    unsigned number;

    if (!begin_message(user, fields.type, body, &number))
        return;
    fields.name = fields.data = fields.reason = span_of(body);
    fields.offset = fields.size = number;
    FUZZ_MUST(conversation_send_file(user->conversation,
                                     &(struct conversation_file){.token = number,
                                                                 .key = what & 32 ? of->identity->fingerprint : NULL,
                                                                 .fields = &fields},
                                     world->now) == (user->closed ? PROTO_E_STATE : PROTO_OK));
    user_take_events(world, user);
}

void user_ping(struct world *world, struct user *user) {
    const bool ready = conversation_is_ready(user->conversation);
    char id[MESSAGE_ID_MAX + 1];

    if (user->pinged == PINGS_MAX)
        return;
    FUZZ_MUST(conversation_ping(user->conversation, id) == (ready ? PROTO_OK : PROTO_E_STATE));
    if (ready)
        memcpy(user->pings[user->pinged++], id, sizeof(id));
    user_take_events(world, user);
}

void user_tell_presence(struct world *world, struct user *user) {
    char text[32];

    if (user->told == PRESENCES_MAX)
        return;
    (void)snprintf(text, sizeof(text), "here %u", user->told++);
    FUZZ_MUST(conversation_tell_presence(user->conversation, user->told % 2 == 0, span_of(text)) == PROTO_OK);
    user_take_events(world, user);
}

void user_turn_way(struct world *world, struct user *user) {
    if (user->closed)
        return;
    user->offline = !user->offline;
    if (user->offline)
        conversation_interrupted(user->conversation, world->now);
    else
        FUZZ_MUST(conversation_resumed(user->conversation, world->now) == PROTO_OK);
    user_take_events(world, user);
}

void user_want_session(struct world *world, struct user *user) {
    const bool ready = conversation_is_ready(user->conversation);

    FUZZ_MUST(conversation_connect(user->conversation, SESSION_TOKEN, world->now) ==
              (user->closed ? PROTO_E_STATE : PROTO_OK));
    user->connecting = user->connecting || (!user->closed && !ready);
    user_take_events(world, user);
}

void user_withdraw(struct world *world, struct user *user) {
    conversation_withdraw(user->conversation);
    for (size_t i = 0; i < TEXTS_MAX; i++)
        if (user->fates[i] != ENDED && user->types[i] == MESSAGE_TEXT)
            user->fates[i] = NONE;
    user_take_events(world, user);
}

void user_hand_on(struct world *world, struct user *user) {
    for (size_t i = 0; i < user->held_count; i++)
        answer(world, user, &user->held[i]);
    user->held_count = 0;
    user_take_events(world, user);
}

void user_close(struct world *world, struct user *user) {
    user->closed = true;
    FUZZ_MUST(conversation_close(user->conversation) == PROTO_OK);
    user_take_events(world, user);
}

void user_free(struct user *user) {
    size_t open = 0;

    for (size_t i = 0; i < TEXTS_MAX; i++)
        open += user->fates[i] == OPEN || user->fates[i] == SENT;
    FUZZ_MUST(conversation_pending(user->conversation) == open);
    conversation_free(user->conversation);
    while (user_take(user))
        ;
    buffer_free(&user->last);
}
