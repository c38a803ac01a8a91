#include <config.h>

#include "src/server/listener.h"

#include "src/common/clock.h"
#include "src/common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Connections taken from one socket before the others are looked at. */
#define ACCEPT_ROUNDS 64

/* How long accept() is left alone when the system has no room for another connection. */
#define PAUSE_MS 100

#define REFUSALS_LOGGED_MS 1000

static int add(struct listener *listener, const struct addrinfo *address, struct diagnostic *why) {
    char text[NET_TEXT_SIZE] = "";
    int fd = -1;

    if (listener->count == LISTENER_MAX) {
        diagnostic_set(why, "cannot listen on more than %d addresses", LISTENER_MAX);
        return -EMFILE;
    }
    fd = net_listen(address);
    if (fd < 0) {
        net_text(text, address->ai_addr, address->ai_addrlen);
        diagnostic_set(why, "cannot listen on %s: %s", text, diagnostic_errno(-fd));
        return fd;
    }
    listener->sockets[listener->count++] = fd;
    return 0;
}

/* Listens on all that ENDPOINT resolves to.  An address family that this machine does not have is no error as long as
 * there is another. */
static int add_endpoint(struct listener *listener, const struct net_endpoint *endpoint, struct diagnostic *why) {
    struct addrinfo *list = NULL;
    const size_t before = listener->count;
    int error = net_resolve(&list, endpoint, true, why);

    if (error != 0)
        return error;
    for (const struct addrinfo *address = list; address != NULL; address = address->ai_next) {
        error = add(listener, address, why);
        if (error != 0 && error != -EAFNOSUPPORT && error != -EADDRNOTAVAIL)
            break;
    }
    freeaddrinfo(list);
    return listener->count > before && (error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL) ? 0 : error;
}

static int add_defaults(struct listener *listener, struct diagnostic *why) {
    static const struct net_endpoint defaults[] = {{"::", NET_PORT_DEFAULT}, {"0.0.0.0", NET_PORT_DEFAULT}};
    int error = 0;

    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        error = add_endpoint(listener, &defaults[i], why);
        if (error == -EADDRINUSE || error == -EACCES)
            return error;
        if (error != 0)
            log_warning(LOG_NO_CLIENT, "%s", why->text);
    }
    return listener->count > 0 ? 0 : error;
}

static int add_inherited(struct listener *listener, size_t count, struct diagnostic *why) {
    if (count > LISTENER_MAX) {
        diagnostic_set(why, "cannot listen on more than %d addresses", LISTENER_MAX);
        return -EMFILE;
    }
    for (size_t i = 0; i < count; i++)
        listener->sockets[listener->count++] = SUPERVISOR_FIRST + (int)i;
    return 0;
}

int listener_open(struct listener *listener, const struct settings *settings, size_t inherited,
                  struct diagnostic *why) {
    int error = 0;

    *listener = (struct listener){.reserve = open("/dev/null", O_RDONLY | O_CLOEXEC)};
    if (inherited > 0)
        error = add_inherited(listener, inherited, why);
    else if (settings->listen_count == 0)
        error = add_defaults(listener, why);
    for (size_t i = 0; i < settings->listen_count && inherited == 0 && error == 0; i++)
        error = add_endpoint(listener, &settings->listen[i], why);
    if (error != 0)
        listener_close(listener);
    return error;
}

void listener_close(struct listener *listener) {
    for (size_t i = 0; i < listener->count; i++)
        close(listener->sockets[i]);
    if (listener->reserve >= 0)
        close(listener->reserve);
    *listener = (struct listener){.reserve = -1};
}

int listener_announce(const struct listener *listener, const char *fingerprint) {
    char text[NET_TEXT_SIZE] = "";

    for (size_t i = 0; i < listener->count; i++) {
        net_local_text(text, listener->sockets[i]);
        printf("listening %s %s\n", text, fingerprint);
    }
    return fflush(stdout) != 0 || ferror(stdout) ? -1 : 0;
}

/* Refusals are told of once a second at most: a flood of connections shall not become one of records. */
static void log_refusal(struct listener *listener, const char *address, const char *why, uint64_t now) {
    if (now < listener->silent_until) {
        listener->refused++;
        return;
    }
    if (listener->refused > 0)
        log_warning(LOG_NO_CLIENT, "%s refused: %s; and %zu others before", address, why, listener->refused);
    else
        log_warning(LOG_NO_CLIENT, "%s refused: %s", address, why);
    listener->refused = 0;
    listener->silent_until = now + REFUSALS_LOGGED_MS;
}

static enum stats_counter counter_of(enum admission_verdict verdict) {
    static const enum stats_counter counters[] = {
        [ADMISSION_GRANTED] = STATS_CONNECTIONS,      [ADMISSION_FULL] = STATS_REFUSED_HANDSHAKES,
        [ADMISSION_EARLY_DROP] = STATS_REFUSED_EARLY, [ADMISSION_SOURCE] = STATS_REFUSED_SOURCE,
        [ADMISSION_RATE] = STATS_REFUSED_RATE,        [ADMISSION_PENALTY] = STATS_REFUSED_PENALTY,
    };

    return counters[verdict];
}

/* Asks all who have a say.  NULL: welcome, with ARRIVAL's number.  Else why not. */
static const char *refusal(struct server *server, struct arrival *arrival, uint64_t now) {
    const enum admission_verdict verdict = admission_enter(&server->admission, &arrival->source, now);

    if (verdict != ADMISSION_GRANTED) {
        stats_add(&server->stats, counter_of(verdict), 1);
        return admission_verdict_text(verdict);
    }
    arrival->id = census_enter(&server->census);
    if (arrival->id != 0)
        return NULL;
    admission_leave(&server->admission, &arrival->source, ADMISSION_FAIR, now);
    stats_add(&server->stats, STATS_REFUSED_CLIENTS, 1);
    return "there is no room for more clients";
}

static void welcome(struct listener *listener, struct server *server, struct arrival *arrival) {
    const uint64_t now = clock_monotonic_ms();
    const char *why = refusal(server, arrival, now);
    int error = 0;

    stats_add(&server->stats, STATS_CONNECTIONS, 1);
    if (why != NULL) {
        log_refusal(listener, arrival->address, why, now);
        connection_refuse(arrival->socket, why);
        return;
    }
    error = connection_start(server, arrival);
    if (error != 0) {
        stats_add(&server->stats, STATS_REFUSED_SYSTEM, 1);
        log_refusal(listener, arrival->address, diagnostic_errno(-error), now);
    }
}

/* The system has no room for another connection, and poll() would report the one that waits for ever.  Giving up the
 * reserve is enough to take it and tell it so. */
static void shed(struct listener *listener, struct server *server, int socket, int error) {
    struct sockaddr_storage peer;
    char address[NET_TEXT_SIZE] = "";
    int fd = -1;

    log_refusal(listener, "a connection", diagnostic_errno(error), clock_monotonic_ms());
    if (listener->reserve >= 0) {
        close(listener->reserve);
        fd = net_accept(socket, &peer, address);
    }
    if (fd >= 0) {
        stats_add(&server->stats, STATS_CONNECTIONS, 1);
        stats_add(&server->stats, STATS_REFUSED_SYSTEM, 1);
        connection_refuse(fd, "the server has no room at the moment");
    }
    listener->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    listener->paused = clock_monotonic_ms() + PAUSE_MS;
}

static void take_connections(struct listener *listener, int socket, struct server *server) {
    struct sockaddr_storage peer;
    char address[NET_TEXT_SIZE] = "";

    for (int round = 0; round < ACCEPT_ROUNDS; round++) {
        int fd = net_accept(socket, &peer, address);

        if (fd >= 0) {
            welcome(
                listener, server,
                &(struct arrival){.socket = fd, .source = source_key_of((struct sockaddr *)&peer), .address = address});
            continue;
        }
        if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM)
            shed(listener, server, socket, -fd);
        /* All else is the trouble of one connection that was about to come, or -EAGAIN. */
        return;
    }
}

void listener_run(struct listener *listener, struct server *server) {
    struct pollfd fds[LISTENER_MAX + 1] = {{.fd = server->ending.wake.poll_fd, .events = POLLIN}};

    for (;;) {
        const uint64_t now = clock_monotonic_ms();
        const bool paused = now < listener->paused;

        for (size_t i = 0; i < listener->count; i++)
            fds[i + 1] = (struct pollfd){.fd = paused ? -1 : listener->sockets[i], .events = POLLIN};
        if (poll(fds, (nfds_t)listener->count + 1, paused ? clock_poll_timeout(now, listener->paused) : -1) < 0)
            continue;
        if (fds[0].revents != 0)
            return;
        for (size_t i = 0; i < listener->count; i++)
            if (fds[i + 1].revents != 0)
                take_connections(listener, listener->sockets[i], server);
    }
}
