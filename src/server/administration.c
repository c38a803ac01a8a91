#include <config.h>

#include "src/server/administration.h"

#include "src/common/log.h"
#include "src/server/eviction.h"
#include "src/server/report.h"

/* ARGUMENT is what follows the word. */
typedef int handler(struct server *server, struct span argument, struct buffer *answer, struct diagnostic *why);

static int refresh_user(struct server *server, struct span argument, struct buffer *answer, struct diagnostic *why) {
    (void)answer;
    if (!name_is_valid(argument)) {
        diagnostic_set(why, "that is not a name");
        return -1;
    }
    if (registry_refresh(server->registry, argument, why) != 0)
        return -1;
    log_info(LOG_NO_CLIENT, "%.*s was changed in the registry", (int)argument.size, argument.data);
    eviction_check(server, argument);
    return 0;
}

static int flush(struct server *server, struct span argument, struct buffer *answer, struct diagnostic *why) {
    (void)argument;
    (void)answer;
    return registry_flush(server->registry, why);
}

static int statistics(struct server *server, struct span argument, struct buffer *answer, struct diagnostic *why) {
    int error = report_statistics(server, answer);

    (void)argument;
    if (error != 0)
        diagnostic_set(why, "the statistics cannot be told: %s", proto_strerror(error));
    return error != 0 ? -1 : 0;
}

static int read_again(struct server *server, struct span argument, struct buffer *answer, struct diagnostic *why) {
    (void)argument;
    (void)answer;
    return errands_do(&server->errands, ERRAND_RELOAD, why);
}

static int upgrade(struct server *server, struct span argument, struct buffer *answer, struct diagnostic *why) {
    char text[24] = "";
    int size = 0;

    (void)argument;
    if (errands_do(&server->errands, ERRAND_UPGRADE, why) != 0)
        return -1;
    size = snprintf(text, sizeof(text), "%ld\n", (long)server->upgrade.child.pid);
    return buffer_append(answer, text, (size_t)size) == PROTO_OK ? 0 : -1;
}

static const struct {
    const char *word;
    handler *handler;
} requests[] = {
    {"flush", flush}, {"reload", read_again}, {"stats", statistics}, {"upgrade", upgrade}, {"user", refresh_user},
};

int administration_answer(void *server, struct span request, struct buffer *answer, struct diagnostic *why) {
    const char *blank = memchr(request.data, ' ', request.size);
    const struct span word = {request.data, blank != NULL ? (size_t)(blank - request.data) : request.size};
    struct span argument = {request.data + word.size, request.size - word.size};

    if (argument.size > 0)
        argument = (struct span){argument.data + 1, argument.size - 1};
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        if (span_equal(span_of(requests[i].word), word))
            return requests[i].handler(server, argument, answer, why);
    diagnostic_set(why, "this server does not know how to do that: it is another version");
    return -1;
}
