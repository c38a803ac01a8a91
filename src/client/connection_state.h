/*
 * connection_state: struct connection.
 *
 * Private to connection.c and connection_events.c.
 *
 *   CONNECTING -> HANDSHAKING -> DECIDING -> HANDSHAKING -> ESTABLISHED -> LEAVING -> ENDED -> OVER
 */
#ifndef CLIENT_CONNECTION_STATE_H
#define CLIENT_CONNECTION_STATE_H

#include "src/client/connection.h"
#include "src/common/clock.h"
#include "src/common/diagnostic.h"

enum state {
    CONNECTING, /* to `address` */
    HANDSHAKING,
    DECIDING, /* the caller is asked about the key; no deadline of ours */
    ESTABLISHED,
    LEAVING, /* our bye is queued */
    ENDED,   /* the last event is due */
    OVER,
};

struct connection {
    struct connection_config config;
    enum state state;
    struct dial *dial; /* holds the socket while CONNECTING */
    int fd;
    struct link *link;
    struct buffer out;
    bool write_failed; /* nothing more can be sent; what the server said before is still to be read */
    bool shut;         /* our direction is closed */
    bool pinged;       /* a ping of ours is not answered yet */
    bool resting;      /* the caller does not read now */
    uint64_t opened_at;
    uint64_t deadline; /* of the state */
    struct message message;
    bool has_message;
    enum exit_status status;
    bool restarts, busy; /* for the last event */
    struct diagnostic why;
};

void connection_set_state(struct connection *connection, enum state state, uint64_t deadline);

/* Ends the connection with STATUS; the caller has set `why`. */
void connection_end(struct connection *connection, enum exit_status status);

/* Ends it with STATUS_NETWORK: it was lost, because of WHAT. */
void connection_end_lost(struct connection *connection, const char *what);

/* Takes ERROR, a proto_error of the link.  If it is the server's doing, the connection ends, and 0 is returned; this
 * side's trouble is returned as it is. */
int connection_link_failed(struct connection *connection, int error);

#endif
