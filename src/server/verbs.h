/*
 * verbs: the words that stand in front of the operands, as in `chatsecure-server users`.
 *
 * Each is a row of the table and a function of its name in a file verb_NAME.c, which runs in place of the server, works
 * while one runs, and ends with an exit status, having said on stderr what went wrong.
 *
 * chatsecure-server(8), "COMMANDS".
 */
#ifndef SERVER_VERBS_H
#define SERVER_VERBS_H

#include "src/common/options.h"
#include "src/server/settings.h"

/* X(function, word, operands, least of them, most of them, help) */
#define VERB_TABLE(X)                                                                                                  \
    X(verb_keygen, "keygen", "", 0, 0, "make the server's key, and print its fingerprint")                             \
    X(verb_fingerprint, "fingerprint", "", 0, 0, "print the fingerprint of the server's key")                          \
    X(verb_export_key, "export-key", "", 0, 0, "print the public half of the server's key in PEM")                     \
    X(verb_reload, "reload", "", 0, 0, "have the running server read its files again, and say what is wrong in them")  \
    X(verb_stats, "stats", "", 0, 0, "print the statistics of the running server, as Prometheus reads them")           \
    X(verb_upgrade, "upgrade", "", 0, 0,                                                                               \
      "have the running server hand over to what is now in the file of its program, and print the new process id")     \
    X(verb_users, "users", "", 0, 0, "list the names in the registry, their keys, states and times")                   \
    X(verb_user, "user", "add NAME FPR | remove NAME | block NAME | unblock NAME", 2, 3,                               \
      "change the registry, and have a running server follow at once")

#define VERB_X(function, word, operands, least, most, help) enum server_exit function(const struct settings *settings);
VERB_TABLE(VERB_X)
#undef VERB_X

#define VERB_X(function, word, operands, least, most, help) VERB_ID_##function,
enum { VERB_TABLE(VERB_X) VERB_COUNT };
#undef VERB_X

/* The table as `--help` and the parser want it. */
extern const struct verb_row verb_rows[VERB_COUNT];

/* Runs the verb that SETTINGS have. */
enum server_exit verb_run(const struct settings *settings);

/* The end of a verb that failed: says why, and gives STATUS. */
enum server_exit verb_fail(enum server_exit status, const struct diagnostic *why);

/* Flushes standard output, for the end of a verb that printed: SERVER_EXIT_OK, or SERVER_EXIT_FAILED after a message.
 */
enum server_exit verb_flush(void);

#endif
