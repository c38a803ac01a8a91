/*
 * control: the socket in the state directory where commands talk to the server that runs there.
 *
 * A command connects, sends one line, and reads the answer up to the end of the stream: a line "ok" and what belongs to
 * it, or a line "error" with a sentence.  One thread answers one command after the other, and gives each little time to
 * ask and to fetch the answer.  Only the server's user can connect: the socket has mode 0600.
 *
 * The server opens the socket before it reads its files, so that a command that finds no socket has changed them before
 * they are read.
 * Errors: -1 with WHY.
 */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

#include "proto/buffer.h"
#include "src/common/diagnostic.h"
#include "src/server/wake.h"
#include <pthread.h>

/* What the socket in a state directory is called. */
#define CONTROL_FILE "control"

/* A word and a name, with room for more. */
#define CONTROL_REQUEST_MAX 256
#define CONTROL_ANSWER_MAX  (256 * 1024)

/* control_ask(): no server runs there. */
#define CONTROL_NOBODY 1

/* Does what REQUEST, a line without its end, asks for, and appends to ANSWER what is to be told.  0, or -1 with WHY.
 * Called by the control's thread, without a lock. */
typedef int control_handler(void *context, struct span request, struct buffer *answer, struct diagnostic *why);

struct control {
    int socket; /* -1: not open */
    char *path;
    control_handler *handler;
    void *context;
    struct wake stop;    /* for the thread */
    struct wake stopped; /* from it */
    pthread_t thread;
    bool running;
};

#define CONTROL_INIT                                                                                                   \
    { .socket = -1, .stop = WAKE_INIT, .stopped = WAKE_INIT }

/* Makes the socket in the state directory DIR, which this process holds the lock of: one that is there already is a
 * dead server's.  Commands wait until control_start(). */
int control_open(struct control *control, const char *dir, struct diagnostic *why) __attribute__((warn_unused_result));

/* Answers with HANDLER, which gets CONTEXT.  0 or an errno value. */
int control_start(struct control *control, control_handler *handler, void *context) __attribute__((warn_unused_result));

/* Removes the socket and ends the thread.  False if it has not ended by DEADLINE on the monotonic clock in
 * milliseconds: then nothing that the handler uses may be freed. */
bool control_stop(struct control *control, uint64_t deadline) __attribute__((warn_unused_result));

/* After control_stop(), or when it was never started.  Legal on CONTROL_INIT. */
void control_close(struct control *control);

/* The command's side: has the server of DIR do REQUEST and gives what belongs to its answer.  0, CONTROL_NOBODY, or -1
 * with WHY, which may be the server's. */
int control_ask(const char *dir, const char *request, struct buffer *answer, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
