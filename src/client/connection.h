/*
 * connection: the client's way to the server, from the first SYN to the last byte.
 *
 * Tries the server's addresses one after the other, runs the link over the socket, answers and sends pings, and says
 * goodbye so that nothing that was queued is lost.  Never waits: the caller polls connection_fd() for
 * connection_wants() until connection_deadline(), calls connection_work(), and takes what came of it with
 * connection_next().  Whatever ends it comes as one last event with a text for people and the exit status it means.
 * Single owner.  Errors: 0 or a proto_error, this side's trouble only.
 */
#ifndef CLIENT_CONNECTION_H
#define CLIENT_CONNECTION_H

#include "proto/line.h"
#include "proto/link.h"
#include "src/client/exit_status.h"
#include "src/common/net.h"

/* Bytes for the server that may wait before the program takes no more work on, and the most there is room for: above
 * the mark only answers and goodbyes are added. */
#define CONNECTION_HIGH  (256 * 1024)
#define CONNECTION_LIMIT (CONNECTION_HIGH + 4 * LINE_MAX_SESSION)

/* PROTOCOL: a ping after so much silence, and lost after so much more. */
#define CONNECTION_SILENCE_MS (60 * 1000)
#define CONNECTION_PONG_MS    (20 * 1000)

/* How long a server may take to answer a goodbye that it was sent. */
#define CONNECTION_BYE_MS 2000

enum connection_event_type {
    CONNECTION_EVENT_KEY,         /* the server showed its key: connection_accept() is due */
    CONNECTION_EVENT_ESTABLISHED, /* registered */
    CONNECTION_EVENT_MESSAGE,     /* `message`, whose exact bytes are `raw`; until the next call */
    CONNECTION_EVENT_ENDED,       /* the last: `status` and `text`; STATUS_OK after connection_leave() */
};

struct connection_event {
    enum connection_event_type type;
    const struct message *message;
    struct span raw;
    enum exit_status status;
    bool restarts;    /* the server has said that another takes its place at once */
    bool busy;        /* the server has no room at the moment */
    const char *text; /* until connection_free() */
};

struct connection_config {
    const struct net_endpoint *endpoint;
    const char *server; /* how the endpoint is called in texts */
    const struct link_config *link;
    uint64_t timeout; /* milliseconds until the session must stand */
};

struct connection;

/* Looks the server up, which may block, and begins to connect.  CONFIG is copied, what it points at borrowed.  What
 * fails in the network comes as an event. */
int connection_open(struct connection **connection, const struct connection_config *config, uint64_t now)
    __attribute__((warn_unused_result));

/* Closes and wipes.  NULL is legal. */
void connection_free(struct connection *connection);

/* The socket and the events of poll() to wait for; -1 if there is none.  READING false: nothing more is taken from the
 * server until the caller has room again. */
int connection_fd(const struct connection *connection);
short connection_wants(struct connection *connection, bool reading);
uint64_t connection_deadline(const struct connection *connection);

/* Does what REVENTS allow and what is due at NOW. */
int connection_work(struct connection *connection, short revents, uint64_t now) __attribute__((warn_unused_result));

/* The next event: 1 and *EVENT, 0 if there is none, or an error. */
int connection_next(struct connection *connection, struct connection_event *event, uint64_t now)
    __attribute__((warn_unused_result));

/* After CONNECTION_EVENT_KEY: the key is acceptable.  Does nothing if the connection has ended meanwhile. */
int connection_accept(struct connection *connection, uint64_t now) __attribute__((warn_unused_result));

/* The key is not trusted: the server hears `denied`, and the connection is over without an event. */
void connection_refuse(struct connection *connection);

/* Queues PAYLOAD; drops it unless the session stands.  An error of the session comes as an event. */
int connection_send(struct connection *connection, struct span payload) __attribute__((warn_unused_result));

/* Asks the server for a sign of life: its answer is a message, MESSAGE_PONG with the same ID, which is not empty. */
int connection_ping(struct connection *connection, struct span id) __attribute__((warn_unused_result));

/* True while as much waits for the server as should. */
bool connection_is_full(const struct connection *connection);

/* Says goodbye behind what is queued; the end comes as an event: STATUS_OK once all of it was sent, and the
 * server has answered or had the time to.  Before the session stands that is at once. */
int connection_leave(struct connection *connection, uint64_t now) __attribute__((warn_unused_result));

/* True when the last event was given. */
bool connection_is_over(const struct connection *connection);

const char *connection_fingerprint(const struct connection *connection);

/* The server's key, and the certificates that it showed with it, NULL if none; until the session stands. */
const csc_public_key *connection_key(const struct connection *connection);
const struct certificates *connection_chain(const struct connection *connection);

uint64_t connection_session_id(const struct connection *connection);
enum suite connection_suite(const struct connection *connection);

#endif
