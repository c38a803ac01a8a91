#include <config.h>

#include "proto/event_queue.h"

#include <stdlib.h>

struct queued_event {
    struct queued_event *next;
    struct conversation_event event;
};

static void free_body(char *body, size_t size) {
    if (body != NULL)
        csc_wipe(body, size);
    free(body);
}

int event_queue_put(struct event_queue *queue, const struct conversation_event *event) {
    struct queued_event *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return PROTO_E_MEMORY;
    made->event = *event;
    if (event->body != NULL) {
        if ((made->event.body = malloc(event->body_size + 1)) == NULL) {
            free(made);
            return PROTO_E_MEMORY;
        }
        memcpy(made->event.body, event->body, event->body_size);
        made->event.body[event->body_size] = '\0';
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

    free_body(queue->taken, queue->taken_size);
    queue->taken = NULL;
    if (first == NULL)
        return false;
    *event = first->event;
    queue->taken = event->body;
    queue->taken_size = event->body_size;
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
