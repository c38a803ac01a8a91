/*
 * handler: the program of --exec, which gets each message in the order in which they came.
 *
 * One runs at a time; the others wait.  A message's receipt goes by how the program ended.  One that runs longer than
 * it may is ended, with all of its process group.  Times are milliseconds.  Single owner.
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

/* How long a program has between being asked to end and being killed. */
#define HANDLER_GRACE_MS 2000

/* COMMAND is borrowed; it is grouped unless LIMIT, which a program may take, is 0: as long as it likes.  NULL: out of
 * memory. */
struct handler *handler_new(const struct child_command *command, uint64_t limit);

/* Wipes what waits, and asks a program that has a limit to end.  NULL is legal. */
void handler_free(struct handler *handler);

/* Takes a copy of MESSAGE.  PROTO_E_MEMORY. */
int handler_add(struct handler *handler, const struct json_message *message) __attribute__((warn_unused_result));

/* Goes on: feeds the program, notices its end, ends it if it is late, starts the next; NOW is the time of the steady
 * clock, WALL that of Unix.  True and *RESULT if a message is done with; to be called again then. */
bool handler_next(struct handler *handler, uint64_t now, uint64_t wall, struct handler_result *result);

/* When the program is late, CLOCK_NEVER if never. */
uint64_t handler_deadline(const struct handler *handler);

/* The queue to poll for writing while it has something, or NULL. */
struct output *handler_output(const struct handler *handler);

/* True while so much waits that no more messages should come; true if nothing waits or runs. */
bool handler_is_full(const struct handler *handler);
bool handler_is_idle(const struct handler *handler);

#endif
