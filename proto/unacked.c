#include <config.h>

#include "proto/unacked.h"

#include <stdlib.h>

struct unacked *unacked_append(struct unacked_list *list, const char *id, uint64_t token, uint64_t now) {
    struct unacked *entry = calloc(1, sizeof(*entry));

    if (entry == NULL)
        return NULL;
    entry->token = token;
    entry->since = now;
    entry->inner = BUFFER_INIT(MESSAGE_INNER_MAX);
    memcpy(entry->id, id, strlen(id) + 1);
    if (list->last != NULL)
        list->last->next = entry;
    else
        list->first = entry;
    list->last = entry;
    list->count++;
    return entry;
}

struct unacked *unacked_find(const struct unacked_list *list, struct span id) {
    /* Receipts come in the order of the messages, so it is nearly always the first; and behind the first that was
     * never tried there is none, which bounds the search to a window. */
    for (struct unacked *entry = list->first; entry != NULL; entry = entry->next) {
        if (span_equal(id, span_of(entry->id)))
            return entry;
        if (entry->transmissions == 0 && entry->refusals == 0)
            return NULL;
    }
    return NULL;
}

void unacked_sent(struct unacked_list *list, struct unacked *entry, size_t cost, uint64_t now) {
    entry->on_its_way = true;
    entry->transmissions++;
    entry->retry_at = 0;
    entry->sent_at = now;
    entry->cost = cost;
    list->sent_count++;
    list->sent_bytes += cost;
}

void unacked_requeue(struct unacked_list *list, struct unacked *entry) {
    if (!entry->on_its_way)
        return;
    entry->on_its_way = false;
    list->sent_count--;
    list->sent_bytes -= entry->cost;
}

void unacked_requeue_all(struct unacked_list *list) {
    for (struct unacked *entry = list->first; entry != NULL; entry = entry->next) {
        unacked_requeue(list, entry);
        entry->retry_at = 0;
        entry->repeated = false;
    }
}

void unacked_expire(struct unacked_list *list, struct unacked *entry, uint64_t when) {
    entry->expires_at = when;
    list->expiring++;
}

struct unacked *unacked_first_to_expire(const struct unacked_list *list) {
    struct unacked *first = NULL;

    if (list->expiring == 0)
        return NULL;
    for (struct unacked *entry = list->first; entry != NULL; entry = entry->next)
        if (entry->expires_at > 0 && (first == NULL || entry->expires_at < first->expires_at))
            first = entry;
    return first;
}

void unacked_remove(struct unacked_list *list, struct unacked *entry) {
    struct unacked *before = NULL;

    unacked_requeue(list, entry);
    if (list->first == entry) {
        list->first = entry->next;
    } else {
        for (before = list->first; before->next != entry; before = before->next)
            ;
        before->next = entry->next;
    }
    if (list->last == entry)
        list->last = before;
    list->count--;
    list->expiring -= entry->expires_at > 0;
    buffer_free(&entry->inner);
    free(entry);
}
