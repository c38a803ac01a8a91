#include <config.h>

#include "proto/event_queue.h"

#include <stdlib.h>

struct queued_event {
    struct queued_event *next;
    struct conversation_event event;
};

static void *copy(const void *data, size_t size, size_t room) {
    char *made = calloc(1, room);

    if (made != NULL)
        memcpy(made, data, size);
    return made;
}

/* Wipes and frees what an event of the queue owns. */
static void free_contents(struct conversation_event *event) {
    if (event->body != NULL)
        csc_wipe(event->body, event->body_size);
    free(event->body);
    if (event->signature != NULL)
        csc_wipe(event->signature, sizeof(*event->signature));
    free(event->signature);
    *event = (struct conversation_event){0};
}

int event_queue_put(struct event_queue *queue, const struct conversation_event *event) {
    struct queued_event *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return PROTO_E_MEMORY;
    made->event = *event;
    if (event->body != NULL)
        made->event.body = copy(event->body, event->body_size, event->body_size + 1);
    if (event->signature != NULL)
        made->event.signature = copy(event->signature, sizeof(*event->signature), sizeof(*event->signature));
    if ((event->body != NULL && made->event.body == NULL) ||
        (event->signature != NULL && made->event.signature == NULL)) {
        free_contents(&made->event);
        free(made);
        return PROTO_E_MEMORY;
    }
    if (queue->last != NULL)
        queue->last->next = made;
    else
        queue->first = made;
    queue->last = made;
    return PROTO_OK;
}

bool event_queue_take(struct event_queue *queue, struct conversation_event *event) {
    struct queued_event *first = queue->first;

    free_contents(&queue->taken);
    if (first == NULL)
        return false;
    *event = queue->taken = first->event;
    queue->first = first->next;
    if (queue->first == NULL)
        queue->last = NULL;
    free(first);
    return true;
}

void event_queue_free(struct event_queue *queue) {
    struct conversation_event event;

    while (event_queue_take(queue, &event))
        ;
}
