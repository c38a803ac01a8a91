#include <config.h>

#include "src/bench/flow.h"

#include "src/common/clock.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* A message's number is written in so many digits, so that all of a flow have the same size. */
#define NUMBER_DIGITS 10

/* ---- making one ------------------------------------------------------------------------------------ */

static void write_number(char out[static NUMBER_DIGITS], uint64_t number) {
    for (size_t i = NUMBER_DIGITS; i > 0; i--, number /= 10)
        out[i - 1] = (char)('0' + number % 10);
}

/* The number at the beginning of TEXT; UINT64_MAX if there is none. */
static uint64_t read_number(const char *text, size_t size) {
    uint64_t number = 0;

    if (size < NUMBER_DIGITS)
        return UINT64_MAX;
    for (size_t i = 0; i < NUMBER_DIGITS; i++) {
        if (text[i] < '0' || text[i] > '9')
            return UINT64_MAX;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    return number;
}

/* The text number NUMBER into OUT of SIZE bytes. */
static void write_body(char *out, size_t size, uint64_t number) {
    memset(out, '.', size);
    write_number(out, number);
}

int flow_write_opaque(struct buffer *out, struct span src, struct span dst, size_t size) {
    static const uint8_t zeros[CSC_SHA256_SIZE];
    struct buffer inner = BUFFER_INIT(MESSAGE_INNER_MAX);
    char *body = malloc(size);
    uint8_t *sealed = NULL;
    struct com_fields fields = {.src = src, .dst = dst, .id = SPAN("0000000000"), .session = zeros, .dh = zeros};
    uint8_t hmac[CSC_SHA256_SIZE] = {0};
    /* The id of a conversation is longer: 12 random characters and a dash before the number. */
    struct text_fields text = {.id = SPAN("AAAAAAAAAAAA-00000"), .time = clock_wall_ms()};
    int error = -1;

    if (body == NULL)
        goto out;
    write_body(body, size, 0);
    text.body = (struct span){body, size};
    if (message_write_text(&inner, &text) != 0)
        goto out;
    fields.payload.size = CSC_CBC_LENGTH(inner.size);
    sealed = malloc(fields.payload.size);
    if (sealed == NULL || csc_random_nonce(sealed, fields.payload.size) != 0 ||
        csc_random_nonce(hmac, sizeof(hmac)) != 0)
        goto out;
    fields.payload.data = (const char *)sealed;
    fields.hmac = hmac;
    error = message_write_com(out, &fields);
out:
    free(sealed);
    free(body);
    buffer_free(&inner);
    return error;
}

static int init_opaque(struct flow_end *end, const struct user *peer) {
    static const char id[] = "\"id\":\"";
    char *found = NULL;

    end->payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    if (flow_write_opaque(&end->payload, span_of(end->user->name), span_of(peer->name),
                          end->user->crowd->config.size) != 0 ||
        buffer_append(&end->payload, "", 1) != 0)
        return -1;
    buffer_truncate(&end->payload, end->payload.size - 1);
    found = strstr((char *)buffer_data(&end->payload), id);
    if (found == NULL)
        return -1;
    end->number_at = (size_t)(found - (char *)buffer_data(&end->payload)) + sizeof(id) - 1;
    return 0;
}

static int init_conversation(struct flow_end *end, const struct user *peer) {
    const struct crowd_config *config = &end->user->crowd->config;

    return conversation_new(&end->conversation, &(struct conversation_config){
                                                    .identity = config->identity->key,
                                                    .identity_pem = config->identity->pem,
                                                    .self = end->user->name,
                                                    .peer = peer->name,
                                                    .suites = &config->suites,
                                                    .timeout = config->timeout,
                                                });
}

int flow_init(struct flow *flow, struct user *near, struct user *far) {
    int (*const init)(struct flow_end *, const struct user *) =
        near->crowd->config.opaque ? init_opaque : init_conversation;

    *flow = (struct flow){.ends = {{.user = near}, {.user = far}}};
    if (init(&flow->ends[FLOW_NEAR], far) != 0 || init(&flow->ends[FLOW_FAR], near) != 0) {
        crowd_fail(near->crowd, "out of memory");
        return -1;
    }
    far->flow = flow;
    return 0;
}

void flow_free(struct flow *flow) {
    for (size_t side = 0; side < 2; side++) {
        conversation_free(flow->ends[side].conversation);
        buffer_free(&flow->ends[side].payload);
    }
}

/* ---- sending --------------------------------------------------------------------------------------- */

/* Moves what a conversation wants to send into its user's output. */
static void drain(struct flow_end *end) {
    struct buffer *output = conversation_output(end->conversation);

    while (output->size > 0) {
        const char *data = (const char *)buffer_data(output);
        const char *line_end = memchr(data, '\n', output->size);
        size_t size = line_end != NULL ? (size_t)(line_end - data) : output->size;

        user_put(end->user, (struct span){data, size});
        buffer_consume(output, line_end != NULL ? size + 1 : size);
    }
}

static void check(struct flow_end *end, int error) {
    if (error != 0)
        crowd_fail(end->user->crowd, "%s: %s", end->user->name, proto_strerror(error));
}

static void send_text(struct flow_end *end, uint64_t number) {
    struct crowd *crowd = end->user->crowd;
    char body[MESSAGE_BODY_MAX];
    const struct conversation_text text = {
        .token = number, .body = {body, crowd->config.size}, .time = clock_wall_ms()};

    write_body(body, crowd->config.size, number);
    check(end, conversation_send(end->conversation, &text, crowd->now));
}

void flow_send(struct flow *flow, enum flow_side side, uint64_t count) {
    struct flow_end *end = &flow->ends[side];

    for (uint64_t i = 0; i < count; i++) {
        end->sent++;
        if (end->conversation != NULL) {
            send_text(end, end->sent);
        } else {
            write_number((char *)buffer_data(&end->payload) + end->number_at, end->sent);
            user_put(end->user, buffer_span(&end->payload));
        }
    }
    if (end->conversation != NULL)
        drain(end);
}

uint64_t flow_pending(const struct flow *flow, enum flow_side side) {
    const struct flow_end *end = &flow->ends[side];

    return end->conversation != NULL ? conversation_pending(end->conversation)
                                     : end->sent - flow->ends[1 - side].arrived;
}

bool flow_is_settled(const struct flow *flow) {
    const struct flow_end *near = &flow->ends[FLOW_NEAR];
    const struct flow_end *far = &flow->ends[FLOW_FAR];

    return near->sent == far->arrived && far->sent == near->arrived && flow_pending(flow, FLOW_NEAR) == 0 &&
           flow_pending(flow, FLOW_FAR) == 0;
}

/* ---- receiving ------------------------------------------------------------------------------------- */

static void arrive(struct flow_end *end, uint64_t number) {
    if (number != end->arrived + 1)
        crowd_fail(end->user->crowd, "%s: out of order or lost: message %" PRIu64 " was due and %" PRIu64 " came",
                   end->user->name, end->arrived + 1, number);
    end->arrived++;
}

static void take_event(struct flow_end *end, const struct conversation_event *event) {
    struct crowd *crowd = end->user->crowd;

    switch (event->type) {
    case CONVERSATION_EVENT_KEY:
        check(end, conversation_trust(end->conversation, event->fingerprint, true, crowd->now));
        break;
    case CONVERSATION_EVENT_TEXT:
        if (event->body_size != crowd->config.size)
            crowd_fail(crowd, "%s: a message has another size", end->user->name);
        arrive(end, read_number(event->body, event->body_size));
        check(end, conversation_handed_on(end->conversation, event->fingerprint, event->id, crowd->now));
        break;
    case CONVERSATION_EVENT_FAILED:
        crowd_fail(crowd, "%s: message %" PRIu64 " is lost: %s", end->user->name, event->token,
                   conversation_failure_text(event->failure));
        break;
    case CONVERSATION_EVENT_CLOSED:
    case CONVERSATION_EVENT_VIOLATION:
        crowd_fail(crowd, "%s: the conversation is broken: %s", end->user->name,
                   event->type == CONVERSATION_EVENT_CLOSED ? event->reason : proto_strerror(event->error));
        break;
    default:
        break;
    }
}

static void take_events(struct flow_end *end) {
    struct conversation_event event = {0};

    while (conversation_next_event(end->conversation, &event))
        take_event(end, &event);
    drain(end);
}

/* The end at USER of the flow on which the user NAME sends; NULL: there is none. */
static struct flow_end *find_end(struct user *user, const char *name) {
    const struct crowd *crowd = user->crowd;
    const char *number = strchr(name, '-');
    unsigned long index = number != NULL ? strtoul(number + 1, NULL, 10) : ULONG_MAX;
    struct flow *flow = index < crowd->count ? crowd->users[index]->flow : NULL;

    if (user->flow != NULL && index == user->flow->ends[FLOW_NEAR].user->index)
        return &user->flow->ends[FLOW_FAR];
    return flow != NULL && flow->ends[FLOW_NEAR].user == user ? &flow->ends[FLOW_NEAR] : NULL;
}

static void take_sealed(struct flow_end *end, struct span payload) {
    struct message message = {0};
    int error = message_parse(&message, PLACE_TO_CLIENT, payload.data, payload.size);

    check(end, error);
    if (error != 0)
        return;
    check(end, conversation_receive(end->conversation, &message, payload, end->user->crowd->now));
    message_free(&message);
    take_events(end);
}

static void take(struct user *user, const struct route *route, struct span payload) {
    struct flow_end *end = find_end(user, route->src);

    if (end == NULL)
        crowd_fail(user->crowd, "%s gets a message of %s, who has sent none", user->name, route->src);
    else if (end->conversation != NULL)
        take_sealed(end, payload);
    else
        arrive(end, read_number(route->id, strlen(route->id)));
}

/* Sends the receipts that are wanted at once. */
static void send_receipts(struct user *user) {
    struct flow_end *end = user->flow != NULL ? &user->flow->ends[FLOW_FAR] : NULL;

    if (end == NULL || end->conversation == NULL || !end->eager)
        return;
    check(end, conversation_flush(end->conversation));
    drain(end);
}

static void tick_end(struct flow_end *end) {
    const uint64_t now = end->user->crowd->now;

    if (end->conversation == NULL || conversation_deadline(end->conversation) > now)
        return;
    check(end, conversation_tick(end->conversation, now));
    take_events(end);
    user_flush(end->user);
}

static void tick(struct crowd *crowd) {
    for (size_t i = 0; i < crowd->end; i++) {
        if (crowd->users[i]->flow == NULL)
            continue;
        tick_end(&crowd->users[i]->flow->ends[FLOW_NEAR]);
        tick_end(&crowd->users[i]->flow->ends[FLOW_FAR]);
    }
}

const struct crowd_listener flow_listener = {.take = take, .drained = send_receipts, .tick = tick};
