/*
 * verbs: the commands of the shell's command line, as in `chatsecure keygen`.
 *
 * A verb is a row of the table, and a function of its name in a file verb_NAME.c, which is called in place of the
 * client and returns the exit status, having said on stderr what went wrong.  A verb that does not connect does not
 * take the lock of the state directory, so that it works while a client runs.
 *
 * chatsecure(1), "COMMANDS".
 */
#ifndef CLIENT_VERBS_H
#define CLIENT_VERBS_H

#include "src/client/exit_status.h"
#include "src/common/options.h"

/* X(function, word, operands, least of them, most of them, help) */
#define VERB_TABLE(X)                                                                                                  \
    X(verb_keygen, "keygen", "", 0, 0, "make the identity, and print its fingerprint")                                 \
    X(verb_fingerprint, "fingerprint", "", 0, 0, "print the identity's fingerprint")                                   \
    X(verb_export_key, "export-key", "", 0, 0, "print the identity's public key in PEM")                               \
    X(verb_ask, "ask", "'NAME: QUESTION' [HOST[:PORT]]", 1, 2,                                                         \
      "ask NAME, print the answer, and end with its status: 0, or 20 for no")                                          \
    X(verb_verify_message, "verify-message", "FILE", 1, 1,                                                             \
      "check the signed messages in FILE, as -o json printed them")                                                    \
    X(verb_history, "history", "[NAME] [N]", 0, 2,                                                                     \
      "print the last N messages that were kept, with NAME alone if it is given")                                      \
    X(verb_trust, "trust", "NAME FINGERPRINT", 2, 2, "trust this key of the peer NAME, or of the server HOST:PORT")    \
    X(verb_untrust, "untrust", "NAME", 1, 1, "forget the key of NAME")                                                 \
    X(verb_peers, "peers", "", 0, 0, "print the known peers: name, fingerprint, verified, since")                      \
    X(verb_whois, "whois", "NAME [HOST[:PORT]]", 1, 2,                                                                 \
      "connect, and print whose key NAME has and what is known of it")                                                 \
    X(verb_ping, "ping", "NAME [HOST[:PORT]]", 1, 2,                                                                   \
      "connect, and measure the way to the relay and to NAME, --count times or until interrupted")                     \
    X(verb_verify, "verify", "NAME [yes|DIGITS]", 1, 13, "print the number to compare with NAME, or mark NAME verified")

/* The most operands of a verb: a name, and a number in twelve groups. */
#define VERB_OPERANDS_MAX 13

struct arguments;

#define VERB_X(function, word, operands, least, most, help)                                                            \
    enum exit_status function(const struct arguments *arguments);
VERB_TABLE(VERB_X)
#undef VERB_X

#define VERB_X(function, word, operands, least, most, help) VERB_ID_##function,
enum { VERB_TABLE(VERB_X) VERB_COUNT };
#undef VERB_X

/* The table as the parser and `--help` need it (options.h). */
extern const struct verb_row verb_rows[VERB_COUNT];

/* Runs the verb that ARGUMENTS have. */
enum exit_status verb_run(const struct arguments *arguments);

/* For the end of a verb that has printed: flushes standard output.  STATUS_OK, or STATUS_INTERNAL after a message. */
enum exit_status verb_flush(void);

#endif
