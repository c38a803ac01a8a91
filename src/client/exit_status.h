/*
 * exit_status: the exit statuses of the client.
 *
 * One list, from the best to the worst: a run that met several ends with the worst.  Their order never lets a trouble
 * that another try may cure hide one that it cannot: the passing ones (11, 5, 12, 16, 3) come before those of the input
 * and the command line (6, 1, 14, 15), of this machine (2), and what may be an attack (4, 13).
 * Pure.
 *
 * chatsecure(1), "EXIT STATUS", has the same table; t/client_exit.t compares them.
 */
#ifndef CLIENT_EXIT_STATUS_H
#define CLIENT_EXIT_STATUS_H

#include "proto/conversation.h"
#include "proto/error.h"

/* X(name, value, text) */
#define EXIT_STATUS_LIST(X)                                                                                            \
    X(STATUS_OK, 0, "every line was delivered")                                                                        \
    X(STATUS_ANSWER_NO, 20, "the answer was no")                                                                       \
    X(STATUS_NO_RECEIPT, 11, "no receipt in time")                                                                     \
    X(STATUS_REFUSED, 5, "refused for rate or quota")                                                                  \
    X(STATUS_NO_SUCH_USER, 12, "no such user")                                                                         \
    X(STATUS_HANDLER, 16, "the receiver's program for a message failed")                                               \
    X(STATUS_NETWORK, 3, "network: the server is unreachable or lost")                                                 \
    X(STATUS_BAD_LINE, 6, "a line that cannot be a message")                                                           \
    X(STATUS_USAGE, 1, "usage")                                                                                        \
    X(STATUS_NAME_REFUSED, 14, "the name was refused")                                                                 \
    X(STATUS_STATE_IN_USE, 15, "the state directory or the spool is in use")                                           \
    X(STATUS_INTERNAL, 2, "internal: memory, files, standard output")                                                  \
    X(STATUS_UNTRUSTED, 4, "an untrusted or changed key")                                                              \
    X(STATUS_INTEGRITY, 13, "integrity: a message or handshake failed its checks")

enum exit_status {
#define EXIT_STATUS_X(name, value, text) name = (value),
    EXIT_STATUS_LIST(EXIT_STATUS_X)
#undef EXIT_STATUS_X
};

/* The worse of two. */
enum exit_status exit_status_worse(enum exit_status a, enum exit_status b);

/* The status for a line that failed with FAILURE. */
enum exit_status exit_status_of_failure(enum conversation_failure failure);

/* The status for an ERROR that the server has sent. */
enum exit_status exit_status_of_wire(enum wire_error error);

/* The status for ERROR, a proto_error on the connection to the server.  ESTABLISHED: the handshake is done, so every
 * byte is authenticated, and garbage can no longer mean that the server speaks another protocol. */
enum exit_status exit_status_of_proto(int error, bool established);

#endif
