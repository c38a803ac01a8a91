#include <config.h>

#include "src/server/relay.h"

#include "src/common/clock.h"
#include "src/common/log.h"
#include <inttypes.h>

/* What of a relayed message a debugging log shows: its outer members and the beginning of the ciphertext. */
#define LOG_PAYLOAD_SIZE 320

static enum stats_counter counter_of(enum wire_error code) {
    switch (code) {
    case WIRE_NO_SUCH_USER:
        return STATS_UNDELIVERED_NOBODY;
    case WIRE_QUEUE_FULL:
        return STATS_UNDELIVERED_QUEUE;
    default:
        return STATS_UNDELIVERED_OTHER;
    }
}

static int answer_error(struct session *session, const struct route *route, enum wire_error code, struct stats *stats) {
    struct buffer answer = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error = message_write_error(&answer, code, NULL, span_of(route->id), span_of(route->dst));

    if (error == 0)
        error = outbox_push(&session->outbox, buffer_span(&answer), OUTBOX_FROM_SELF);
    buffer_free(&answer);
    stats_add(stats, counter_of(code), 1);
    log_debug(session->id, "%s to %s refused: %s", message_type_name(route->type), route->dst, wire_error_word(code));
    return error;
}

/* The word for the sender when nobody of that name is there.  For one who may be about to come back it is tried again,
 * as when there is no room. */
static enum wire_error nobody_error(const struct session_table *table, uint64_t now) {
    return session_table_expects(table, now) ? WIRE_BUSY : WIRE_NO_SUCH_USER;
}

/* The same when pushing to another failed with ERROR. */
static enum wire_error push_error(int error, const struct session_table *table, uint64_t now) {
    switch (error) {
    case PROTO_E_FULL:
        return WIRE_QUEUE_FULL;
    case PROTO_E_TOO_LARGE:
        return WIRE_TOO_LARGE;
    case PROTO_E_STATE: /* it has just left */
        return nobody_error(table, now);
    default:
        return WIRE_BUSY;
    }
}

static bool is_handshake(enum message_type type) {
    return type == MESSAGE_PEER_1 || type == MESSAGE_PEER_2 || type == MESSAGE_PEER_3 || type == MESSAGE_PEER_4;
}

void relay_begin(struct relay_batch *batch, struct stats *stats) {
    /* The places are filled as they are counted. */
    batch->stats = stats;
    batch->begun = clock_monotonic_ns();
    batch->count = 0;
    batch->messages = batch->bytes = 0;
}

/* Notes TO, with the caller's reference, for relay_flush(). */
static void touch(struct relay_batch *batch, struct session *to, uint64_t now) {
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->touched[i] == to) {
            session_release(to);
            return;
        }
    }
    if (batch->count == RELAY_BATCH_MAX)
        relay_flush(batch, now);
    batch->touched[batch->count++] = to;
}

static void log_relayed(const struct session *from, const struct session *to, const struct route *route,
                        struct span payload) {
    size_t shown = payload.size < LOG_PAYLOAD_SIZE ? payload.size : LOG_PAYLOAD_SIZE;

    log_debug(from->id, "%s to [%" PRIu64 "] %s, %zu bytes", message_type_name(route->type), to->id, to->name,
              payload.size);
    if (route->type == MESSAGE_COM)
        log_debug(from->id, "all the relay sees: %.*s%s", (int)shown, payload.data, shown < payload.size ? "..." : "");
}

/* Pushes PAYLOAD to TO. */
static int push(struct session *from, struct session *to, const struct route *route, struct span payload) {
    int error = 0;

    /* Noted before it is pushed: whoever has seen a client-connect is told when its sender leaves. */
    if (is_handshake(route->type))
        error = session_acquaint(from, to);
    return error == 0 ? outbox_push(&to->outbox, payload, OUTBOX_FROM_OTHERS) : error;
}

int relay_forward(struct session_table *table, struct session *from, const struct route *route, struct span payload,
                  struct relay_batch *batch, uint64_t now) {
    struct session *to = NULL, *before = NULL;
    int error = PROTO_E_STATE;

    if (!name_equal(span_of(route->src), span_of(from->name)))
        return PROTO_E_STATE;
    /* Between the look-up and the push the name may have been taken over: then it is another's by now. */
    while (error == PROTO_E_STATE) {
        bool same;

        before = to;
        to = session_table_find(table, span_of(route->dst));
        same = to == before;
        session_release(before);
        if (to == NULL)
            return answer_error(from, route, nobody_error(table, now), batch->stats);
        if (same)
            break;
        error = push(from, to, route, payload);
    }
    if (error != 0) {
        session_release(to);
        return answer_error(from, route, push_error(error, table, now), batch->stats);
    }
    log_relayed(from, to, route, payload);
    batch->messages++;
    batch->bytes += payload.size;
    touch(batch, to, now);
    return 0;
}

void relay_flush(struct relay_batch *batch, uint64_t now) {
    for (size_t i = 0; i < batch->count; i++) {
        outbox_flush(&batch->touched[i]->outbox, now);
        session_release(batch->touched[i]);
    }
    batch->count = 0;
    if (batch->messages > 0)
        stats_relayed(batch->stats, batch->messages, batch->bytes, clock_monotonic_ns() - batch->begun);
    batch->messages = batch->bytes = 0;
}

const char *relay_departure_word(enum relay_departure why) {
    static const char *const words[] = {
        [RELAY_LEFT] = "left",       [RELAY_LOST] = "lost",         [RELAY_REPLACED] = "replaced",
        [RELAY_REMOVED] = "removed", [RELAY_SHUTDOWN] = "shutdown",
    };

    return words[why];
}

static void tell(struct session_table *table, const struct session *gone, const struct session_peer *peer,
                 enum relay_departure why, uint64_t now) {
    struct buffer notice = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct session *to = session_table_find(table, span_of(peer->name));

    if (to != NULL && to->id == peer->id &&
        message_write_disconnect(&notice, &(struct disconnect_fields){.src = span_of(gone->name),
                                                                      .dst = span_of(to->name),
                                                                      .reason = span_of(relay_departure_word(why))}) ==
            0 &&
        outbox_push(&to->outbox, buffer_span(&notice), OUTBOX_FROM_SELF) == 0)
        outbox_flush(&to->outbox, now);
    buffer_free(&notice);
    session_release(to);
}

void relay_depart(struct session_table *table, struct session *session, enum relay_departure why, uint64_t now) {
    lock_acquire(&session->lock);
    if (!session->departed) {
        session->departed = true;
        for (size_t i = 0; i < session->peer_count && why != RELAY_SHUTDOWN; i++)
            tell(table, session, &session->peers[i], why, now);
    }
    lock_release(&session->lock);
}
