/*
 * service: what a registered client may ask for, one payload at a time.
 *
 * Payloads for other clients go to the relay; `list` and `ping` are answered here, `pong` is taken
 * note of, `bye` is passed on to the connection.  Answers are pushed into the client's own outbox.
 * Called by the client's thread.
 *
 * chatsecure-protocol(7), "Payloads between client and server".
 */
#ifndef SERVER_SERVICE_H
#define SERVER_SERVICE_H

#include "src/server/relay.h"

struct service {
    struct session_table *table;
    struct session *session;
    struct relay_batch *batch; /* of the lines that are being taken; set by the connection */
};

/* Does what PAYLOAD asks for.  1: done.  0: it was `bye`.  Else an error that ends the session: those of
 * message_route(), message_parse(), relay_forward(). */
int service_take(struct service *service, struct span payload, uint64_t now) __attribute__((warn_unused_result));

#endif
