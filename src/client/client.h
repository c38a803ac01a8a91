/*
 * client: the program between its options and its exit status.
 *
 * One thread, one poll loop: standard input or the terminal, the connection to the server, a conversation each peer,
 * standard output.  Called once by main().
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

/* What becomes of files that are offered. */
enum accept { ACCEPT_NEVER, ACCEPT_ASK, ACCEPT_ALWAYS };

/* When a message has arrived, for the end of the program. */
enum wait_for { WAIT_SENT, WAIT_DELIVERED, WAIT_READ };

struct client_config {
    struct net_endpoint endpoint;
    const char *name; /* NULL: ask for it; only if interactive */
    const struct identity *identity;
    struct suite_list suites;
    struct trust trust;
    struct authorities *authorities;
    const struct attest *attest; /* the user's own, to be shown under the name that it is for; NULL: there is none */
    uint64_t timeout;            /* milliseconds: for the connection, for a handshake, for a receipt */
    uint64_t count;              /* messages to hand on before the end; 0: no such limit */
    const char *groups;          /* the folder with the groups of recipients */
    const struct recipients *to; /* each line of input is for these; NULL: it names its own */
    size_t need;                 /* so many recipients of a line must have it; 0: all */
    enum wait_for wait;
    uint64_t ttl;                        /* milliseconds that a message has; 0: no such limit */
    const char *state;                   /* the state directory */
    const char *spool_dir;               /* of --spool; NULL: lines are not kept on the disk */
    struct spool *spool;                 /* what is in it, or NULL */
    struct intake *intake;               /* where standard input is read to, or NULL */
    bool retry;                          /* also a first connection that fails is made again */
    const char *history;                 /* the folder of the history, NULL: none is kept */
    bool color;                          /* the names of senders, on standard output */
    bool utf8;                           /* the terminal shows more than ASCII */
    bool bell;                           /* is rung for a message with one's own name in it */
    bool no_read;                        /* never say that a person was shown a message */
    int input_fd;                        /* where the lines come from; -1: there is MESSAGE alone */
    const char *message;                 /* the only line, or NULL */
    bool whole;                          /* all of the input is one line */
    bool json_input;                     /* lines of input are JSON */
    bool json;                           /* standard output has events, as lines of JSON */
    int status_fd;                       /* where the statuses of messages go, -1: nowhere */
    bool sign;                           /* what is sent, until a line says otherwise */
    const struct child_command *handler; /* gets each message in place of standard output; NULL: there is none */
    uint64_t handler_limit;              /* milliseconds that it may take; 0: no such limit */
    const struct recipients *from;       /* whose messages are taken; NULL: everybody's */
    bool no_reconnect;                   /* a connection that is lost is the end */
    const char *or_else;    /* a command for the shell, which gets what was not delivered; NULL: there is none */
    const char *send;       /* a file, in place of lines, or NULL */
    int folder;             /* where files of peers go, -1: nowhere */
    enum accept accept;     /* of them; only if there is a folder */
    uint64_t max_file_size; /* 0: no such limit */
    bool asks;              /* the message is a question, and its answer is waited for */
    bool wait_ready;        /* end when the session stands */
    bool receive;           /* stay after the end of input */
    bool interactive;       /* standard input is a terminal */
};

/* Runs until there is nothing more to do.  What went wrong was said on stderr. */
enum exit_status client_run(const struct client_config *config);

#endif
