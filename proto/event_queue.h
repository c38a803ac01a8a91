/*
 * event_queue: events of a conversation on their way to the program, oldest first.
 *
 * Part of a conversation.  Owns and wipes the bodies of messages, and what proves them, until they are taken.  Single
 * owner.
 */
#ifndef PROTO_EVENT_QUEUE_H
#define PROTO_EVENT_QUEUE_H

#include "proto/conversation.h"

struct event_queue {
    struct queued_event *first, *last;
    struct conversation_event taken; /* its body and signature are kept until the next is taken */
};

/* Appends a copy of EVENT, with copies of its body and signature.  PROTO_E_MEMORY. */
int event_queue_put(struct event_queue *queue, const struct conversation_event *event)
    __attribute__((warn_unused_result));

/* Takes the oldest; its body and signature live until the next call. */
bool event_queue_take(struct event_queue *queue, struct conversation_event *event);

void event_queue_free(struct event_queue *queue);

#endif
