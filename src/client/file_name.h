/*
 * file_name: names of files that somebody else has chosen, made safe.
 *
 * A peer's name for a file becomes a name in one folder: no path, nothing hidden, nothing that a program takes for an
 * option, nothing that does something to a terminal, and never too long.  Pure.
 *
 * chatsecure(1), "FILE TRANSFER".
 */
#ifndef CLIENT_FILE_NAME_H
#define CLIENT_FILE_NAME_H

#include "proto/span.h"

/* What file systems take of a name, and a NUL. */
#define FILE_NAME_SIZE 256

/* Characters of the mark in the name of a file that is not complete. */
#define FILE_NAME_MARK_SIZE 24

/* Writes the last component of NAME to OUT as valid UTF-8, with '_' for whatever is not safe: what text_escape() would
 * escape, bytes that are no UTF-8, and dots, dashes, tildes and blanks at the beginning.  Of a long one the end of what
 * stands before the extension is cut off.  "file" if nothing is left. */
void file_name_make_safe(char out[static FILE_NAME_SIZE], struct span name);

/* NAME, which is safe, for the NUMBER-th time: "report (2).pdf"; NUMBER 0 is NAME itself. */
void file_name_number(char out[static FILE_NAME_SIZE], const char *name, unsigned number);

/* The hidden name of what is there of NAME, which is safe, while it is not complete. */
void file_name_part(char out[static FILE_NAME_SIZE], const char *name, const char *mark);

#endif
