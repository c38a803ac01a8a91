#include <config.h>

#include "src/server/connection.h"

#include "proto/line.h"
#include "proto/link.h"
#include "src/common/clock.h"
#include "src/common/log.h"
#include "src/common/process.h"
#include "src/server/farewell.h"
#include "src/server/service.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* The deepest call, an RSA private operation of 4096 bits, takes a quarter of it.  Sanitizers multiply every frame. */
#ifdef PROCESS_SANITIZED
#define STACK_SIZE (1024 * 1024)
#else
#define STACK_SIZE (128 * 1024)
#endif

/* Receive calls in a row before the wake and the deadlines are looked at again. */
#define RECEIVE_ROUNDS 16

/* Lines of the handshake that this side writes: phase 2 with a key of 4096 bits is under 4 KiB. */
#define SCRATCH_MAX LINE_MAX_HANDSHAKE

struct connection {
    struct server *server;
    int socket;
    char address[NET_TEXT_SIZE];
    struct session *session;
    struct link *link;
    struct service service;
    struct buffer scratch; /* lines of the handshake */
    uint64_t now;          /* when poll() last returned */
    uint64_t handshake_deadline;
    uint64_t heard;  /* when bytes last came, or it was not listened for them */
    bool proven;     /* counted as such in the census */
    bool registered; /* in the session_table */
    bool pinged;     /* asked, and not heard since */
    bool pending;    /* lines may be waiting in the link that were not looked at */
    bool ended;      /* nothing more is taken from the client */
    bool gone;       /* nothing more can be sent to it */
    enum relay_departure departure;
};

/* ---- how it ends ------------------------------------------------------------------------------- */

static void end(struct connection *connection, enum relay_departure departure) {
    connection->ended = true;
    connection->departure = departure;
}

/* The connection is no more; WHY is for the log. */
static void end_lost(struct connection *connection, const char *why) {
    log_info(connection->session->id, "lost: %s", why);
    connection->gone = true;
    end(connection, RELAY_LOST);
}

/* Ends with a last plain error. */
static void end_refused(struct connection *connection, enum wire_error code, const char *why) {
    log_info(connection->session->id, "refused with %s: %s", wire_error_word(code), why);
    buffer_truncate(&connection->scratch, 0);
    if (link_refuse(connection->link, code, &connection->scratch) != 0)
        buffer_truncate(&connection->scratch, 0);
    outbox_finish(&connection->session->outbox, SPAN(""), buffer_span(&connection->scratch));
    end(connection, RELAY_LOST);
}

static void end_failed(struct connection *connection, int error) {
    end_refused(connection, proto_wire_error(error), proto_strerror(error));
}

/* Ends with a bye, or, before there is a session, without a word. */
static void end_bye(struct connection *connection, const char *reason, enum relay_departure departure) {
    struct buffer bye = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    if (message_write_bye(&bye, span_of(reason)) != 0)
        buffer_truncate(&bye, 0);
    outbox_finish(&connection->session->outbox, buffer_span(&bye), SPAN(""));
    buffer_free(&bye);
    end(connection, departure);
}

/* ---- the handshake ------------------------------------------------------------------------------- */

/* Sends the lines in `scratch`. */
static int send_scratch(struct connection *connection) {
    int error = outbox_append(&connection->session->outbox, buffer_span(&connection->scratch));

    buffer_truncate(&connection->scratch, 0);
    return error;
}

/* The client has shown its key and the name it wants.  That the name is another's can be told already; that it is this
 * client's only when the key is proven. */
static void take_offer(struct connection *connection) {
    const char *name = link_peer_name(connection->link);
    const char *fingerprint = link_peer_fingerprint(connection->link);
    int error = 0;

    log_debug(connection->session->id, "connect 1: %s, %s", name, fingerprint);
    if (registry_look(connection->server->registry, span_of(name), fingerprint) == REGISTRY_OTHER) {
        end_refused(connection, WIRE_NAME_TAKEN, name);
        return;
    }
    error = link_accept(connection->link, &connection->scratch);
    if (error == 0)
        error = send_scratch(connection);
    if (error != 0)
        end_failed(connection, error);
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
        atomic_store(&replaced->replaced, true);
        wake_signal(&replaced->wake);
        session_release(replaced);
    }
    return true;
}

static void register_session(struct connection *connection) {
    struct session *session = connection->session;
    struct link *link = connection->link;
    int error = 0;

    session_name(session, span_of(link_peer_name(link)), link_peer_fingerprint(link), clock_wall_ms() / 1000);
    switch (registry_claim(connection->server->registry, span_of(session->name), session->fingerprint)) {
    case REGISTRY_OWN:
        break;
    case REGISTRY_FULL:
        log_error(session->id, "%d names are remembered and there is room for no more", REGISTRY_NAMES_MAX);
        end_refused(connection, WIRE_BUSY, session->name);
        return;
    default:
        end_refused(connection, WIRE_NAME_TAKEN, session->name);
        return;
    }
    /* The outbox is open, with phase 4 in it, when others find the session: from the moment they do they can send. */
    error = link_register(link, session->id, &connection->scratch);
    if (error == 0)
        error = outbox_open(&session->outbox, link_take_sender(link), buffer_span(&connection->scratch));
    if (error != 0) {
        end_failed(connection, error);
        return;
    }
    if (!enter(connection)) {
        outbox_withdraw(&session->outbox);
        end_refused(connection, WIRE_NAME_TAKEN, session->name);
        return;
    }
    buffer_free(&connection->scratch);
    log_info(session->id, "%s is connected, key %s, %s", session->name, session->fingerprint,
             suite_short_name(link_suite(link)));
}

static void take_proof(struct connection *connection) {
    int error = link_verify(connection->link);

    if (error != 0) {
        end_failed(connection, error);
        return;
    }
    if (!census_prove(&connection->server->census)) {
        end_refused(connection, WIRE_BUSY, "the server is full");
        return;
    }
    connection->proven = true;
    register_session(connection);
}

/* ---- what the client sends ------------------------------------------------------------------------ */

static void take_payload(struct connection *connection, const struct link_event *event) {
    const struct span payload = {event->payload, event->payload_size};
    int result = service_take(&connection->service, payload, connection->now);

    if (result < 0) {
        end_failed(connection, result);
    } else if (result == 0) {
        log_info(connection->session->id, "says bye");
        end_bye(connection, "", RELAY_LEFT);
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
        end_bye(connection, "", RELAY_LOST);
        break;
    default:
        end_failed(connection, PROTO_E_STATE);
        break;
    }
}

/* Takes the lines that are there, and then sends in one go what they have led to.  A client that does not fetch the
 * answers to what it has asked is not listened to until it does. */
static void take_lines(struct connection *connection) {
    struct link_event event = {0};
    int result = 0;

    connection->pending = false;
    while (!connection->ended) {
        if (outbox_status(&connection->session->outbox).crowded) {
            connection->pending = true;
            break;
        }
        result = link_next(connection->link, &event);
        if (result == 0)
            break;
        if (result < 0)
            end_failed(connection, result);
        else
            take_event(connection, &event);
    }
    relay_flush(&connection->service.batch, connection->now);
    outbox_flush(&connection->session->outbox, connection->now);
}

/* One receive call.  True if there may be more. */
static bool receive(struct connection *connection) {
    uint8_t *room = NULL;
    size_t size = 0;
    ssize_t received = 0;
    int error = link_reserve(connection->link, &room, &size);

    if (error != 0) {
        end_failed(connection, error);
        return false;
    }
    do
        received = recv(connection->socket, room, size, MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    if (received > 0) {
        link_commit(connection->link, (size_t)received);
        connection->heard = connection->now;
        connection->pinged = false;
        take_lines(connection);
        return (size_t)received == size && !connection->ended && !connection->pending;
    }
    if (received == 0)
        end_lost(connection, link_partial(connection->link) ? "the stream ends in the middle of a message"
                                                            : "the stream ends without bye");
    else if (errno != EAGAIN && errno != EWOULDBLOCK)
        end_lost(connection, diagnostic_errno(errno));
    return false;
}

/* ---- the loop --------------------------------------------------------------------------------------- */

static void send_ping(struct connection *connection) {
    struct buffer ping = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    connection->pinged = true;
    if (message_write_ping(&ping, MESSAGE_PING, SPAN("")) == 0 &&
        outbox_push(&connection->session->outbox, buffer_span(&ping), OUTBOX_FROM_SELF) == 0)
        outbox_flush(&connection->session->outbox, connection->now);
    buffer_free(&ping);
}

/* When the client's silence is to lead to something. */
static uint64_t silence_deadline(const struct connection *connection) {
    const struct settings *settings = connection->server->settings;

    if (!connection->registered)
        return connection->handshake_deadline;
    return connection->heard + settings->ping_after + (connection->pinged ? settings_pong_within(settings) : 0);
}

static void check_deadlines(struct connection *connection, const struct outbox_status *status) {
    if (connection->now >= status->deadline)
        end_lost(connection, "takes no data");
    else if (connection->now < silence_deadline(connection))
        return;
    else if (!connection->registered)
        end_refused(connection, WIRE_TIMEOUT, "the handshake takes too long");
    else if (connection->pinged)
        end_lost(connection, "gives no sign of life");
    else
        send_ping(connection);
}

static void wait_for_events(struct connection *connection, const struct outbox_status *status, struct pollfd fds[3]) {
    const uint64_t silence = silence_deadline(connection);
    const short events = (short)((status->crowded ? 0 : POLLIN) | (status->waiting ? POLLOUT : 0));

    fds[0] = (struct pollfd){.fd = connection->socket, .events = events};
    fds[1] = (struct pollfd){.fd = connection->session->wake.poll_fd, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = connection->server->stop.poll_fd, .events = POLLIN};
    if (!connection->pending)
        link_idle(connection->link);
    outbox_idle(&connection->session->outbox);
    /* A failing poll() (EINTR, no memory) reports nothing, and the loop comes back to it. */
    if (poll(fds, 3, clock_poll_timeout(connection->now, silence < status->deadline ? silence : status->deadline)) < 0)
        fds[0].revents = fds[1].revents = fds[2].revents = 0;
    connection->now = clock_monotonic_ms();
}

static void take_socket_events(struct connection *connection, short events, bool listening) {
    if ((events & POLLOUT) != 0)
        outbox_resume(&connection->session->outbox, connection->now);
    if (!listening) {
        if ((events & (POLLERR | POLLHUP)) != 0)
            end_lost(connection, "the connection is broken");
        return;
    }
    if ((events & (POLLIN | POLLERR | POLLHUP)) == 0)
        return;
    for (int round = 0; round < RECEIVE_ROUNDS && !connection->ended && receive(connection); round++)
        continue;
}

static void turn(struct connection *connection) {
    struct outbox_status status = outbox_status(&connection->session->outbox);
    struct pollfd fds[3];

    if (status.broken) {
        end_lost(connection, "the connection is broken");
        return;
    }
    /* What is crowded but not waiting, another thread is about to send, and will not say so: this one sends it, and
     * looks again. */
    if (status.crowded && !status.waiting) {
        outbox_flush(&connection->session->outbox, connection->now);
        return;
    }
    if (connection->pending && !status.crowded) {
        take_lines(connection);
        return;
    }
    /* While it is not listened to, its silence means nothing. */
    if (status.crowded) {
        connection->heard = connection->now;
        connection->pinged = false;
    }
    wait_for_events(connection, &status, fds);
    if (fds[1].revents != 0)
        wake_drain(&connection->session->wake);
    if (fds[2].revents != 0)
        end_bye(connection, "shutdown", RELAY_SHUTDOWN);
    else if (atomic_load(&connection->session->replaced))
        end_bye(connection, "replaced", RELAY_REPLACED);
    else
        take_socket_events(connection, fds[0].revents, !status.crowded);
    if (!connection->ended) {
        status = outbox_status(&connection->session->outbox);
        check_deadlines(connection, &status);
    }
}

/* ---- the end --------------------------------------------------------------------------------------- */

static void leave(struct connection *connection) {
    struct server *server = connection->server;
    struct session *session = connection->session;

    outbox_finish(&session->outbox, SPAN(""), SPAN(""));
    if (connection->registered) {
        relay_depart(server->table, session, connection->departure, connection->now);
        session_table_remove(server->table, session);
        log_info(session->id, "%s is gone: %s", session->name, relay_departure_word(connection->departure));
    }
    if (!connection->gone)
        farewell(&session->outbox, connection->socket);
}

/* Frees everything but the socket and the place in the census. */
static void connection_free(struct connection *connection) {
    if (connection == NULL)
        return;
    if (connection->session != NULL)
        outbox_close(&connection->session->outbox);
    session_release(connection->session);
    link_free(connection->link);
    buffer_free(&connection->scratch);
    csc_wipe(connection, sizeof(*connection));
    free(connection);
}

static void *run(void *argument) {
    struct connection *connection = argument;
    struct census *census = &connection->server->census;
    const int socket = connection->socket;
    bool proven = false;

    connection->now = clock_monotonic_ms();
    connection->heard = connection->now;
    connection->handshake_deadline = connection->now + connection->server->settings->handshake_timeout;
    log_info(connection->session->id, "connection from %s", connection->address);
    while (!connection->ended)
        turn(connection);
    leave(connection);
    proven = connection->proven;
    connection_free(connection);
    close(socket);
    census_leave(census, proven);
    return NULL;
}

/* ---- the beginning ----------------------------------------------------------------------------------- */

static int start_thread(struct connection *connection) {
    pthread_attr_t attributes;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return -error;
    error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
    if (error == 0)
        error = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (error == 0)
        error = pthread_create(&thread, &attributes, run, connection);
    pthread_attr_destroy(&attributes);
    return -error;
}

int connection_start(struct server *server, int socket, uint64_t id, const char *address) {
    const struct link_config config = {
        .role = LINK_SERVER,
        .identity = server->identity.key,
        .identity_pem = server->identity.pem,
        .name = server->settings->name,
        .suites = &server->settings->suites,
    };
    struct connection *connection = calloc(1, sizeof(*connection));
    int error = -ENOMEM;

    if (connection == NULL)
        goto out;
    connection->server = server;
    connection->socket = socket;
    connection->scratch = BUFFER_INIT(SCRATCH_MAX);
    snprintf(connection->address, sizeof(connection->address), "%s", address);
    if (session_new(&connection->session, id, socket) != 0 || link_new(&connection->link, &config) != 0)
        goto out;
    connection->service = (struct service){.table = server->table, .session = connection->session};
    error = start_thread(connection);
out:
    if (error != 0) {
        connection_free(connection);
        connection_refuse(socket);
        census_leave(&server->census, false);
    }
    return error;
}

void connection_refuse(int socket) {
    static const char no_room[] =
        "{\"type\":\"error\",\"code\":\"busy\",\"text\":\"the server has no room at the moment\"}\n";
    char discarded[4096];

    /* Without memory and without waiting: the socket is new, so the kernel takes one line.  What has come already is
     * read, since to close on it would reset the connection. */
    if (send(socket, no_room, sizeof(no_room) - 1, MSG_DONTWAIT) > 0 && shutdown(socket, SHUT_WR) == 0)
        recv(socket, discarded, sizeof(discarded), MSG_DONTWAIT);
    close(socket);
}
