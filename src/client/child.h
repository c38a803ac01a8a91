/*
 * child: a program of the user's that runs beside this one and reads a text from its standard input.
 *
 * No shell: the command is split into words at blanks, and the first is looked for in PATH.  The program has this one's
 * standard output (or its error in place of it) and error, no other descriptor, and the usual actions of signals.  It
 * is fed without waiting for it; what it does not read is dropped.  SIGCHLD tells when to ask child_ended().  Single
 * owner.
 */
#ifndef CLIENT_CHILD_H
#define CLIENT_CHILD_H

#include "src/client/output.h"
#include <sys/types.h>

#define CHILD_WORDS_MAX    64
#define CHILD_COMMAND_SIZE 4096

/* A command in words. */
struct child_command {
    char text[CHILD_COMMAND_SIZE];
    char *words[CHILD_WORDS_MAX + 1]; /* into `text`, and a NULL */
    bool to_stderr;                   /* its standard output is this program's standard error */
    bool grouped;                     /* it has a process group of its own, so that child_end() can end all of it */
};

/* Splits TEXT.  False if it has no word, or too many, or is too long. */
bool child_split(struct child_command *command, const char *text);

struct child {
    pid_t pid;            /* 0: none runs */
    struct output *input; /* what it has still to read, or NULL */
    int fd;               /* the pipe to it, 0: it is closed */
    bool ending;          /* child_end() was called for it */
};

/* The statuses of a program that could not be started, and what is added to the number of a signal that killed one, as
 * shells have them. */
#define CHILD_NOT_STARTED 127
#define CHILD_SIGNALLED   128

/* Starts COMMAND with the variables of ENVIRONMENT ("NAME=value", up to a NULL) besides the program's own, and TEXT to
 * read.  0 or -errno. */
int child_start(struct child *child, const struct child_command *command, char *const *environment, struct span text)
    __attribute__((warn_unused_result));

/* The same for a program that the caller feeds, through `fd`, which does not wait; and the end of what it has to read.
 */
int child_open(struct child *child, const struct child_command *command, char *const *environment)
    __attribute__((warn_unused_result));
void child_close_input(struct child *child);

/* Writes what the program reads now. */
void child_write(struct child *child);

/* The queue to poll for writing while it has something, or NULL. */
struct output *child_output(const struct child *child);

/* Sends SIGNAL to the program, which is grouped, and to all that it has started and left in its group.  What of that
 * outlives the program is killed when it has ended. */
void child_end(struct child *child, int signal);

/* True if the program has ended, with *STATUS; none runs then. */
bool child_ended(struct child *child, unsigned *status);

/* Lets go of a program that still runs. */
void child_free(struct child *child);

#endif
