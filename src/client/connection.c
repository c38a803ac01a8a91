#include <config.h>

#include "src/client/connection_state.h"
#include "src/client/dial.h"
#include "src/common/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Bytes of memory that the queue keeps when it is empty. */
#define CONNECTION_KEEP 65536

/* Bytes read from the socket at once. */
#define CONNECTION_READ 65536

static const char *state_name(enum state state) {
    static const char *const names[] = {"connecting", "handshaking", "deciding", "established",
                                        "leaving",    "ended",       "over"};

    return names[state];
}

void connection_set_state(struct connection *connection, enum state state, uint64_t deadline) {
    log_debug(LOG_NO_CLIENT, "connection: %s -> %s", state_name(connection->state), state_name(state));
    connection->state = state;
    connection->deadline = deadline;
}

static void close_socket(struct connection *connection) {
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
}

void connection_end(struct connection *connection, enum exit_status status) {
    close_socket(connection);
    connection->status = status;
    connection_set_state(connection, ENDED, CLOCK_NEVER);
}

void connection_end_lost(struct connection *connection, const char *what) {
    diagnostic_set(&connection->why, "the connection to %s was lost: %s", connection->config.server, what);
    connection_end(connection, STATUS_NETWORK);
}

static void write_out(struct connection *connection, uint64_t now) {
    while (connection->out.size > 0 && !connection->write_failed) {
        ssize_t size = send(connection->fd, buffer_data(&connection->out), connection->out.size, MSG_NOSIGNAL);

        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (size < 0) {
            log_debug(LOG_NO_CLIENT, "connection: cannot send: %s", diagnostic_errno(errno));
            connection->write_failed = true;
        } else {
            buffer_consume(&connection->out, (size_t)size);
        }
    }
    if (connection->write_failed)
        buffer_truncate(&connection->out, 0);
    buffer_shrink(&connection->out, CONNECTION_KEEP);
    if (connection->state == LEAVING && connection->out.size == 0 && !connection->shut) {
        connection->shut = true;
        connection->deadline = now + CONNECTION_BYE_MS;
        shutdown(connection->fd, SHUT_WR);
    }
}

/* Sends the server a last, plain line that says why this side ends the connection; drops it if it cannot be sent at
 * once. */
static void tell(struct connection *connection, enum wire_error code) {
    if (connection->fd >= 0 && link_refuse(connection->link, code, &connection->out) == PROTO_OK)
        write_out(connection, CLOCK_NEVER);
}

int connection_link_failed(struct connection *connection, int error) {
    bool established = connection->state >= ESTABLISHED;
    enum exit_status status = exit_status_of_proto(error, established);

    if (status == STATUS_INTERNAL)
        return error;
    if (established || status == STATUS_INTEGRITY)
        diagnostic_set(&connection->why, "what came from %s failed its checks: %s", connection->config.server,
                       proto_strerror(error));
    else
        diagnostic_set(&connection->why, "%s does not speak this protocol: %s; is it a chatsecure-server?",
                       connection->config.server, proto_strerror(error));
    tell(connection, proto_wire_error(error));
    connection_end(connection, status);
    return PROTO_OK;
}

/* ---- connecting --------------------------------------------------------------------------------------------- */

static void dial_failed(struct connection *connection) {
    diagnostic_set(&connection->why, "%s", dial_why(connection->dial));
    connection_end(connection, STATUS_NETWORK);
}

static int continue_dialing(struct connection *connection, short revents, uint64_t now) {
    int fd = dial_continue(connection->dial, revents != 0, now);

    if (fd == -EAGAIN)
        return PROTO_OK;
    if (fd < 0) {
        dial_failed(connection);
        return PROTO_OK;
    }
    connection->fd = fd;
    connection_set_state(connection, HANDSHAKING, connection->opened_at + connection->config.timeout);
    return link_start(connection->link, &connection->out);
}

int connection_open(struct connection **connection, const struct connection_config *config, uint64_t now) {
    struct connection *made = calloc(1, sizeof(*made));
    int error;

    if (!made)
        return PROTO_E_MEMORY;
    made->config = *config;
    made->fd = -1;
    made->out = BUFFER_INIT(CONNECTION_LIMIT);
    made->opened_at = now;
    made->deadline = CLOCK_NEVER;
    error = link_new(&made->link, config->link);
    if (error != PROTO_OK) {
        connection_free(made);
        return error;
    }
    error = dial_new(&made->dial, config->endpoint, now, now + config->timeout);
    if (error != 0 && made->dial == NULL) {
        connection_free(made);
        return PROTO_E_MEMORY;
    }
    if (error != 0)
        dial_failed(made);
    *connection = made;
    return PROTO_OK;
}

void connection_free(struct connection *connection) {
    if (!connection)
        return;
    close_socket(connection);
    dial_free(connection->dial);
    if (connection->has_message)
        message_free(&connection->message);
    link_free(connection->link);
    buffer_free(&connection->out);
    free(connection);
}

/* ---- bytes ---------------------------------------------------------------------------------------------------- */

/* The server has closed the stream: in answer to our goodbye, or, HOW says why, too early. */
static void stream_ended(struct connection *connection, const char *how) {
    if (connection->state == LEAVING && connection->shut && !connection->write_failed)
        connection_end(connection, STATUS_OK);
    else if (connection->state == ESTABLISHED || connection->state == LEAVING)
        connection_end_lost(connection, how);
    else {
        diagnostic_set(&connection->why, "%s ended the connection in the handshake: %s; is it a chatsecure-server?",
                       connection->config.server, how);
        connection_end(connection, STATUS_NETWORK);
    }
}

static int read_in(struct connection *connection, uint64_t now) {
    uint8_t *room = NULL;
    size_t space = CONNECTION_READ;
    ssize_t size;
    int error = link_reserve(connection->link, &room, &space);

    /* poll() reports a hang-up even while the caller does not read; then the link may be full. */
    if (error == PROTO_E_FULL)
        return PROTO_OK;
    if (error != PROTO_OK)
        return connection_link_failed(connection, error);
    do
        size = recv(connection->fd, room, space, 0);
    while (size < 0 && errno == EINTR);
    if (size > 0) {
        link_commit(connection->link, (size_t)size);
        connection->pinged = false;
        if (connection->state == ESTABLISHED)
            connection->deadline = now + CONNECTION_SILENCE_MS;
    } else if (size == 0) {
        stream_ended(connection, "the stream ended without a goodbye");
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        stream_ended(connection, diagnostic_errno(errno));
    }
    return PROTO_OK;
}

static int ask_for_life(struct connection *connection, uint64_t now) {
    connection->pinged = true;
    connection->deadline = now + CONNECTION_PONG_MS;
    return connection_ping(connection, (struct span){NULL, 0});
}

static int deadline_passed(struct connection *connection, uint64_t now) {
    switch (connection->state) {
    case HANDSHAKING:
        diagnostic_set(&connection->why, "%s did not complete the handshake in time", connection->config.server);
        connection_end(connection, STATUS_NETWORK);
        break;
    case ESTABLISHED:
        /* While the caller does not read, the server's silence means nothing, but it still has to hear that this side
         * lives. */
        if (!connection->pinged || connection->resting)
            return ask_for_life(connection, now);
        connection_end_lost(connection, "it answers no more");
        break;
    case LEAVING:
        stream_ended(connection, "it answers no more");
        break;
    default:
        break;
    }
    return PROTO_OK;
}

int connection_work(struct connection *connection, short revents, uint64_t now) {
    int error = PROTO_OK;

    if (connection->state == CONNECTING)
        return continue_dialing(connection, revents, now);
    if (connection->fd >= 0 && (revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        error = read_in(connection, now);
    if (error == PROTO_OK && connection->fd >= 0 && connection->deadline <= now)
        error = deadline_passed(connection, now);
    if (error == PROTO_OK && connection->fd >= 0)
        write_out(connection, now);
    return error;
}

/* ---- what the caller asks for ---------------------------------------------------------------------------------- */

int connection_accept(struct connection *connection, uint64_t now) {
    int error;

    if (connection->state != DECIDING)
        return PROTO_OK;
    error = link_accept(connection->link, &connection->out);
    if (error != PROTO_OK)
        return connection_link_failed(connection, error);
    connection_set_state(connection, HANDSHAKING, now + connection->config.timeout);
    write_out(connection, now);
    return PROTO_OK;
}

void connection_refuse(struct connection *connection) {
    if (connection->state != DECIDING)
        return;
    tell(connection, WIRE_DENIED);
    close_socket(connection);
    connection_set_state(connection, OVER, CLOCK_NEVER);
}

int connection_send(struct connection *connection, struct span payload) {
    int error;

    if (connection->state != ESTABLISHED)
        return PROTO_OK;
    error = link_seal(connection->link, payload, &connection->out);
    /* The queue is full, of answers that the server asks for and does not read; or the session has no sequence numbers
     * left. */
    if (error == PROTO_E_FULL || error == PROTO_E_EXHAUSTED) {
        connection_end_lost(connection, error == PROTO_E_FULL ? "it takes nothing any more" : proto_strerror(error));
        return PROTO_OK;
    }
    return error;
}

int connection_ping(struct connection *connection, struct span id) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error = message_write_ping(&payload, MESSAGE_PING, id);

    if (error == PROTO_OK)
        error = connection_send(connection, buffer_span(&payload));
    buffer_free(&payload);
    return error;
}

bool connection_is_full(const struct connection *connection) {
    return connection->out.size >= CONNECTION_HIGH;
}

int connection_leave(struct connection *connection, uint64_t now) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error;

    if (connection->state >= LEAVING)
        return PROTO_OK;
    if (connection->state != ESTABLISHED) {
        connection_end(connection, STATUS_OK);
        return PROTO_OK;
    }
    error = message_write_bye(&payload, (struct span){NULL, 0});
    if (error == PROTO_OK)
        error = connection_send(connection, buffer_span(&payload));
    buffer_free(&payload);
    if (error != PROTO_OK || connection->state != ESTABLISHED)
        return error;
    connection_set_state(connection, LEAVING, now + connection->config.timeout);
    write_out(connection, now);
    return PROTO_OK;
}

/* ---- what is asked about it ----------------------------------------------------------------------------------- */

int connection_fd(const struct connection *connection) {
    return connection->state == CONNECTING ? dial_fd(connection->dial) : connection->fd;
}

short connection_wants(struct connection *connection, bool reading) {
    connection->resting = !reading;
    if (connection->state == CONNECTING)
        return POLLOUT;
    /* While the person decides about the key, nothing of what the server sends can be taken. */
    return (short)((reading && connection->state != DECIDING && connection->state != OVER ? POLLIN : 0) |
                   (connection->out.size > 0 ? POLLOUT : 0));
}

uint64_t connection_deadline(const struct connection *connection) {
    return connection->state == CONNECTING ? dial_deadline(connection->dial) : connection->deadline;
}

bool connection_is_over(const struct connection *connection) {
    return connection->state == OVER;
}

const char *connection_fingerprint(const struct connection *connection) {
    return link_peer_fingerprint(connection->link);
}

const csc_public_key *connection_key(const struct connection *connection) {
    return link_peer_key(connection->link);
}

const struct certificates *connection_chain(const struct connection *connection) {
    return link_peer_chain(connection->link);
}

uint64_t connection_session_id(const struct connection *connection) {
    return link_session_id(connection->link);
}

enum suite connection_suite(const struct connection *connection) {
    return link_suite(connection->link);
}
