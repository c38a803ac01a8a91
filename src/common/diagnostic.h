/*
 * diagnostic: what went wrong, in words for the person who can mend it.
 *
 * Functions that fail for a reason a code cannot tell (a path, an option, a host name) fill one in and
 * return a negative code; the program prints it.  Single owner.
 */
#ifndef COMMON_DIAGNOSTIC_H
#define COMMON_DIAGNOSTIC_H

/* A path or two and a sentence; what is longer is cut. */
#define DIAGNOSTIC_SIZE 1024

struct diagnostic {
    char text[DIAGNOSTIC_SIZE]; /* one line without its end, safe for a terminal */
};

/* Sets the text, escaping what must not reach a terminal. */
void diagnostic_set(struct diagnostic *diagnostic, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text of errno value NUMBER, from a buffer of the caller's thread. */
const char *diagnostic_errno(int number);

#endif
