/*
 * arguments: the client's command line.
 *
 * Called once by main().  What is wrong is said on stderr.
 */
#ifndef CLIENT_ARGUMENTS_H
#define CLIENT_ARGUMENTS_H

#include "proto/suite.h"
#include "src/client/client.h"
#include "src/client/trust.h"
#include "src/client/verbs.h"
#include "src/common/net.h"
#include "src/common/passphrase.h"

struct arguments {
    size_t verb; /* OPTIONS_NO_VERB: none, so the endpoint counts */
    const char *operands[VERB_OPERANDS_MAX];
    size_t operand_count; /* of the verb */
    struct net_endpoint endpoint;
    const char *name;      /* NULL: not given */
    const char *state_dir; /* NULL: the default */
    const char *identity;  /* NULL: the state directory's */
    struct passphrase_source passphrase;
    uint64_t bits;           /* of a key to make */
    const char *fingerprint; /* NULL: not given */
    enum trust_policy server_policy, peer_policy;
    const char *known_servers; /* files that are only read, NULL: the state directory's */
    const char *known_peers;
    bool require_verified;
    bool require_certified;
    const char *ca; /* files of authorities, and of what they have revoked; NULL: not given */
    const char *crl;
    bool any_certificate_name;
    const char *certificate; /* the user's own, and its key; NULL: not given */
    const char *certificate_key;
    struct passphrase_source certificate_passphrase; /* that opens it */
    const char *token;
    const char *pin_file;
    struct suite_list suites;
    uint64_t timeout;    /* seconds */
    uint64_t count;      /* 0: not given */
    const char *to;      /* a list of recipients, NULL: not given */
    uint64_t need;       /* 0: not given */
    const char *message; /* the only message, and the file with it ("-" is standard input); NULL: not given */
    const char *file;
    const char *key; /* of the verb verify-message; NULL: not given */
    bool sign;
    bool single;                  /* all of standard input is one message */
    bool interactive;             /* standard input is a terminal, and lines are typed there */
    const char *from;             /* a list of names, NULL: not given */
    struct child_command handler; /* no words: not given */
    uint64_t exec_timeout;        /* seconds; 0: not given */
    uint64_t lock_timeout;        /* seconds */
    const char *or_else;          /* NULL: not given */
    const char *send;             /* a file, NULL: not given */
    const char *download_dir;     /* NULL: not given */
    enum accept accept;
    bool accept_is_given;
    uint64_t max_file_size; /* MiB; 0: not given */
    bool asks;              /* the message is a question */
    bool no_reconnect;
    bool retry;
    const char *spool; /* a folder, NULL: not given */
    bool wait_ready;
    bool json_input;
    bool json;
    enum wait_for wait;
    uint64_t ttl; /* seconds; 0: not given */
    bool no_read;
    const char *color; /* "auto", "always" or "never" */
    bool bell;
    bool no_history;
    const char *search; /* of `history`, NULL: everything */
    uint64_t status_fd; /* 0: not given */
    bool receive;
    bool debug;
};

enum arguments_result {
    ARGUMENTS_RUN,
    ARGUMENTS_VERB,   /* verb_run() is due */
    ARGUMENTS_DONE,   /* the help or the version was printed */
    ARGUMENTS_FAILED, /* and could not be written */
    ARGUMENTS_WRONG,
};

/* Reads the command line.  TERMINAL: standard input is a terminal.  Strings of ARGUMENTS point into ARGV. */
enum arguments_result arguments_read(struct arguments *arguments, int argc, char **argv, bool terminal);

/* Sets the server to TEXT, HOST or HOST:PORT.  0, or not after a message. */
int arguments_read_server(struct arguments *arguments, const char *text) __attribute__((warn_unused_result));

#endif
