#include <config.h>

#include "src/client/dial.h"
#include "src/common/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct dial {
    struct addrinfo *addresses;
    const struct addrinfo *address; /* under way */
    int fd;
    uint64_t until;
    uint64_t deadline; /* of `address` */
    struct diagnostic why;
};

static uint64_t share(const struct dial *dial, uint64_t now) {
    uint64_t count = 0;

    for (const struct addrinfo *address = dial->address; address != NULL; address = address->ai_next)
        count++;
    return dial->until <= now || count == 0 ? now : now + (dial->until - now) / count;
}

static void address_failed(struct dial *dial, int error) {
    char text[NET_TEXT_SIZE];

    net_text(text, dial->address->ai_addr, dial->address->ai_addrlen);
    diagnostic_set(&dial->why, "cannot connect to %s: %s%s", text, diagnostic_errno(error),
                   error == ECONNREFUSED ? "; is chatsecure-server running there?" : "");
    log_debug(LOG_NO_CLIENT, "%s", dial->why.text);
    if (dial->fd >= 0)
        close(dial->fd);
    dial->fd = -1;
    dial->address = dial->address->ai_next;
}

/* Begins to connect to the current address, or to the first one behind it for which that is possible. */
static int begin(struct dial *dial, uint64_t now) {
    int fd = -EHOSTUNREACH;

    while (dial->address != NULL) {
        fd = net_connect_start(dial->address);
        if (fd >= 0) {
            dial->fd = fd;
            dial->deadline = share(dial, now);
            return 0;
        }
        address_failed(dial, -fd);
    }
    return fd;
}

int dial_new(struct dial **dial, const struct net_endpoint *endpoint, uint64_t now, uint64_t until) {
    struct dial *made = calloc(1, sizeof(*made));
    int error;

    *dial = made;
    if (made == NULL)
        return -ENOMEM;
    made->fd = -1;
    made->until = until;
    error = net_resolve(&made->addresses, endpoint, false, &made->why);
    if (error != 0)
        return error;
    made->address = made->addresses;
    return begin(made, now);
}

void dial_free(struct dial *dial) {
    if (dial == NULL)
        return;
    if (dial->fd >= 0)
        close(dial->fd);
    if (dial->addresses != NULL)
        freeaddrinfo(dial->addresses);
    free(dial);
}

int dial_fd(const struct dial *dial) {
    return dial->fd;
}

uint64_t dial_deadline(const struct dial *dial) {
    return dial->deadline;
}

int dial_continue(struct dial *dial, bool ready, uint64_t now) {
    int error = ready ? net_connect_result(dial->fd) : -ETIMEDOUT;
    int fd = dial->fd;

    if (!ready && now < dial->deadline)
        return -EAGAIN;
    if (error == 0) {
        dial->fd = -1;
        return fd;
    }
    address_failed(dial, -error);
    error = begin(dial, now);
    return error == 0 ? -EAGAIN : error;
}

const char *dial_why(const struct dial *dial) {
    return dial->why.text;
}
