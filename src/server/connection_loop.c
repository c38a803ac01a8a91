#include <config.h>

#include "src/server/connection_state.h"

#include "src/common/clock.h"
#include "src/server/stack.h"

#include <errno.h>
#include <poll.h>

/* Receive calls in a row before the wake and the deadlines are looked at again. */
#define RECEIVE_ROUNDS 16

/* After so long without anything to do, memory is given back.  Not each time that there is nothing to do for a moment,
 * because to get it again costs as much as to relay a message. */
#define REST_AFTER_MS 200

/* What the last handshakes may take that have begun before another server takes over. */
#define LAST_HANDSHAKES_MS 2000

void connection_charge(struct connection *connection, uint64_t bytes, uint64_t messages) {
    const struct limits *limits = &connection->server->limits;

    bucket_take(&connection->bytes, &(struct bucket_rate){limits->rate, limits->rate_burst}, bytes, connection->now);
    bucket_take(&connection->messages, &(struct bucket_rate){limits->message_rate, limits->rate_burst}, messages,
                connection->now);
}

/* When the client may send more: in the past if it is not too fast. */
static uint64_t ready_at(const struct connection *connection) {
    const struct limits *limits = &connection->server->limits;
    const uint64_t bytes = bucket_ready(&connection->bytes, &(struct bucket_rate){limits->rate, limits->rate_burst});
    const uint64_t messages =
        bucket_ready(&connection->messages, &(struct bucket_rate){limits->message_rate, limits->rate_burst});

    return bytes > messages ? bytes : messages;
}

/* When the client is listened to: in the past for at once, UINT64_MAX for not before something else happens. */
static uint64_t listens_at(const struct connection *connection, const struct outbox_status *status) {
    return status->crowded || connection->proving ? UINT64_MAX : ready_at(connection);
}

/* One receive call.  True if there may be more. */
static bool receive(struct connection *connection) {
    uint8_t *room = NULL;
    size_t size = 0;
    ssize_t received = 0;
    int error = link_reserve(connection->link, &room, &size);

    if (error != 0) {
        connection_end_failed(connection, error);
        return false;
    }
    do
        received = recv(connection->socket, room, size, MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    if (received > 0) {
        link_commit(connection->link, (size_t)received);
        connection->heard = connection->now;
        connection->pinged = false;
        connection_charge(connection, (uint64_t)received, 0);
        connection_take_lines(connection);
        if (ready_at(connection) > connection->now) {
            stats_add(&connection->server->stats, STATS_SLOWED, 1);
            return false;
        }
        return (size_t)received == size && !connection->ended && !connection->pending;
    }
    if (received == 0)
        connection_end_lost(connection, link_partial(connection->link) ? "the stream ends in the middle of a message"
                                                                       : "the stream ends without bye");
    else if (errno != EAGAIN && errno != EWOULDBLOCK)
        connection_end_lost(connection, diagnostic_errno(errno));
    return false;
}

static void send_ping(struct connection *connection) {
    struct buffer ping = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    connection->pinged = true;
    connection->asked = connection->now;
    if (message_write_ping(&ping, MESSAGE_PING, SPAN("")) == 0 &&
        outbox_push(&connection->session->outbox, buffer_span(&ping), OUTBOX_FROM_SELF) == 0)
        outbox_flush(&connection->session->outbox, connection->now);
    buffer_free(&ping);
}

/* When the client's silence is to lead to something.  The time for its answer begins with the question, which is late
 * where the server was stopped. */
static uint64_t silence_deadline(const struct connection *connection) {
    const struct limits *limits = &connection->server->limits;

    if (!connection->registered)
        return connection->handshake_deadline;
    return connection->pinged ? connection->asked + settings_pong_within(limits)
                              : connection->heard + limits->ping_after;
}

static void end_timeout(struct connection *connection) {
    if (connection->proving) {
        connection_end_refused(connection, WIRE_BUSY, "too many handshakes were before it");
        return;
    }
    connection_end_refused(connection, WIRE_TIMEOUT, "the handshake takes too long");
}

static void end_dropped(struct connection *connection, enum stats_counter counter, const char *why) {
    stats_add(&connection->server->stats, counter, 1);
    connection_end_lost(connection, why);
}

static void check_deadlines(struct connection *connection, const struct outbox_status *status) {
    if (connection->now >= status->deadline)
        end_dropped(connection, STATS_DROPPED_STALLED, "takes no data");
    else if (connection->now < silence_deadline(connection))
        return;
    else if (!connection->registered)
        end_timeout(connection);
    else if (connection->pinged)
        end_dropped(connection, STATS_DROPPED_SILENT, "gives no sign of life");
    else
        send_ping(connection);
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Gives back what only a connection that has something to do needs. */
static void rest(struct connection *connection) {
    connection->resting = true;
    if (!connection->pending)
        link_idle(connection->link);
    outbox_idle(&connection->session->outbox);
    stack_release();
}

/* What poll() has FOUND tells whether the connection rests. */
static void note_wakeup(struct connection *connection, int found) {
    if (found > 0) {
        connection->woken = connection->now;
        connection->resting = false;
    } else if (!connection->resting && connection->now >= connection->woken + REST_AFTER_MS) {
        rest(connection);
    }
}

/* Whether its handshake is one of the last, and the end is no news to it. */
static bool is_last(const struct connection *connection) {
    return connection->last && !connection->registered;
}

static void wait_for_events(struct connection *connection, const struct outbox_status *status, struct pollfd fds[3]) {
    const uint64_t listens = listens_at(connection, status);
    const bool listening = listens <= connection->now;
    uint64_t until = least(silence_deadline(connection), status->deadline);
    int found = 0;

    if (!connection->resting)
        until = least(until, connection->woken + REST_AFTER_MS);
    if (!listening)
        until = least(until, listens);
    fds[0] = (struct pollfd){.fd = connection->socket,
                             .events = (short)((listening ? POLLIN : 0) | (status->waiting ? POLLOUT : 0))};
    fds[1] = (struct pollfd){.fd = connection->session->wake.poll_fd, .events = POLLIN};
    fds[2] =
        (struct pollfd){.fd = is_last(connection) ? -1 : connection->server->ending.wake.poll_fd, .events = POLLIN};
    found = poll(fds, 3, clock_poll_timeout(connection->now, until));
    /* A failing poll() (EINTR, no memory) reports nothing, and the loop comes back to it. */
    if (found < 0)
        fds[0].revents = fds[1].revents = fds[2].revents = 0;
    connection->now = clock_monotonic_ms();
    note_wakeup(connection, found);
}

static void take_socket_events(struct connection *connection, short events, bool listening) {
    if ((events & POLLOUT) != 0)
        outbox_resume(&connection->session->outbox, connection->now);
    if (!listening) {
        if ((events & (POLLERR | POLLHUP)) != 0)
            connection_end_lost(connection, "the connection is broken");
        return;
    }
    if ((events & (POLLIN | POLLERR | POLLHUP)) == 0)
        return;
    for (int round = 0; round < RECEIVE_ROUNDS && !connection->ended && receive(connection); round++)
        continue;
}

/* Does what can be done without waiting for the socket.  False: there is nothing. */
static bool proceed(struct connection *connection, const struct outbox_status *status) {
    if (status->broken)
        connection_end_lost(connection, "the connection is broken");
    else if (status->crowded && !status->waiting)
        /* Another thread is about to send, and will not say so: this one sends, and looks again. */
        outbox_flush(&connection->session->outbox, connection->now);
    else if (connection->proving && gate_is_inside(&connection->server->rsa, &connection->rsa))
        connection_prove(connection);
    else if (connection->pending && !status->crowded && !connection->proving)
        connection_take_lines(connection);
    else
        return false;
    return true;
}

/* The server is to end.  When another takes over, a handshake that has begun may come to its end: a client that is told
 * to come back does so, but one that never was in a session would take it for a failure. */
static void take_ending(struct connection *connection) {
    struct ending *ending = &connection->server->ending;

    if (connection->registered || ending_kind(ending) != ENDING_RESTART) {
        connection_end_bye(connection, ending_word(ending), RELAY_SHUTDOWN);
        return;
    }
    connection->last = true;
    connection->handshake_deadline = least(connection->handshake_deadline, connection->now + LAST_HANDSHAKES_MS);
}

static void turn(struct connection *connection) {
    struct outbox_status status = outbox_status(&connection->session->outbox);
    enum session_dismissal dismissal = SESSION_STAYS;
    struct pollfd fds[3];
    bool listening = false;

    if (proceed(connection, &status))
        return;
    listening = listens_at(connection, &status) <= connection->now;
    /* While it is not listened to, its silence means nothing. */
    if (!listening) {
        connection->heard = connection->now;
        connection->pinged = false;
    }
    wait_for_events(connection, &status, fds);
    if (fds[1].revents != 0)
        wake_drain(&connection->session->wake);
    if (fds[2].revents != 0)
        take_ending(connection);
    else if ((dismissal = session_dismissal(connection->session)) != SESSION_STAYS)
        connection_end_bye(connection, session_dismissal_word(dismissal),
                           dismissal == SESSION_REPLACED ? RELAY_REPLACED : RELAY_REMOVED);
    else
        take_socket_events(connection, fds[0].revents, listening);
    if (!connection->ended) {
        status = outbox_status(&connection->session->outbox);
        check_deadlines(connection, &status);
    }
}

void connection_loop(struct connection *connection) {
    while (!connection->ended && (connection->moved || !connection->registered || !connection->resting))
        turn(connection);
}
