/*
 * settings_file: the configuration file.
 *
 * Lines "NAME = VALUE", NAME being that of an option; an option without an argument has "yes" or "no".  Blanks around
 * the two do not count, nor do empty lines and those that begin with '#'.  No name stands twice, but for `listen`.
 * Errors: 0, or -1 with WHY, which names file and line.
 *
 * chatsecure-server(8), "CONFIGURATION FILE".
 */
#ifndef SERVER_SETTINGS_FILE_H
#define SERVER_SETTINGS_FILE_H

#include "src/server/settings.h"
#include <stdio.h>

/* What a file may have. */
#define SETTINGS_FILE_MAX 65536

/* Has SETTINGS follow the TEXT of SIZE bytes, which a NUL ends and which is changed; PATH is for WHY. */
int settings_file_parse(struct settings *settings, const char *path, char *text, size_t size, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Has SETTINGS follow the file at PATH.  1: there is none.  One that others may write to is refused.  -ENOMEM. */
int settings_file_read(struct settings *settings, const char *path, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Whether SETTINGS and OTHER have the same for the option of ROW. */
bool settings_file_same(const struct settings *settings, const struct settings *other, const struct option_row *row);

/* Writes SETTINGS so that reading it gives them again.  -1: OUT could not be written. */
int settings_file_print(const struct settings *settings, FILE *out) __attribute__((warn_unused_result));

#endif
