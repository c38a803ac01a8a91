/*
 * connection_state: what the files of the connection share; nobody else includes it.
 *
 * connection.c begins and ends it and does the handshake and the requests, connection_loop.c waits.
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
    uint64_t woken; /* when there last was something to do */
    uint64_t heard; /* when bytes last came, or it was not listened for them */
    struct gate_pass rsa;
    struct bucket bytes, messages; /* what it may still send */
    bool proving;               /* its turn for the private operation is awaited, and nothing else is taken from it */
    bool proven;                /* counted as such in the census, and of no concern to the admission any more */
    bool registered;            /* in the session_table */
    bool pinged;                /* asked, and not heard since */
    uint64_t asked;             /* when, if PINGED */
    bool resting;               /* memory was given back, and there was nothing to do since */
    bool last;                  /* its handshake may come to its end although the server is to */
    bool moved;                 /* to a thread of its own; due when its session rests for the first time */
    bool pending;               /* lines may be waiting in the link that were not looked at */
    bool ended;                 /* nothing more is taken from the client */
    bool gone;                  /* nothing more can be sent to it */
    enum stats_counter outcome; /* of its handshake */
    enum relay_departure departure;
};

/* The connection is no more; WHY is for the log. */
void connection_end_lost(struct connection *connection, const char *why);

/* Ends with a last plain error. */
void connection_end_refused(struct connection *connection, enum wire_error code, const char *why);
void connection_end_failed(struct connection *connection, int error);

/* Ends with a bye, or, before there is a session, without a word. */
void connection_end_bye(struct connection *connection, const char *reason, enum relay_departure departure);

/* Takes the lines that are there, and then sends in one go what they have led to.  A client that does not fetch the
 * answers to what it has asked is not listened to until it does. */
void connection_take_lines(struct connection *connection);

/* Does the private operation, the gate being passed, and what follows from it. */
void connection_prove(struct connection *connection);

/* Counts what was taken from the client towards its rate. */
void connection_charge(struct connection *connection, uint64_t bytes, uint64_t messages);

/* Waits for events and deals with them until the connection has ended, or is due to move. */
void connection_loop(struct connection *connection);

#endif
