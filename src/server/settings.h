/*
 * settings: how the server is to run, from the command line, the configuration file and the environment.
 *
 * One table, settings_program, has every option.  What says how the server runs, and not what it is to do this once,
 * may also stand in the configuration file, under the same name and read by the same function; what the command line
 * has stands above the file.
 * Pure values: a copy is as good as the original.  Read by main() before there are threads, and by reload().
 *
 * chatsecure-server(8).
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "proto/name.h"
#include "proto/suite.h"
#include "src/common/log.h"
#include "src/common/net.h"
#include "src/common/options.h"
#include "src/common/passphrase.h"
#include "src/common/state_dir.h"
#include "src/server/limits.h"
#include "src/server/registry.h"

/* Options --listen; each may stand for several addresses. */
#define SETTINGS_LISTEN_MAX 16

/* The state directory of a server that root starts. */
#define SETTINGS_STATE_DIR_OF_ROOT "/var/lib/chatsecure"

/* "NAME:GROUP" */
#define SETTINGS_USER_SIZE 256

/* Exit statuses, as chatsecure-server(8) has them. */
enum server_exit { SERVER_EXIT_OK = 0, SERVER_EXIT_USAGE = 1, SERVER_EXIT_FAILED = 2, SERVER_EXIT_NO_USER = 3 };

/* Operands of a verb, at most. */
#define VERB_OPERANDS_MAX 3

/* Paths are "" where none was given. */
struct settings {
    /* Of this run. */
    size_t verb; /* OPTIONS_NO_VERB: none, the server is to run */
    const char *operands[VERB_OPERANDS_MAX];
    size_t operand_count; /* of the verb */
    uint64_t bits;        /* of a key to make */
    bool json;
    bool print_fingerprint;
    bool check_config;
    bool upgrade;                 /* as if the verb were there */
    char config[STATE_PATH_SIZE]; /* the file that --config names */
    bool configured;              /* a file was there */

    /* Where all of them are from, borrowed. */
    int argc;
    char **argv;
    const char *standard_config;
    bool of_root; /* who has started it */

    /* Of the server. */
    struct net_endpoint listen[SETTINGS_LISTEN_MAX];
    size_t listen_count;
    char state_dir[STATE_PATH_SIZE];
    char key[STATE_PATH_SIZE];
    char passphrase_file[STATE_PATH_SIZE]; /* that opens the key */
    int passphrase_fd;                     /* negative: not given */
    char name[NAME_SIZE];                  /* the server's own */
    struct suite_list suites;
    struct limits limits;
    enum registry_policy policy;
    char allow_file[STATE_PATH_SIZE];  /* of REGISTRY_ALLOW */
    char certificate[STATE_PATH_SIZE]; /* the server's own */
    char ca[STATE_PATH_SIZE];          /* authorities for clients */
    char crl[STATE_PATH_SIZE];         /* lists of what they revoked */
    bool require_certificate;          /* of clients */
    bool any_certificate_name;         /* whatever name is in it */
    bool debug;
    char user[SETTINGS_USER_SIZE]; /* "NAME" or "NAME:GROUP" to become; "": nobody else */
    bool sandbox;
    enum log_target log;
    enum log_format log_format;
    char log_file[STATE_PATH_SIZE]; /* in place of the target */
};

/* For options_error(). */
extern const struct options_program settings_program;

/* The defaults. */
void settings_init(struct settings *settings);

/* Reads the command line, and the configuration file it names, or else STANDARD_CONFIG, which need not be there.  -1:
 * run with SETTINGS, as the server or, if there is one, the verb.  Else the status to exit with, all having been said.
 */
int settings_read(struct settings *settings, int argc, char **argv, const char *standard_config)
    __attribute__((warn_unused_result));

/* Reads the file again that OLD was read from, into FRESH, below the same command line.  -1 with WHY.  A file that has
 * gone is an error: by default the server lets anybody in. */
int settings_read_again(struct settings *fresh, const struct settings *old, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* How long a client that was asked by a ping has to answer: a third of the silence before it. */
uint64_t settings_pong_within(const struct limits *limits);

/* What opens the key; borrows from SETTINGS. */
struct passphrase_source settings_passphrase(const struct settings *settings);

/* The state directory: --state-dir, $STATE_DIRECTORY, or where the user's state belongs. */
int settings_state_dir(const struct settings *settings, char out[static STATE_PATH_SIZE], struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The file of the server's key: --key, or the one in the state directory, which is made if MAKE. */
int settings_key_path(const struct settings *settings, char out[static STATE_PATH_SIZE], bool make,
                      struct diagnostic *why) __attribute__((warn_unused_result));

#endif
