#include <config.h>

#include "src/server/descriptors.h"

#include "src/common/log.h"
#include "src/server/listener.h"

#include <sys/resource.h>

/* Descriptors of a client: its socket and its wake (two where it is a pipe).  And of the server itself. */
#ifdef HAVE_EVENTFD
#define DESCRIPTORS_PER_CLIENT 2
#else
#define DESCRIPTORS_PER_CLIENT 3
#endif
#define DESCRIPTORS_OF_SERVER (LISTENER_MAX + 32)

/* Shares out room for CONNECTIONS, which is less than LIMITS allow: strangers get what they may have, but not more than
 * half of it unless clients may not have the other half. */
static void share_connections(struct limits *limits, uint64_t connections) {
    const uint64_t half = limits->max_clients < connections / 2 ? connections - limits->max_clients : connections / 2;

    if (limits->max_handshakes > half)
        limits->max_handshakes = half;
    if (limits->max_clients > connections - limits->max_handshakes)
        limits->max_clients = connections - limits->max_handshakes;
    log_info(LOG_NO_CLIENT, "the limit of open files (ulimit -n) leaves room for %llu clients",
             (unsigned long long)limits->max_clients);
}

void descriptors_fit(struct limits *limits) {
    const uint64_t wanted =
        (limits->max_clients + limits->max_handshakes) * DESCRIPTORS_PER_CLIENT + DESCRIPTORS_OF_SERVER;
    struct rlimit limit = {0};

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted ? (rlim_t)wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (limit.rlim_cur < wanted && limit.rlim_cur >= DESCRIPTORS_OF_SERVER + 2 * DESCRIPTORS_PER_CLIENT)
        share_connections(limits, (limit.rlim_cur - DESCRIPTORS_OF_SERVER) / DESCRIPTORS_PER_CLIENT);
}
