/* What comes from the server, and what the caller hears of it. */
#include <config.h>

#include "proto/text.h"
#include "src/client/connection_state.h"
#include "src/common/log.h"

#include <string.h>

static int answer_ping(struct connection *connection) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error = message_write_ping(&payload, MESSAGE_PONG, connection->message.id);

    if (error == PROTO_OK)
        error = connection_send(connection, buffer_span(&payload));
    buffer_free(&payload);
    return error;
}

static void server_left(struct connection *connection) {
    enum exit_status status = STATUS_NETWORK;
    char reason[64] = "";

    text_escape_cut(reason, sizeof(reason), connection->message.reason);
    diagnostic_set(&connection->why, "%s ended the session%s%s", connection->config.server, reason[0] ? ": " : "",
                   reason);
    if (strcmp(reason, "replaced") == 0) {
        status = STATUS_NAME_REFUSED;
        diagnostic_set(&connection->why, "another program with this identity has taken the name over");
    }
    connection->restarts = strcmp(reason, "restart") == 0;
    connection_end(connection, connection->state == LEAVING ? STATUS_OK : status);
}

/* Takes a PAYLOAD that cannot be parsed.  If it comes from a peer, that is the peer's doing, since the relay looks only
 * at its names: it is dropped.  If it is the server's own, the connection ends. */
static int bad_payload(struct connection *connection, struct span payload, int error) {
    struct route route;

    if (exit_status_of_proto(error, true) == STATUS_INTERNAL ||
        message_route(&route, payload.data, payload.size) != PROTO_OK || route.src[0] == '\0')
        return connection_link_failed(connection, error);
    log_debug(LOG_NO_CLIENT, "dropped a %s of %s: %s", message_type_name(route.type), route.src, proto_strerror(error));
    return PROTO_OK;
}

/* Gives the message to the caller. */
static int give(struct connection *connection, struct span payload, struct connection_event *event) {
    *event =
        (struct connection_event){.type = CONNECTION_EVENT_MESSAGE, .message = &connection->message, .raw = payload};
    return 1;
}

/* Takes a payload: 1 if it is for the caller. */
static int take_payload(struct connection *connection, struct span payload, struct connection_event *event) {
    int error = message_parse(&connection->message, PLACE_TO_CLIENT, payload.data, payload.size);

    if (error != PROTO_OK)
        return bad_payload(connection, payload, error);
    connection->has_message = true;
    switch (connection->message.type) {
    case MESSAGE_PING:
        return connection->state == ESTABLISHED ? answer_ping(connection) : PROTO_OK;
    case MESSAGE_PONG:
        /* The pings of this module have no id, and their answers do not concern the caller. */
        return connection->message.id.size > 0 ? give(connection, payload, event) : PROTO_OK;
    case MESSAGE_BYE:
        server_left(connection);
        return PROTO_OK;
    default:
        return give(connection, payload, event);
    }
}

static void refused(struct connection *connection, const struct link_event *event) {
    const char *advice = "";

    if (event->code == WIRE_NAME_TAKEN)
        advice = "; choose another with --name";
    diagnostic_set(&connection->why, "%s refused: %s%s", connection->config.server, event->text, advice);
    connection->busy = event->code == WIRE_BUSY;
    connection_end(connection, exit_status_of_wire(event->code));
}

/* Takes an event of the link: 1 if it is for the caller. */
static int take_event(struct connection *connection, const struct link_event *from, struct connection_event *event,
                      uint64_t now) {
    switch (from->type) {
    case LINK_EVENT_OFFER:
        connection_set_state(connection, DECIDING, CLOCK_NEVER);
        *event = (struct connection_event){.type = CONNECTION_EVENT_KEY};
        return 1;
    case LINK_EVENT_ESTABLISHED:
        connection_set_state(connection, ESTABLISHED, now + CONNECTION_SILENCE_MS);
        *event = (struct connection_event){.type = CONNECTION_EVENT_ESTABLISHED};
        return 1;
    case LINK_EVENT_PAYLOAD:
        return take_payload(connection, (struct span){from->payload, from->payload_size}, event);
    case LINK_EVENT_ERROR:
        refused(connection, from);
        return PROTO_OK;
    case LINK_EVENT_PROOF:
        break;
    }
    return connection_link_failed(connection, PROTO_E_STATE);
}

static void drop_message(struct connection *connection) {
    if (connection->has_message)
        message_free(&connection->message);
    connection->has_message = false;
}

int connection_next(struct connection *connection, struct connection_event *event, uint64_t now) {
    drop_message(connection);
    while (connection->state == HANDSHAKING || connection->state == ESTABLISHED || connection->state == LEAVING) {
        struct link_event from;
        int result = link_next(connection->link, &from);

        if (result == 0)
            return 0;
        result = result < 0 ? connection_link_failed(connection, result) : take_event(connection, &from, event, now);
        if (result != 0)
            return result;
        drop_message(connection);
    }
    if (connection->state != ENDED)
        return 0;
    connection_set_state(connection, OVER, CLOCK_NEVER);
    *event = (struct connection_event){.type = CONNECTION_EVENT_ENDED,
                                       .status = connection->status,
                                       .restarts = connection->restarts,
                                       .busy = connection->busy,
                                       .text = connection->why.text};
    return 1;
}
