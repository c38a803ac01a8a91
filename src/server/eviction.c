#include <config.h>

#include "src/server/eviction.h"

#include "src/common/clock.h"
#include "src/common/log.h"
#include "src/server/relay.h"

/* Users that are looked at in one go. */
#define PAGE 64

void eviction_judge(struct server *server, struct session *session) {
    const enum registry_answer answer = registry_look(server->registry, span_of(session->name), session->fingerprint);

    if (answer == REGISTRY_OWN)
        return;
    log_info(session->id, "%s may not stay: %s", session->name,
             answer == REGISTRY_DENIED  ? "it is not allowed in"
             : answer == REGISTRY_OTHER ? "the name is another key's now"
                                        : "the name was removed");
    /* Nobody finds it any more before its peers are told that it has left. */
    session_table_remove(server->table, session);
    relay_depart(server->table, session, RELAY_REMOVED, clock_monotonic_ms());
    session_dismiss(session, answer == REGISTRY_DENIED ? SESSION_DENIED : SESSION_REMOVED);
}

void eviction_check(struct server *server, struct span name) {
    struct session *session = session_table_find(server->table, name);

    if (session != NULL)
        eviction_judge(server, session);
    session_release(session);
}

void eviction_check_all(struct server *server) {
    struct session_user users[PAGE];
    char after[NAME_SIZE] = "";
    size_t count = 0;

    do {
        count = session_table_list(server->table, span_of(after), users, PAGE);
        for (size_t i = 0; i < count; i++)
            eviction_check(server, span_of(users[i].name));
        if (count > 0)
            memcpy(after, users[count - 1].name, sizeof(after));
    } while (count == PAGE);
}
