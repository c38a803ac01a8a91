/*
 * client: a run of the client, from its configuration to its exit status.
 *
 * One thread, one poll loop over standard input or the terminal, the connection to the server, a conversation with each
 * peer, and standard output.  Called once, by run.c.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "src/client/authorities.h"
#include "src/client/child.h"
#include "src/client/exit_status.h"
#include "src/client/recipients.h"
#include "src/client/trust.h"
#include "src/common/identity.h"
#include "src/common/net.h"

/* What is done with files that peers offer. */
enum accept { ACCEPT_NEVER, ACCEPT_ASK, ACCEPT_ALWAYS };

/* How far a message must have come before the program counts it as done (--wait). */
enum wait_for { WAIT_SENT, WAIT_DELIVERED, WAIT_READ };

/* What the command line says, resolved.  Everything it points at is borrowed, and lives longer than the run. */
struct client_config {
    struct net_endpoint endpoint;
    const char *name; /* NULL: ask for it; only if interactive */
    const struct identity *identity;
    struct suite_list suites;
    struct trust trust;
    struct authorities *authorities;
    const struct attest *attest; /* certifies the user's key under one name, shown under that name only; or NULL */
    uint64_t timeout;            /* milliseconds: for the connection, for a handshake, for a receipt */
    uint64_t count;              /* messages to hand on before the end; 0: no such limit */
    const char *groups;          /* the folder with the groups of recipients */
    const struct recipients *to; /* each line of input is for these; NULL: it names its own */
    size_t need;                 /* recipients of a line that must have it for the line to count; 0: all */
    enum wait_for wait;
    uint64_t ttl;                        /* milliseconds after which a message expires; 0: never */
    const char *state;                   /* the state directory */
    const char *spool_dir;               /* of --spool; NULL: lines are not kept on the disk */
    struct spool *spool;                 /* what is in it, or NULL */
    struct intake *intake;               /* where standard input is read to, or NULL */
    bool retry;                          /* try again even if the first connection fails */
    const char *history;                 /* the folder of the history, NULL: none is kept */
    bool color;                          /* colour the names of senders on standard output */
    bool utf8;                           /* the terminal shows more than ASCII */
    bool bell;                           /* ring it for a message with the user's own name in it */
    bool no_read;                        /* never say that a person was shown a message */
    int input_fd;                        /* where lines are read from; -1: nowhere, `message` is the only one */
    const char *message;                 /* the only line, or NULL */
    bool whole;                          /* all of the input is one message, line breaks and all */
    bool json_input;                     /* lines of input are JSON */
    bool json;                           /* standard output has events, as lines of JSON */
    int status_fd;                       /* where the statuses of messages go, -1: nowhere */
    bool sign;                           /* sign what is sent, until the command `sign` says otherwise */
    const struct child_command *handler; /* program that gets each message in place of standard output, or NULL */
    uint64_t handler_limit;              /* milliseconds that it may take; 0: no such limit */
    const struct recipients *from;       /* whose messages are taken; NULL: everybody's */
    bool no_reconnect;                   /* end when the connection is lost */
    const char *or_else;                 /* shell command that gets the lines that were not delivered, or NULL */
    const char *send;                    /* path of a file to send in place of lines, or NULL */
    int folder;                          /* descriptor of the folder for files from peers; -1: there is none */
    enum accept accept;                  /* ACCEPT_NEVER if there is no folder */
    uint64_t max_file_size;              /* bytes; 0: no limit */
    bool asks;                           /* the message is a question, and its answer is waited for */
    bool wait_ready;                     /* end when the session stands */
    bool receive;                        /* stay after the end of input */
    bool interactive;                    /* standard input is a terminal */
};

/* Runs until there is nothing more to do.  What went wrong has been said on stderr. */
enum exit_status client_run(const struct client_config *config);

#endif
