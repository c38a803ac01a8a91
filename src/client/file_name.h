/*
 * file_name: makes the name that a peer gives to a file safe to use.
 *
 * The result is a name in one folder: no path, not hidden, not to be taken for an option, harmless to a terminal, and
 * never too long.  Pure.
 *
 * chatsecure(1), "FILE TRANSFER".
 */
#ifndef CLIENT_FILE_NAME_H
#define CLIENT_FILE_NAME_H

#include "proto/span.h"

/* Bytes of the longest name that file systems take, with its NUL. */
#define FILE_NAME_SIZE 256

/* Characters of the digest in the name of a file that is not complete (download.h). */
#define FILE_NAME_MARK_SIZE 24

/* Writes the last component of NAME to OUT as valid UTF-8, with '_' for each character that is not safe: what
 * text_escape() would escape, bytes that are not UTF-8, and dots, dashes, tildes and blanks at the beginning.  If it is
 * too long, the end of the part before the extension is cut off.  If nothing is left it is "file". */
void file_name_make_safe(char out[static FILE_NAME_SIZE], struct span name);

/* Writes a variant of NAME, which is safe, for when it is taken: "report (2).pdf" for NUMBER 2; NAME itself for 0. */
void file_name_number(char out[static FILE_NAME_SIZE], const char *name, unsigned number);

/* Writes the hidden name for NAME, which is safe, while the file is not complete; MARK has FILE_NAME_MARK_SIZE
 * characters. */
void file_name_part(char out[static FILE_NAME_SIZE], const char *name, const char *mark);

#endif
