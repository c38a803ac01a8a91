#include <config.h>

#include "src/bench/user.h"

#include "src/bench/crowd.h"
#include "src/common/net.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* What may wait in an output: a window of large messages. */
#define OUTPUT_MAX ((size_t)64 * 1024 * 1024)

int user_start(struct user *user, struct crowd *crowd, size_t index) {
    const struct link_config config = {
        .role = LINK_CLIENT,
        .identity = crowd->config.identity->key,
        .identity_pem = crowd->config.identity->pem,
        .name = user->name,
        .suites = &crowd->config.suites,
    };

    *user = (struct user){.crowd = crowd, .index = index, .socket = -1, .output = BUFFER_INIT(OUTPUT_MAX)};
    snprintf(user->name, sizeof(user->name), "bench-%zu", index);
    if (link_new(&user->link, &config) != 0) {
        crowd_fail(crowd, "out of memory");
        return -1;
    }
    user->socket = net_connect_start(crowd->config.address);
    if (user->socket < 0) {
        crowd_fail(crowd, "cannot connect: %s", diagnostic_errno(-user->socket));
        user->socket = -1;
        return -1;
    }
    return 0;
}

void user_free(struct user *user) {
    if (user->socket >= 0)
        close(user->socket);
    user->socket = -1;
    link_free(user->link);
    user->link = NULL;
    buffer_free(&user->output);
}

short user_events(const struct user *user) {
    const bool writing = user->state == USER_CONNECTING || user->output.size > 0;

    return (short)((user->state == USER_CONNECTING ? 0 : POLLIN) | (writing ? POLLOUT : 0));
}

void user_put(struct user *user, struct span payload) {
    int error = link_seal(user->link, payload, &user->output);

    if (error != 0)
        crowd_fail(user->crowd, "%s cannot send: %s", user->name, proto_strerror(error));
}

void user_flush(struct user *user) {
    while (user->output.size > 0 && user->socket >= 0) {
        ssize_t sent = send(user->socket, buffer_data(&user->output), user->output.size, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                crowd_fail(user->crowd, "%s cannot send: %s", user->name, diagnostic_errno(errno));
            return;
        }
        buffer_consume(&user->output, (size_t)sent);
    }
}

void user_leave(struct user *user) {
    struct buffer bye = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    if (message_write_bye(&bye, SPAN("")) != 0)
        crowd_fail(user->crowd, "out of memory");
    else
        user_put(user, buffer_span(&bye));
    buffer_free(&bye);
    user->state = USER_LEAVING;
    user_flush(user);
}

/* ---- what comes ------------------------------------------------------------------------------------ */

/* A payload of the server itself: only `ping` wants an answer. */
static void take_own(struct user *user, struct span payload) {
    struct buffer pong = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct message message = {0};
    int error = message_parse(&message, PLACE_TO_CLIENT, payload.data, payload.size);

    if (error != 0) {
        crowd_fail(user->crowd, "%s gets what it cannot read: %s", user->name, proto_strerror(error));
        return;
    }
    if (message.type == MESSAGE_PING && message_write_ping(&pong, MESSAGE_PONG, message.id) == 0)
        user_put(user, buffer_span(&pong));
    else if (message.type == MESSAGE_ERROR)
        crowd_fail(user->crowd, "%s: the server refuses a message: %s", user->name, wire_error_word(message.code));
    else if (message.type == MESSAGE_BYE && user->state == USER_READY)
        crowd_fail(user->crowd, "%s: the server says bye", user->name);
    message_free(&message);
    buffer_free(&pong);
}

static void take_payload(struct user *user, struct span payload) {
    struct route route = {0};

    /* The route of what another user has sent reads the same on both sides of the relay. */
    if (message_route(&route, payload.data, payload.size) != 0 || route.src[0] == '\0') {
        take_own(user, payload);
        return;
    }
    if (user->state != USER_READY)
        return;
    user->crowd->relayed++;
    user->crowd->config.listener->take(user, &route, payload);
}

static void take_event(struct user *user, const struct link_event *event) {
    int error = 0;

    switch (event->type) {
    case LINK_EVENT_OFFER:
        error = link_accept(user->link, &user->output);
        if (error != 0)
            crowd_fail(user->crowd, "%s: the handshake fails: %s", user->name, proto_strerror(error));
        break;
    case LINK_EVENT_ESTABLISHED:
        user->state = USER_READY;
        user->crowd->ready++;
        user->crowd->accepted++;
        break;
    case LINK_EVENT_PAYLOAD:
        take_payload(user, (struct span){event->payload, event->payload_size});
        break;
    default:
        crowd_fail(user->crowd, "%s is refused: %s", user->name, wire_error_word(event->code));
        break;
    }
}

static void take_lines(struct user *user) {
    struct link_event event = {0};
    int result = 0;

    while (!user->crowd->failed && (result = link_next(user->link, &event)) > 0)
        take_event(user, &event);
    if (result < 0)
        crowd_fail(user->crowd, "%s gets what it cannot read: %s", user->name, proto_strerror(result));
    if (user->state == USER_READY)
        user->crowd->config.listener->drained(user);
    user_flush(user);
}

static void end_of_stream(struct user *user) {
    if (user->state != USER_LEAVING) {
        crowd_fail(user->crowd, "%s: the server closes the connection", user->name);
        return;
    }
    user_free(user);
    user->state = USER_GONE;
    user->crowd->ready--;
}

static void receive(struct user *user) {
    uint8_t *room = NULL;
    size_t size = 0;
    ssize_t received = 0;

    if (link_reserve(user->link, &room, &size) != 0) {
        crowd_fail(user->crowd, "out of memory");
        return;
    }
    do
        received = recv(user->socket, room, size, MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    if (received > 0) {
        link_commit(user->link, (size_t)received);
        take_lines(user);
    } else if (received == 0) {
        end_of_stream(user);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        crowd_fail(user->crowd, "%s cannot receive: %s", user->name, diagnostic_errno(errno));
    }
}

/* The connection stands, or cannot be had. */
static void begin(struct user *user) {
    int error = net_connect_result(user->socket);

    if (error != 0) {
        crowd_fail(user->crowd, "%s cannot connect: %s", user->name, diagnostic_errno(-error));
        return;
    }
    error = link_start(user->link, &user->output);
    if (error != 0) {
        crowd_fail(user->crowd, "%s cannot begin: %s", user->name, proto_strerror(error));
        return;
    }
    user->state = USER_HANDSHAKING;
    user_flush(user);
}

void user_turn(struct user *user, short events) {
    if (events == 0 || user->state == USER_GONE)
        return;
    user->crowd->progress = user->crowd->now;
    if (user->state == USER_CONNECTING) {
        begin(user);
        return;
    }
    if ((events & POLLOUT) != 0)
        user_flush(user);
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0)
        receive(user);
}
