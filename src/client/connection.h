/*
 * connection: the client's connection to the server, from the first SYN to the last byte.
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

/* The high-water mark of bytes that wait to be sent, above which the client takes no more work on, and the limit of the
 * queue: between the two there is room for answers and goodbyes. */
#define CONNECTION_HIGH  (256 * 1024)
#define CONNECTION_LIMIT (CONNECTION_HIGH + 4 * LINE_MAX_SESSION)

/* After so much silence of the server a ping is sent; without an answer after so much more, the connection is lost. */
#define CONNECTION_SILENCE_MS (60 * 1000)
#define CONNECTION_PONG_MS    (20 * 1000)

/* How long the server may take to close its end after our goodbye. */
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
    bool restarts;    /* ENDED: the server restarts, and will be back at once */
    bool busy;        /* ENDED: the server refused for want of room, which may pass */
    const char *text; /* ENDED: why, for people; valid until connection_free() */
};

struct connection_config {
    const struct net_endpoint *endpoint;
    const char *server; /* what texts call the endpoint */
    const struct link_config *link;
    uint64_t timeout; /* milliseconds in which the session must be established */
};

struct connection;

/* Looks the server up, which may block, and begins to connect.  CONFIG is copied, what it points at borrowed.  A
 * failure of the network is no error here: it comes as an event. */
int connection_open(struct connection **connection, const struct connection_config *config, uint64_t now)
    __attribute__((warn_unused_result));

/* Closes and wipes.  NULL is legal. */
void connection_free(struct connection *connection);

/* The socket to poll, -1 if there is none. */
int connection_fd(const struct connection *connection);

/* The events of poll() to wait for.  READING is false while the caller has no room for what the server sends. */
short connection_wants(struct connection *connection, bool reading);

/* When connection_work() is to be called even if nothing happens on the socket. */
uint64_t connection_deadline(const struct connection *connection);

/* Reads and writes as far as REVENTS, from poll(), allows, and does what is due at NOW. */
int connection_work(struct connection *connection, short revents, uint64_t now) __attribute__((warn_unused_result));

/* The next event: 1 and *EVENT, 0 if there is none, or an error. */
int connection_next(struct connection *connection, struct connection_event *event, uint64_t now)
    __attribute__((warn_unused_result));

/* The answer to CONNECTION_EVENT_KEY: the key is trusted.  Does nothing if the connection has ended meanwhile. */
int connection_accept(struct connection *connection, uint64_t now) __attribute__((warn_unused_result));

/* The other answer: the key is not trusted.  The server is told `denied`, and the connection is over without an event.
 */
void connection_refuse(struct connection *connection);

/* Queues PAYLOAD to be sent; drops it unless the session is established.  A failure of the session comes as an event.
 */
int connection_send(struct connection *connection, struct span payload) __attribute__((warn_unused_result));

/* Sends a ping with ID, which is not empty.  The server's answer comes as an event, a MESSAGE_PONG with the same ID. */
int connection_ping(struct connection *connection, struct span id) __attribute__((warn_unused_result));

/* True while more than CONNECTION_HIGH bytes wait to be sent. */
bool connection_is_full(const struct connection *connection);

/* Says goodbye behind what is queued.  The end comes as an event: STATUS_OK when all of it was sent and the server has
 * answered, or has had the time to.  Before the session is established the connection just ends. */
int connection_leave(struct connection *connection, uint64_t now) __attribute__((warn_unused_result));

/* True when the last event was taken. */
bool connection_is_over(const struct connection *connection);

/* The fingerprint of the server's key, from CONNECTION_EVENT_KEY on. */
const char *connection_fingerprint(const struct connection *connection);

/* The server's key, and the certificates it showed with it, NULL if none.  From CONNECTION_EVENT_KEY until the session
 * is established. */
const csc_public_key *connection_key(const struct connection *connection);
const struct certificates *connection_chain(const struct connection *connection);

/* The number of the session at the server, and its cipher suite, once it is established. */
uint64_t connection_session_id(const struct connection *connection);
enum suite connection_suite(const struct connection *connection);

#endif
