/*
 * settings_table: every option of the server, what reads its value, and what writes it.
 *
 * Used by settings, which reads the command line, and settings_file, which reads and writes the configuration file.
 * Pure.
 */
#ifndef SERVER_SETTINGS_TABLE_H
#define SERVER_SETTINGS_TABLE_H

#include "src/server/settings.h"
#include <stdio.h>

enum option {
    OPTION_LISTEN,
    OPTION_STATE_DIR,
    OPTION_NAME,
    OPTION_KEY,
    OPTION_PASSPHRASE_FILE,
    OPTION_PASSPHRASE_FD,
    OPTION_REGISTER,
    OPTION_CERTIFICATE,
    OPTION_CA,
    OPTION_CRL,
    OPTION_REQUIRE_CERTIFICATE,
    OPTION_CERTIFICATE_NAMES,
    OPTION_CIPHERS,
    OPTION_DEBUG,
    OPTION_LOG,
    OPTION_LOG_FILE,
    OPTION_LOG_FORMAT,
    OPTION_USER,
    OPTION_SANDBOX,
    OPTION_LIMITS,                             /* the first of LIMITS_COUNT */
    OPTION_RUN = OPTION_LIMITS + LIMITS_COUNT, /* from here on of a run, and in no file */
    OPTION_CONFIG = OPTION_RUN,
    OPTION_CHECK_CONFIG,
    OPTION_UPGRADE,
    OPTION_BITS,
    OPTION_JSON,
    OPTION_PRINT_FINGERPRINT,
    OPTION_COMPLETION,
    OPTION_HELP,
    OPTION_VERSION
};

/* Sets option ID from VALUE; NULL is that of an option without an argument on a command line, in a file it is "yes" or
 * "no".  0, or -EINVAL and WHY, which goes on behind the option's name: "takes ...". */
int settings_set(struct settings *settings, int id, const char *value, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Writes option ID, which is called NAME, as lines of a configuration file: as a comment if it has no value. */
void settings_print(const struct settings *settings, int id, const char *name, FILE *out);

#endif
