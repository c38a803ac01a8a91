#include <config.h>

#include "proto/text.h"
#include "src/client/commands.h"
#include "src/client/history_answer.h"
#include "src/client/json_events.h"

#include <stdio.h>
#include <time.h>

/* Messages of an answer, if it is not said how many. */
#define COUNT_DEFAULT 20

bool history_answer_query(struct history_query *query, const struct span *words, size_t count) {
    uint64_t number = COUNT_DEFAULT;
    size_t next = 0;

    *query = (struct history_query){.count = 0};
    if (next < count && name_is_valid(words[next]))
        query->name = words[next++];
    if (next < count && request_number(words[next], HISTORY_ANSWER_MAX, &number))
        next++;
    query->count = (size_t)number;
    return next == count;
}

int history_answer_line(struct buffer *out, const struct history_entry *entry) {
    time_t seconds = (time_t)(entry->time / 1000);
    char day[32] = "---------- --:--:--", head[HISTORY_ANSWER_HEAD];
    struct tm local;
    int error;

    if (localtime_r(&seconds, &local))
        strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S", &local);
    snprintf(head, sizeof(head), entry->sent ? "[%s] to %.*s: " : "[%s] [%.*s]: ", day, (int)entry->name.size,
             entry->name.data);
    error = buffer_append(out, head, strlen(head));
    if (error == PROTO_OK)
        error = text_escape(out, entry->text);
    return error == PROTO_OK ? buffer_append(out, "\n", 1) : error;
}

/* A span that has at most SIZE - 1 bytes, as a string. */
static void copy(char *out, size_t size, struct span text) {
    snprintf(out, size, "%.*s", (int)text.size, text.size > 0 ? text.data : "");
}

int history_answer_event(struct buffer *out, const struct history_entry *entry, const char *own, bool verified) {
    struct text_signature signature = entry->signature ? *entry->signature : (struct text_signature){.size = 0};
    struct conversation_event event = {.time = entry->time,
                                       .body = (char *)entry->text.data,
                                       .body_size = entry->text.size,
                                       .signature = entry->signature ? &signature : NULL};
    char name[NAME_SIZE], self[NAME_SIZE];

    copy(name, sizeof(name), entry->name);
    copy(self, sizeof(self), entry->own);
    copy(event.id, sizeof(event.id), entry->id);
    copy(event.fingerprint, sizeof(event.fingerprint), entry->sent ? span_of(own) : entry->fingerprint);
    return json_event_message(out, &(struct json_message){.from = entry->sent ? self : name,
                                                          .to = entry->sent ? name : self,
                                                          .event = &event,
                                                          .verified = verified});
}
