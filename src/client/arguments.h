/*
 * arguments: the client's command line, read and checked.
 *
 * Called once by main(), which has it for as long as the program runs.  What is wrong with it is said on stderr.
 *
 * chatsecure(1), "OPTIONS".
 */
#ifndef CLIENT_ARGUMENTS_H
#define CLIENT_ARGUMENTS_H

#include "proto/suite.h"
#include "src/client/client.h"
#include "src/client/trust.h"
#include "src/client/verbs.h"
#include "src/common/net.h"
#include "src/common/passphrase.h"

/* What was given, with the defaults for what was not.  Pointers are NULL and numbers are 0 for options that were not
 * given, unless something else is said. */
struct arguments {
    size_t verb; /* VERB_ID_...; OPTIONS_NO_VERB: none, and `endpoint` is the server */
    const char *operands[VERB_OPERANDS_MAX];
    size_t operand_count; /* of the verb */
    struct net_endpoint endpoint;
    const char *name;
    const char *state_dir; /* NULL: the default */
    const char *identity;  /* NULL: the one in the state directory */
    struct passphrase_source passphrase;
    uint64_t bits;           /* of a key to make */
    const char *fingerprint; /* that the server's key must have */
    enum trust_policy server_policy, peer_policy;
    const char *known_servers; /* files that are only read, NULL: the state directory's */
    const char *known_peers;
    bool require_verified;
    bool require_certified;
    const char *ca;  /* file of authorities */
    const char *crl; /* file of what they have revoked */
    bool any_certificate_name;
    const char *certificate;                         /* file with the user's own */
    const char *certificate_key;                     /* file with its private key */
    struct passphrase_source certificate_passphrase; /* that opens that key */
    const char *token;                               /* PKCS#11 URL, in place of the two files */
    const char *pin_file;
    struct suite_list suites;
    uint64_t timeout;    /* seconds */
    uint64_t count;      /* messages to receive, or pings to send */
    const char *to;      /* list of recipients */
    uint64_t need;       /* recipients of a line that must have it */
    const char *message; /* text of the only message */
    const char *file;    /* file with the only message; "-" is standard input */
    const char *key;     /* of the verb verify-message: file with the public key */
    bool sign;
    bool single;                  /* all of standard input is one message */
    bool interactive;             /* standard input is a terminal, and lines are typed there */
    const char *from;             /* list of names whose messages are taken */
    struct child_command handler; /* the program of --exec; it has no words if it was not given */
    uint64_t exec_timeout;        /* seconds */
    uint64_t lock_timeout;        /* seconds */
    const char *or_else;          /* command for the shell */
    const char *send;             /* file to send in place of lines */
    const char *download_dir;
    enum accept accept;
    bool accept_is_given;
    uint64_t max_file_size; /* MiB */
    bool asks;              /* the message is a question whose answer is waited for */
    bool no_reconnect;
    bool retry;
    const char *spool; /* folder */
    bool wait_ready;
    bool json_input;
    bool json;
    enum wait_for wait;
    uint64_t ttl; /* seconds */
    bool no_read;
    const char *color; /* "auto", "always" or "never" */
    bool bell;
    bool no_history;
    const char *search; /* of the verb history: text to look for */
    uint64_t status_fd;
    bool receive;
    bool debug;
};

enum arguments_result {
    ARGUMENTS_RUN,    /* the client is to run */
    ARGUMENTS_VERB,   /* a verb was given: verb_run() is to be called */
    ARGUMENTS_DONE,   /* --help, --version or --completion was printed */
    ARGUMENTS_FAILED, /* the same, but standard output could not be written */
    ARGUMENTS_WRONG,  /* the command line is wrong, which has been said */
};

/* Reads ARGV into ARGUMENTS, whose strings point into ARGV.  TERMINAL: standard input is a terminal. */
enum arguments_result arguments_read(struct arguments *arguments, int argc, char **argv, bool terminal);

/* Sets the server to TEXT, which is HOST or HOST:PORT.  0, or OPTIONS_ERROR after a message on stderr. */
int arguments_read_server(struct arguments *arguments, const char *text) __attribute__((warn_unused_result));

#endif
