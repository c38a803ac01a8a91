/*
 * arguments_table: every option of the client, with its help text, and the member of struct arguments it sets.
 *
 * Used by arguments, which reads the command line.  What is wrong with a value is said on stderr.
 */
#ifndef CLIENT_ARGUMENTS_TABLE_H
#define CLIENT_ARGUMENTS_TABLE_H

#include "src/client/arguments.h"
#include "src/common/options.h"

enum option {
    OPTION_NAME,
    OPTION_STATE_DIR,
    OPTION_IDENTITY,
    OPTION_PASSPHRASE_FILE,
    OPTION_PASSPHRASE_FD,
    OPTION_BITS,
    OPTION_FINGERPRINT,
    OPTION_TRUST,
    OPTION_TRUST_PEERS,
    OPTION_KNOWN_SERVERS,
    OPTION_KNOWN_PEERS,
    OPTION_CA,
    OPTION_CRL,
    OPTION_CERTIFICATE_NAMES,
    OPTION_REQUIRE,
    OPTION_CERTIFICATE,
    OPTION_CERTIFICATE_KEY,
    OPTION_CERTIFICATE_PASSPHRASE_FILE,
    OPTION_CERTIFICATE_PASSPHRASE_FD,
    OPTION_TOKEN,
    OPTION_PIN_FILE,
    OPTION_CIPHERS,
    OPTION_TIMEOUT,
    OPTION_TO,
    OPTION_MESSAGE,
    OPTION_FILE,
    OPTION_SINGLE,
    OPTION_SEND,
    OPTION_DOWNLOAD_DIR,
    OPTION_ACCEPT_FILES,
    OPTION_MAX_FILE_SIZE,
    OPTION_NEED,
    OPTION_EXEC,
    OPTION_EXEC_TIMEOUT,
    OPTION_FROM,
    OPTION_OR_ELSE,
    OPTION_NO_RECONNECT,
    OPTION_RETRY,
    OPTION_SPOOL,
    OPTION_WAIT_READY,
    OPTION_LOCK_TIMEOUT,
    OPTION_WAIT,
    OPTION_TTL,
    OPTION_NO_READ,
    OPTION_INPUT,
    OPTION_OUTPUT,
    OPTION_STATUS_FD,
    OPTION_SIGN,
    OPTION_KEY,
    OPTION_RECEIVE,
    OPTION_COUNT,
    OPTION_COLOR,
    OPTION_BELL,
    OPTION_NO_HISTORY,
    OPTION_SEARCH,
    OPTION_DEBUG,
    OPTION_COMPLETION,
    OPTION_HELP,
    OPTION_VERSION,
};

extern const struct options_program arguments_program;

/* Stores the value of the option that options_next() returned last; options that only print something store nothing.
 * Strings are not copied.  0, or OPTIONS_ERROR after a message. */
int arguments_set(struct arguments *arguments, struct options *options) __attribute__((warn_unused_result));

#endif
