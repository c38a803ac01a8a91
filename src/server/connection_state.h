/*
 * connection_state: struct connection, which only the files of the connection see.
 *
 * connection.c begins and ends a connection, and does the handshake and the requests; connection_loop.c waits.
 */
#ifndef SERVER_CONNECTION_STATE_H
#define SERVER_CONNECTION_STATE_H

#include "proto/link.h"
#include "src/server/connection.h"
#include "src/server/service.h"

struct connection {
    struct server *server;
    int socket;
    char address[NET_TEXT_SIZE];
    struct source_key source;
    struct session *session;
    struct link *link;
    struct shown_chain *chain; /* that the link borrows from, or NULL */
    struct service service;
    struct buffer scratch; /* lines of the handshake */
    uint64_t now;          /* when poll() last returned */
    uint64_t handshake_deadline;
    uint64_t woken; /* when there was last something to do */
    uint64_t heard; /* when bytes last came, or the client was not listened to */
    struct gate_pass rsa;
    struct bucket bytes, messages; /* the client's rate limits */
    bool proving;                  /* waits for its turn for the private operation; nothing is taken from the client */
    bool proven;                   /* the key is proven: counted so in the census, and out of the admission */
    bool registered;               /* in the session_table */
    bool pinged;                   /* a ping was sent, and nothing has come since */
    uint64_t asked;                /* pinged: when */
    bool resting;                  /* idle: memory was given back, and there was nothing to do since */
    bool last;                     /* the server ends, but this handshake may still be completed */
    bool moved;   /* it has a thread of its own, which it gets when its session is idle for the first time */
    bool pending; /* the link may have lines that were not looked at */
    bool ended;   /* nothing more is taken from the client */
    bool gone;    /* nothing more can be sent to it */
    enum stats_counter outcome; /* of its handshake */
    enum relay_departure departure;
};

/* Ends a connection that is lost; WHY is for the log. */
void connection_end_lost(struct connection *connection, const char *why);

/* End a connection with a plain `error` to the client: with CODE, or with that of ERROR, a proto_error. */
void connection_end_refused(struct connection *connection, enum wire_error code, const char *why);
void connection_end_failed(struct connection *connection, int error);

/* Ends a connection with a `bye` for REASON; before there is a session, without a word. */
void connection_end_bye(struct connection *connection, const char *reason, enum relay_departure departure);

/* Takes the lines that have come, and then sends in one go what they have led to.  A client that does not read the
 * answers to its requests is not listened to until it does. */
void connection_take_lines(struct connection *connection);

/* Does the private operation, now that the gate has let it in, and goes on with the handshake. */
void connection_prove(struct connection *connection);

/* Counts BYTES and MESSAGES that were taken from the client towards its rate limits. */
void connection_charge(struct connection *connection, uint64_t bytes, uint64_t messages);

/* Waits for events and handles them until the connection has ended, or is to move to a thread of its own. */
void connection_loop(struct connection *connection);

#endif
