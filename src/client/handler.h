/*
 * handler: runs the program of --exec, once for each message, in the order in which they came.
 *
 * One runs at a time; the other messages wait.  How the program ends decides whether the message gets a receipt.  A
 * program that runs longer than it may is ended, with all of its process group.  Times are milliseconds.  Single owner.
 *
 * chatsecure(1), "--exec" and "--exec-timeout".
 */
#ifndef CLIENT_HANDLER_H
#define CLIENT_HANDLER_H

#include "src/client/child.h"
#include "src/client/json_events.h"

struct handler;

/* What became of a message. */
struct handler_result {
    struct output_mark mark; /* which message */
    bool expired;            /* its time was over before its turn came */
    int error;               /* -errno: the program could not be started */
    unsigned status;         /* of the program */
    bool late;               /* it was ended, and has failed whatever its status says */
};

/* How long a program that was asked to end has before it is killed. */
#define HANDLER_GRACE_MS 2000

/* COMMAND is borrowed.  LIMIT is how long a program may run, 0: as long as it likes; with a limit, COMMAND must be
 * `grouped` (child.h).  NULL: out of memory. */
struct handler *handler_new(const struct child_command *command, uint64_t limit);

/* Wipes the messages that wait, and asks a program that still runs to end if there is a limit.  NULL is legal. */
void handler_free(struct handler *handler);

/* Queues a copy of MESSAGE.  PROTO_E_MEMORY. */
int handler_add(struct handler *handler, const struct json_message *message) __attribute__((warn_unused_result));

/* Feeds the program that runs, notices its end, ends it if it is late, and starts the next.  NOW is monotonic, WALL is
 * Unix time.  True if a message is done with, which *RESULT tells; then call it again. */
bool handler_next(struct handler *handler, uint64_t now, uint64_t wall, struct handler_result *result);

/* When the program is late, CLOCK_NEVER if never. */
uint64_t handler_deadline(const struct handler *handler);

/* The queue to poll for writing while it has something, or NULL. */
struct output *handler_output(const struct handler *handler);

/* True while so much waits that no more messages should be taken. */
bool handler_is_full(const struct handler *handler);

/* True if nothing waits or runs. */
bool handler_is_idle(const struct handler *handler);

#endif
