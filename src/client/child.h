/*
 * child: a program that the user has named, run beside this one, with a text on its standard input.
 *
 * There is no shell: the command is split into words at blanks, and the first is looked for in PATH.  The program
 * inherits standard output (or standard error in its place), standard error and no other descriptor, and signals have
 * their default actions in it.  Feeding it never blocks; what it does not read is dropped.  After a SIGCHLD, ask
 * child_ended().  Single owner.
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

/* Splits TEXT into the words of COMMAND; its flags are left alone.  False if it has no word, too many, or is too long.
 */
bool child_split(struct child_command *command, const char *text);

/* All zero: none runs. */
struct child {
    pid_t pid;            /* 0: none runs */
    struct output *input; /* what it has still to read; NULL: nothing, or the caller feeds it */
    int fd;               /* our end of the pipe to it; 0: closed */
    bool ending;          /* child_end() was called */
};

/* Exit statuses as shells have them: of a program that could not be started, and what is added to the number of the
 * signal that killed one. */
#define CHILD_NOT_STARTED 127
#define CHILD_SIGNALLED   128

/* Starts COMMAND with a copy of TEXT to read.  ENVIRONMENT, "NAME=value" strings up to a NULL, is added to this
 * program's own environment.  0 or -errno. */
int child_start(struct child *child, const struct child_command *command, char *const *environment, struct span text)
    __attribute__((warn_unused_result));

/* The same, but the caller writes what the program is to read to child->fd, which is non-blocking. */
int child_open(struct child *child, const struct child_command *command, char *const *environment)
    __attribute__((warn_unused_result));

/* Closes the pipe to the program: it sees the end of its standard input.  What it has not read is dropped. */
void child_close_input(struct child *child);

/* Writes as much of the text as the program takes now. */
void child_write(struct child *child);

/* The queue to poll for writing while it has something, or NULL. */
struct output *child_output(const struct child *child);

/* Sends SIGNAL to the process group of the program, whose command is `grouped`.  What is left of the group when the
 * program itself has ended is killed by child_ended(). */
void child_end(struct child *child, int signal);

/* True once if the program has ended, and *STATUS is its exit status.  False if it runs on, or none runs. */
bool child_ended(struct child *child, unsigned *status);

/* Closes the pipe, and forgets the program, which may run on by itself. */
void child_free(struct child *child);

#endif
