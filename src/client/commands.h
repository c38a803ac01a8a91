/*
 * commands: what a line of input asks for.
 *
 * A command is the whole line; "NAME: text" is a message; anything else is neither and goes to nobody.  Pure.
 *
 * chatsecure(1), "INPUT AND OUTPUT"; the table here has the words, t/client_pipe.t compares.
 */
#ifndef CLIENT_COMMANDS_H
#define CLIENT_COMMANDS_H

#include "proto/buffer.h"
#include "proto/name.h"

/* X(name, word, help) */
#define COMMAND_TABLE(X)                                                                                               \
    X(COMMAND_HELP, "help", "show the commands")                                                                       \
    X(COMMAND_LIST, "list", "show who is connected: number, name, fingerprint, since")                                 \
    X(COMMAND_SIGN_ON, "sign on", "sign what is sent from here on")                                                    \
    X(COMMAND_SIGN_OFF, "sign off", "no longer sign what is sent")                                                     \
    X(COMMAND_EXIT, "exit", "wait for the receipts of what was sent, then leave")                                      \
    X(COMMAND_QUIT, "quit", "the same as exit")

enum command {
#define COMMAND_X(name, word, help) name,
    COMMAND_TABLE(COMMAND_X)
#undef COMMAND_X
};

enum request_type {
    REQUEST_NOTHING, /* an empty line */
    REQUEST_COMMAND,
    REQUEST_MESSAGE,
    REQUEST_UNKNOWN, /* no command, and no NAME: in front */
};

/* Spans point into the line it was read from. */
struct request {
    enum request_type type;
    enum command command;
    struct span to;   /* MESSAGE: a list of recipients (recipients.h) */
    struct span body; /* MESSAGE */
};

/* Reads LINE, without its end.  Splits a message at the first ':' and drops one space behind it. */
void request_parse(struct span line, struct request *request);

/* Appends the help text to OUT, a line each command.  PROTO_E_MEMORY, PROTO_E_FULL. */
int commands_help(struct buffer *out) __attribute__((warn_unused_result));

#endif
