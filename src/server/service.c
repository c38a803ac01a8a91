#include <config.h>

#include "src/server/service.h"

#include "src/common/log.h"
#include <stdlib.h>

/* What a list is made of: too much for the stack of a connection's thread. */
struct list_page {
    struct session_user users[MESSAGE_LIST_MAX + 1]; /* one more tells whether there are more */
    struct list_entry entries[MESSAGE_LIST_MAX];
};

static int answer(struct service *service, struct buffer *payload) {
    return outbox_push(&service->session->outbox, buffer_span(payload), OUTBOX_FROM_SELF);
}

static int answer_list(struct service *service, struct span after) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct list_page *page = calloc(1, sizeof(*page));
    size_t found = 0;
    size_t count = 0;
    int error = PROTO_E_MEMORY;

    if (page == NULL)
        goto out;
    found = session_table_list(service->table, after, page->users, MESSAGE_LIST_MAX + 1);
    count = found < MESSAGE_LIST_MAX ? found : MESSAGE_LIST_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct session_user *user = &page->users[i];

        page->entries[i] = (struct list_entry){
            .name = span_of(user->name),
            .id = user->id,
            .fingerprint = span_of(user->fingerprint),
            .since = user->since,
        };
    }
    error = message_write_list(&payload, page->entries, count, found > count);
    if (error == 0)
        error = answer(service, &payload);
out:
    free(page);
    buffer_free(&payload);
    return error;
}

static int answer_ping(struct service *service, struct span id) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error = message_write_ping(&payload, MESSAGE_PONG, id);

    if (error == 0)
        error = answer(service, &payload);
    buffer_free(&payload);
    return error;
}

/* A payload for the server itself. */
static int take_own(struct service *service, struct span payload) {
    struct message message = {0};
    int error = message_parse(&message, PLACE_TO_SERVER, payload.data, payload.size);

    if (error != 0)
        return error;
    log_debug(service->session->id, "%s, %zu bytes", message_type_name(message.type), payload.size);
    if (message.type == MESSAGE_LIST_REQUEST)
        error = answer_list(service, message.after);
    else if (message.type == MESSAGE_PING)
        error = answer_ping(service, message.id);
    if (error == 0 && message.type != MESSAGE_BYE)
        error = 1;
    message_free(&message);
    return error;
}

int service_take(struct service *service, struct span payload, uint64_t now) {
    struct route route = {0};
    int error = message_route(&route, payload.data, payload.size);

    if (error != 0)
        return error;
    if (route.dst[0] == '\0')
        return take_own(service, payload);
    error = relay_forward(service->table, service->session, &route, payload, service->batch, now);
    return error != 0 ? error : 1;
}
