/*
 * passphrase: the line that opens an encrypted key, from a file, an inherited descriptor or a person.
 *
 * Never from an argument or the environment, which others can see.  A passphrase is one line without its end, of 1 to
 * PASSPHRASE_MAX bytes without a NUL; from a file it is the first line.  Exactly that line is read, byte by byte, so
 * that whoever shares the descriptor finds the rest.
 * OUT is secret: the caller wipes it; it holds nothing after an error.
 * A person is asked on /dev/tty, whatever the standard descriptors are, and what is typed is not shown.  The terminal
 * is restored however the question ends, also by a signal, which then does what it does elsewhere.
 * Errors: 0 or -errno with WHY.  Called by main() before there are threads.
 */
#ifndef COMMON_PASSPHRASE_H
#define COMMON_PASSPHRASE_H

#include "src/common/diagnostic.h"
#include <stdbool.h>

/* Far more than a person types; some terminals take a line of 255. */
#define PASSPHRASE_MAX  1023
#define PASSPHRASE_SIZE (PASSPHRASE_MAX + 1)

/* How often a person may try. */
#define PASSPHRASE_TRIES 3

/* Where a passphrase comes from if nobody is to be asked: the file, or else the descriptor. */
struct passphrase_source {
    const char *file; /* NULL: not given */
    int fd;           /* negative: not given */
};

#define PASSPHRASE_SOURCE_NONE                                                                                         \
    { NULL, -1 }

bool passphrase_is_given(const struct passphrase_source *source);

/* Reads the line of a SOURCE that is given; a descriptor above the standard ones is closed.  -EINVAL for an empty line,
 * a long one or a NUL. */
int passphrase_read(char out[static PASSPHRASE_SIZE], const struct passphrase_source *source, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Asks with PROMPT; the answer may be empty.  -ENXIO or -ENOTTY if there is no terminal, -EINTR after a signal that did
 * not end the program, -ENODATA at the terminal's end, -EINVAL. */
int passphrase_ask(char out[static PASSPHRASE_SIZE], const char *prompt, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Asks for a new one, which is typed twice; begins again if the two differ, PASSPHRASE_TRIES times.  An empty answer
 * is one.  Errors as there, and -EINVAL if they never agree. */
int passphrase_ask_new(char out[static PASSPHRASE_SIZE], struct diagnostic *why) __attribute__((warn_unused_result));

/* A line for the person at the terminal, if there is one. */
void passphrase_say(const char *text);

#endif
