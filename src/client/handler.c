#include <config.h>

#include "src/client/handler.h"
#include "src/common/clock.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Variables in the environment of the program, and bytes of the longest, which has a fingerprint. */
#define VARIABLES     4
#define VARIABLE_SIZE 128

struct job {
    struct job *next;
    struct output_mark mark;
    uint64_t time, expires;
    size_t size;
    char body[];
};

struct handler {
    const struct child_command *command;
    uint64_t limit; /* 0: none */
    struct child child;
    uint64_t deadline;        /* of the one that runs: to be asked to end then, or to be killed */
    struct job *first, *last; /* the first is the one that runs */
    size_t waiting;           /* bytes of bodies */
};

struct handler *handler_new(const struct child_command *command, uint64_t limit) {
    struct handler *handler = calloc(1, sizeof(*handler));

    if (handler) {
        handler->command = command;
        handler->limit = limit;
        handler->deadline = CLOCK_NEVER;
    }
    return handler;
}

/* Takes the first message out. */
static void drop_first(struct handler *handler) {
    struct job *first = handler->first;

    handler->first = first->next;
    if (!handler->first)
        handler->last = NULL;
    handler->waiting -= first->size;
    csc_wipe(first->body, first->size);
    free(first);
}

void handler_free(struct handler *handler) {
    if (!handler)
        return;
    /* Nobody would end it later: Ctrl-C on the terminal does not reach its process group. */
    if (handler->limit > 0 && handler->child.pid != 0)
        child_end(&handler->child, SIGTERM);
    child_free(&handler->child);
    while (handler->first)
        drop_first(handler);
    free(handler);
}

int handler_add(struct handler *handler, const struct json_message *message) {
    const struct conversation_event *event = message->event;
    struct job *job = calloc(1, sizeof(*job) + event->body_size);

    if (!job)
        return PROTO_E_MEMORY;
    output_mark_set(&job->mark, message->from, event->fingerprint, event->id);
    job->time = event->time;
    job->expires = event->expires;
    job->size = event->body_size;
    memcpy(job->body, event->body, event->body_size);
    if (handler->last)
        handler->last->next = job;
    else
        handler->first = job;
    handler->last = job;
    handler->waiting += job->size;
    return PROTO_OK;
}

static int start(struct handler *handler, const struct job *job) {
    char variables[VARIABLES][VARIABLE_SIZE];
    char *environment[VARIABLES + 1] = {variables[0], variables[1], variables[2], variables[3], NULL};

    snprintf(variables[0], VARIABLE_SIZE, "CHATSECURE_FROM=%s", job->mark.peer);
    snprintf(variables[1], VARIABLE_SIZE, "CHATSECURE_ID=%s", job->mark.id);
    snprintf(variables[2], VARIABLE_SIZE, "CHATSECURE_FINGERPRINT=%s", job->mark.fingerprint);
    snprintf(variables[3], VARIABLE_SIZE, "CHATSECURE_TIME=%" PRIu64, job->time);
    return child_start(&handler->child, handler->command, environment, (struct span){job->body, job->size});
}

/* Asks the program to end if it is late, and kills it if it was asked before. */
static void end_late(struct handler *handler, uint64_t now) {
    const bool asked = handler->child.ending;

    if (handler->deadline > now)
        return;
    child_end(&handler->child, asked ? SIGKILL : SIGTERM);
    handler->deadline = asked ? CLOCK_NEVER : now + HANDLER_GRACE_MS;
}

/* True if the program of the first message has ended. */
static bool program_is_done(struct handler *handler, uint64_t now, struct handler_result *result) {
    if (!child_ended(&handler->child, &result->status)) {
        end_late(handler, now);
        return false;
    }
    handler->deadline = CLOCK_NEVER;
    result->late = handler->child.ending;
    /* It was ended, so its message has failed, even if it ended with status 0. */
    if (result->late && result->status == 0)
        result->status = CHILD_SIGNALLED + SIGTERM;
    return true;
}

/* True if the first message needs no program, or its program has ended. */
static bool first_is_done(struct handler *handler, uint64_t now, uint64_t wall, struct handler_result *result) {
    const struct job *job = handler->first;

    if (handler->child.pid != 0)
        return program_is_done(handler, now, result);
    if (job->expires > 0 && job->expires <= wall) {
        result->expired = true;
        return true;
    }
    result->error = start(handler, job);
    handler->deadline = handler->limit > 0 && result->error == 0 ? now + handler->limit : CLOCK_NEVER;
    result->status = result->error != 0 ? CHILD_NOT_STARTED : 0;
    return result->error != 0;
}

bool handler_next(struct handler *handler, uint64_t now, uint64_t wall, struct handler_result *result) {
    *result = (struct handler_result){.error = 0};
    child_write(&handler->child);
    if (!handler->first || !first_is_done(handler, now, wall, result))
        return false;
    result->mark = handler->first->mark;
    drop_first(handler);
    return true;
}

uint64_t handler_deadline(const struct handler *handler) {
    return handler->deadline;
}

struct output *handler_output(const struct handler *handler) {
    return child_output(&handler->child);
}

bool handler_is_full(const struct handler *handler) {
    return handler->waiting >= OUTPUT_HIGH;
}

bool handler_is_idle(const struct handler *handler) {
    return handler->first == NULL;
}
