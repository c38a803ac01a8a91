/*
 * settings: what the command line and the environment say about how the server is to run.
 *
 * Read once by main(), constant after that.
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "proto/name.h"
#include "proto/suite.h"
#include "src/common/net.h"
#include "src/common/options.h"
#include "src/common/passphrase.h"
#include "src/common/state_dir.h"
#include "src/server/limits.h"
#include "src/server/registry.h"

/* Options --listen; each may stand for several addresses. */
#define SETTINGS_LISTEN_MAX 16

/* Exit statuses, as chatsecure-server(8) has them. */
enum server_exit { SERVER_EXIT_OK = 0, SERVER_EXIT_USAGE = 1, SERVER_EXIT_FAILED = 2, SERVER_EXIT_NO_USER = 3 };

/* Operands of a verb, at most. */
#define VERB_OPERANDS_MAX 3

struct settings {
    size_t verb; /* OPTIONS_NO_VERB: none, the server is to run */
    const char *operands[VERB_OPERANDS_MAX];
    size_t operand_count; /* of the verb */
    struct net_endpoint listen[SETTINGS_LISTEN_MAX];
    size_t listen_count;                 /* 0: none was given */
    const char *state_dir;               /* NULL: the default */
    const char *key;                     /* file; NULL: the one in the state directory */
    struct passphrase_source passphrase; /* that opens it */
    char name[NAME_SIZE];                /* the server's own */
    struct suite_list suites;
    struct limits limits;
    enum registry_policy policy;
    const char *allow_file; /* of REGISTRY_ALLOW */
    uint64_t bits;          /* of a key to make */
    bool json;
    const char *certificate;   /* file of the server's own; NULL: it has none */
    const char *ca;            /* file of authorities for clients */
    const char *crl;           /* file of lists of what they revoked, or NULL */
    bool require_certificate;  /* of clients */
    bool any_certificate_name; /* whatever name is in it */
    bool debug;
    bool print_fingerprint;
};

/* For options_error(). */
extern const struct options_program settings_program;

/* Reads the command line.  -1: run with SETTINGS, as the server or, if there is one, the verb.  Else the status to exit
 * with, all having been said. */
int settings_read(struct settings *settings, int argc, char **argv) __attribute__((warn_unused_result));

/* How long a client that was asked by a ping has to answer: a third of the silence before it. */
uint64_t settings_pong_within(const struct settings *settings);

/* The state directory: --state-dir, $STATE_DIRECTORY, or where the user's state belongs. */
int settings_state_dir(const struct settings *settings, char out[static STATE_PATH_SIZE], struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The file of the server's key: --key, or the one in the state directory, which is made if MAKE. */
int settings_key_path(const struct settings *settings, char out[static STATE_PATH_SIZE], bool make,
                      struct diagnostic *why) __attribute__((warn_unused_result));

#endif
