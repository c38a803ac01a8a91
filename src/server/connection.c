#include <config.h>

#include "src/server/connection_state.h"

#include "proto/line.h"
#include "src/common/clock.h"
#include "src/common/log.h"
#include "src/server/eviction.h"
#include "src/server/farewell.h"
#include "src/server/thread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* Lines of the handshake that this side writes: phase 2 with a key of 4096 bits is under 4 KiB. */
#define SCRATCH_MAX LINE_MAX_HANDSHAKE

/* ---- how it ends ------------------------------------------------------------------------------- */

static void end(struct connection *connection, enum relay_departure departure) {
    connection->ended = true;
    connection->departure = departure;
}

void connection_end_lost(struct connection *connection, const char *why) {
    log_info(connection->session->id, "lost: %s", why);
    connection->gone = true;
    end(connection, RELAY_LOST);
}

/* The outcome of a handshake that was refused with CODE, for the statistics. */
static enum stats_counter outcome_of(enum wire_error code) {
    switch (code) {
    case WIRE_BUSY:
        return STATS_HANDSHAKE_BUSY;
    case WIRE_TIMEOUT:
        return STATS_HANDSHAKE_TIMEOUT;
    default:
        return STATS_HANDSHAKE_REFUSED;
    }
}

void connection_end_refused(struct connection *connection, enum wire_error code, const char *why) {
    connection->outcome = outcome_of(code);
    log_info(connection->session->id, "refused with %s: %s", wire_error_word(code), why);
    buffer_truncate(&connection->scratch, 0);
    if (link_refuse(connection->link, code, &connection->scratch) != 0)
        buffer_truncate(&connection->scratch, 0);
    outbox_finish(&connection->session->outbox, SPAN(""), buffer_span(&connection->scratch));
    end(connection, RELAY_LOST);
}

void connection_end_failed(struct connection *connection, int error) {
    const enum wire_error code = proto_wire_error(error);

    connection_end_refused(connection, code, proto_strerror(error));
    if (code != WIRE_BUSY)
        connection->outcome = STATS_HANDSHAKE_BAD;
}

void connection_end_bye(struct connection *connection, const char *reason, enum relay_departure departure) {
    struct buffer bye = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    if (message_write_bye(&bye, span_of(reason)) != 0)
        buffer_truncate(&bye, 0);
    outbox_finish(&connection->session->outbox, buffer_span(&bye), SPAN(""));
    buffer_free(&bye);
    end(connection, departure);
}

/* ---- the handshake ------------------------------------------------------------------------------- */

/* Puts the lines in `scratch` into the outbox. */
static int send_scratch(struct connection *connection) {
    int error = outbox_append(&connection->session->outbox, buffer_span(&connection->scratch));

    buffer_truncate(&connection->scratch, 0);
    return error;
}

/* Ends the connection if the registry's ANSWER does not let it have NAME.  True if so. */
static bool end_unless_admitted(struct connection *connection, enum registry_answer answer, const char *name) {
    switch (answer) {
    case REGISTRY_FREE:
    case REGISTRY_OWN:
        return false;
    case REGISTRY_DENIED:
        connection_end_refused(connection, WIRE_DENIED, name);
        return true;
    case REGISTRY_FULL:
        connection_end_refused(connection, WIRE_BUSY, name);
        return true;
    default:
        connection_end_refused(connection, WIRE_NAME_TAKEN, name);
        return true;
    }
}

/* The client has shown its key and the name it wants.  That the name is another's can be told already; that it is this
 * client's only when the key is proven. */
static void take_offer(struct connection *connection) {
    const char *name = link_peer_name(connection->link);
    const char *fingerprint = link_peer_fingerprint(connection->link);
    int error = 0;

    log_debug(connection->session->id, "connect 1: %s, %s", name, fingerprint);
    if (end_unless_admitted(connection, registry_look(connection->server->registry, span_of(name), fingerprint), name))
        return;
    error = link_accept(connection->link, &connection->scratch);
    if (error == 0)
        error = send_scratch(connection);
    if (error != 0)
        connection_end_failed(connection, error);
}

/* Enters the session under its name.  One of the same key that had it gives way: its peers are told before anything of
 * the new one can reach them. */
static bool enter(struct connection *connection) {
    struct session *replaced = NULL;

    if (!session_table_insert(connection->server->table, connection->session, &replaced))
        return false;
    connection->registered = true;
    if (replaced != NULL) {
        log_info(connection->session->id, "%s takes over from client %" PRIu64, replaced->name, replaced->id);
        relay_depart(connection->server->table, replaced, RELAY_REPLACED, connection->now);
        session_dismiss(replaced, SESSION_REPLACED);
        session_release(replaced);
    }
    return true;
}

/* Only now that the key is proven: nobody else makes the server look at certificates. */
static bool is_vetted(struct connection *connection) {
    const struct link *link = connection->link;
    struct diagnostic why;
    const bool admitted = vetting_admits(&connection->server->vetting, link_peer_attest(link),
                                         span_of(link_peer_name(link)), link_peer_key(link), &why);

    if (!admitted)
        connection_end_refused(connection, WIRE_DENIED, why.text);
    else if (why.text[0] != '\0')
        log_info(connection->session->id, "%s is certified: %s", link_peer_name(link), why.text);
    return admitted;
}

static void register_session(struct connection *connection) {
    struct session *session = connection->session;
    struct link *link = connection->link;
    int error = 0;

    if (!is_vetted(connection))
        return;
    session_name(session, span_of(link_peer_name(link)), link_peer_fingerprint(link), clock_wall_ms() / 1000);
    if (end_unless_admitted(connection,
                            registry_claim(connection->server->registry, span_of(session->name), session->fingerprint),
                            session->name))
        return;
    /* The outbox is open, with phase 4 in it, when others find the session: from the moment they do they can send. */
    error = link_register(link, session->id, &connection->scratch);
    if (error == 0)
        error = outbox_open(&session->outbox, link_take_sender(link), buffer_span(&connection->scratch));
    if (error != 0) {
        connection_end_failed(connection, error);
        return;
    }
    if (!enter(connection)) {
        outbox_withdraw(&session->outbox);
        connection_end_refused(connection, WIRE_NAME_TAKEN, session->name);
        return;
    }
    /* It may have lost the name after the claim, when nobody could find the session yet to end it. */
    eviction_judge(connection->server, session);
    buffer_free(&connection->scratch);
    stats_add(&connection->server->stats, STATS_HANDSHAKE_DONE, 1);
    log_info(session->id, "%s is connected, key %s, %s", session->name, session->fingerprint,
             suite_short_name(link_suite(link)));
}

void connection_prove(struct connection *connection) {
    int error = link_verify(connection->link);

    connection->proving = false;
    gate_leave(&connection->server->rsa, &connection->rsa);
    if (error != 0) {
        connection_end_failed(connection, error);
        return;
    }
    if (!census_prove(&connection->server->census)) {
        connection_end_refused(connection, WIRE_BUSY, "the server is full");
        return;
    }
    admission_leave(&connection->server->admission, &connection->source, ADMISSION_FAIR, connection->now);
    connection->proven = true;
    register_session(connection);
}

/* Phase 3 has come.  The private operation is the costliest thing that a stranger can ask for: only so many are done at
 * a time, or they would take the processors from everybody else. */
static void take_proof(struct connection *connection) {
    connection->proving = true;
    if (gate_enter(&connection->server->rsa, &connection->rsa, &connection->session->wake))
        connection_prove(connection);
}

/* ---- what the client sends ------------------------------------------------------------------------ */

static void take_payload(struct connection *connection, const struct link_event *event) {
    const struct span payload = {event->payload, event->payload_size};
    int result = service_take(&connection->service, payload, connection->now);

    if (result < 0) {
        connection_end_failed(connection, result);
    } else if (result == 0) {
        log_info(connection->session->id, "says bye");
        connection_end_bye(connection, "", RELAY_LEFT);
    }
}

static void take_event(struct connection *connection, const struct link_event *event) {
    switch (event->type) {
    case LINK_EVENT_OFFER:
        take_offer(connection);
        break;
    case LINK_EVENT_PROOF:
        take_proof(connection);
        break;
    case LINK_EVENT_PAYLOAD:
        take_payload(connection, event);
        break;
    case LINK_EVENT_ERROR:
        log_info(connection->session->id, "the client gives up with %s: %s", wire_error_word(event->code), event->text);
        connection_end_bye(connection, "", RELAY_LOST);
        break;
    default:
        connection_end_failed(connection, PROTO_E_STATE);
        break;
    }
}

void connection_take_lines(struct connection *connection) {
    struct relay_batch batch;
    struct link_event event;
    uint64_t payloads = 0;
    int result = 0;

    relay_begin(&batch, &connection->server->stats);
    connection->service.batch = &batch;
    connection->pending = false;
    while (!connection->ended && session_dismissal(connection->session) == SESSION_STAYS) {
        if (connection->proving || outbox_status(&connection->session->outbox).crowded) {
            connection->pending = true;
            break;
        }
        result = link_next(connection->link, &event);
        if (result == 0)
            break;
        if (result < 0)
            connection_end_failed(connection, result);
        else
            take_event(connection, &event);
        payloads += result > 0 && event.type == LINK_EVENT_PAYLOAD;
    }
    connection_charge(connection, 0, payloads);
    relay_flush(&batch, connection->now);
    connection->service.batch = NULL;
    outbox_flush(&connection->session->outbox, connection->now);
}

/* ---- the end --------------------------------------------------------------------------------------- */

static void leave(struct connection *connection) {
    struct server *server = connection->server;
    struct session *session = connection->session;

    gate_leave(&server->rsa, &connection->rsa);
    outbox_finish(&session->outbox, SPAN(""), SPAN(""));
    if (connection->registered) {
        relay_depart(server->table, session, connection->departure, connection->now);
        session_table_remove(server->table, session);
        registry_seen(server->registry, span_of(session->name), session->fingerprint);
        log_info(session->id, "%s is gone: %s", session->name, relay_departure_word(connection->departure));
    }
    census_depart(&server->census);
    if (!connection->gone)
        farewell(&session->outbox, connection->socket);
}

/* Frees everything but the socket and the places in the census and the admission. */
static void connection_free(struct connection *connection) {
    if (connection == NULL)
        return;
    if (connection->session != NULL)
        outbox_close(&connection->session->outbox);
    session_release(connection->session);
    link_free(connection->link);
    own_chain_release(connection->chain);
    buffer_free(&connection->scratch);
    csc_wipe(connection, sizeof(*connection));
    free(connection);
}

static enum admission_conduct conduct_of(enum stats_counter outcome) {
    switch (outcome) {
    case STATS_HANDSHAKE_BAD:
        return ADMISSION_BAD;
    case STATS_HANDSHAKE_TIMEOUT:
        return ADMISSION_TIMEOUT;
    default:
        return ADMISSION_FAIR;
    }
}

/* Ends CONNECTION and leaves the server. */
static void leave_for_good(struct connection *connection) {
    struct server *server = connection->server;
    const struct source_key source = connection->source;
    const enum admission_conduct conduct = conduct_of(connection->outcome);
    const int socket = connection->socket;
    const bool proven = connection->proven;

    if (!connection->registered)
        stats_add(&server->stats, connection->outcome, 1);
    connection_free(connection);
    close(socket);
    if (!proven)
        admission_leave(&server->admission, &source, conduct, clock_monotonic_ms());
    census_leave(&server->census, proven);
}

/* ---- threads -------------------------------------------------------------------------------------- */

/* To the connection's end. */
static void run_session(void *argument) {
    struct connection *connection = argument;

    connection_loop(connection);
    leave(connection);
    leave_for_good(connection);
}

/* A session that rests moves to a fresh thread, because this one has had its part in parsing and computing with keys:
 * what the allocator keeps for it from that, 12 KiB, would stay for as long as the session does. */
static void run_handshake(void *argument) {
    struct connection *connection = argument;

    connection->now = clock_monotonic_ms();
    connection->heard = connection->woken = connection->now;
    connection->handshake_deadline = connection->now + connection->server->limits.handshake_timeout;
    log_info(connection->session->id, "connection from %s", connection->address);
    connection_loop(connection);
    connection->moved = true;
    if (connection->ended || thread_start(run_session, connection) != 0)
        run_session(connection);
}

/* ---- the beginning ----------------------------------------------------------------------------------- */

int connection_start(struct server *server, const struct arrival *arrival) {
    struct shown_chain *chain = own_chain_hold(&server->chain);
    const struct link_config config = {
        .role = LINK_SERVER,
        .identity = server->identity.key,
        .identity_pem = server->identity.pem,
        .name = server->settings->name,
        .suites = &server->settings->suites,
        .chain = own_chain_certificates(chain),
    };
    struct connection *connection = calloc(1, sizeof(*connection));
    int error = -ENOMEM;

    if (connection == NULL) {
        own_chain_release(chain);
        goto out;
    }
    connection->chain = chain;
    connection->server = server;
    connection->socket = arrival->socket;
    connection->source = arrival->source;
    connection->outcome = STATS_HANDSHAKE_LOST;
    connection->scratch = BUFFER_INIT(SCRATCH_MAX);
    snprintf(connection->address, sizeof(connection->address), "%s", arrival->address);
    if (session_new(&connection->session, arrival->id, arrival->socket, &server->outboxes) != 0 ||
        link_new(&connection->link, &config) != 0)
        goto out;
    connection->service = (struct service){.table = server->table, .session = connection->session};
    error = thread_start_brief(run_handshake, connection);
out:
    if (error != 0) {
        connection_free(connection);
        connection_refuse(arrival->socket, "the server has no room at the moment");
        admission_leave(&server->admission, &arrival->source, ADMISSION_FAIR, clock_monotonic_ms());
        census_depart(&server->census);
        census_leave(&server->census, false);
    }
    return error;
}

void connection_refuse(int socket, const char *why) {
    char line[256] = "";
    char discarded[4096];
    const int size = snprintf(line, sizeof(line), "{\"type\":\"error\",\"code\":\"busy\",\"text\":\"%s\"}\n", why);

    /* Without memory and without waiting: the socket is new, so the kernel takes one line.  What has come already is
     * read, since to close on it would reset the connection. */
    if (send(socket, line, (size_t)size, MSG_DONTWAIT) > 0 && shutdown(socket, SHUT_WR) == 0)
        recv(socket, discarded, sizeof(discarded), MSG_DONTWAIT);
    close(socket);
}
