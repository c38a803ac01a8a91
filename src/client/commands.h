/*
 * commands: what a line of input means.
 *
 * A line is a command if its first word is one, with or without a '/' in front, and the number of words behind it is
 * one that the command takes.  Else "NAME: text" is a message.  Anything else, and whatever begins with a '/', is
 * neither, and goes to nobody.  Pure.
 *
 * chatsecure(1), "INPUT AND OUTPUT", lists the commands; t/client_pipe.t compares it with the table here.
 */
#ifndef CLIENT_COMMANDS_H
#define CLIENT_COMMANDS_H

#include "proto/buffer.h"
#include "proto/name.h"

/* X(name, word, operands, least of them, most of them, help) */
#define COMMAND_TABLE(X)                                                                                               \
    X(COMMAND_HELP, "help", "", 0, 0, "show the commands")                                                             \
    X(COMMAND_LIST, "list", "", 0, 0, "show who is connected: number, name, fingerprint, since")                       \
    X(COMMAND_REPLY, "reply", "TEXT", 1, COMMAND_TEXT, "send TEXT to the last who wrote")                              \
    X(COMMAND_HISTORY, "history", "[NAME] [N]", 0, 2, "show the last N messages, with NAME alone if it is given")      \
    X(COMMAND_SEARCH, "search", "TEXT", 1, COMMAND_TEXT, "show the last messages with TEXT in them")                   \
    X(COMMAND_PEERS, "peers", "", 0, 0, "show the known peers: name, fingerprint, verified, since, session")           \
    X(COMMAND_WHOIS, "whois", "NAME", 1, 1, "show whose key NAME has, and what is known of it")                        \
    X(COMMAND_PING, "ping", "NAME [N]", 1, 2, "measure the way to the relay and to NAME, N times")                     \
    X(COMMAND_VERIFY, "verify", "NAME [yes|DIGITS]", 1, 13, "show the number to compare, or mark NAME verified")       \
    X(COMMAND_TRUST, "trust", "NAME FINGERPRINT", 2, 2, "trust this key of NAME, in place of any other")               \
    X(COMMAND_UNTRUST, "untrust", "NAME", 1, 1, "forget the key of NAME")                                              \
    X(COMMAND_AWAY, "away", "[TEXT]", 0, COMMAND_TEXT, "tell those one talks with that nobody is there, and TEXT")     \
    X(COMMAND_BACK, "back", "", 0, 0, "tell them that somebody is")                                                    \
    X(COMMAND_SEND, "send", "NAME FILE", 2, COMMAND_TEXT, "offer FILE to NAME, and send it if it is accepted")         \
    X(COMMAND_ACCEPT, "accept", "[N]", 0, 1, "take the file that is offered as N, or the only one")                    \
    X(COMMAND_REFUSE, "refuse", "[N]", 0, 1, "do not take it")                                                         \
    X(COMMAND_TRANSFERS, "transfers", "", 0, 0, "show the files on their way")                                         \
    X(COMMAND_CANCEL, "cancel", "N", 1, 1, "give up the file N")                                                       \
    X(COMMAND_SIGN, "sign", "on|off", 1, 1, "sign what is sent from here on, or no longer")                            \
    X(COMMAND_EXIT, "exit", "", 0, 0, "wait for the receipts of what was sent, then leave")                            \
    X(COMMAND_QUIT, "quit", "", 0, 0, "the same as exit")

/* In place of the most operands: all that follows on the line is one text. */
#define COMMAND_TEXT SIZE_MAX

/* Operands of a command, at most. */
#define COMMAND_OPERANDS_MAX 13

enum command {
#define COMMAND_X(name, word, operands, least, most, help) name,
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
    struct span operands[COMMAND_OPERANDS_MAX]; /* COMMAND */
    size_t operand_count;
    struct span rest; /* COMMAND: its text if it takes one, else what stands behind its first operand */
    struct span to;   /* MESSAGE: a list of recipients (recipients.h) */
    struct span body; /* MESSAGE */
    struct span id;   /* MESSAGE: the sender's own, or empty */
};

/* Reads LINE, which has no line break.  A message is split at its first ':', and one space behind that is dropped. */
void request_parse(struct span line, struct request *request);

/* Reads WORD as a decimal number from 1 to MAX, which is less than a tenth of UINT64_MAX.  False: it is none. */
bool request_number(struct span word, uint64_t max, uint64_t *number);

/* Bytes of a hint, with its NUL. */
#define COMMANDS_HINT_SIZE 160

/* Writes what is wrong with LINE, which is REQUEST_UNKNOWN, and what may have been meant. */
void commands_hint(char out[static COMMANDS_HINT_SIZE], struct span line);

/* The word of the command at INDEX of the table, and *OPERANDS, its operands as the help shows them.  NULL at the end.
 */
const char *commands_word(size_t index, const char **operands);

/* Appends the help text to OUT, a line each command.  PROTO_E_MEMORY, PROTO_E_FULL. */
int commands_help(struct buffer *out) __attribute__((warn_unused_result));

#endif
