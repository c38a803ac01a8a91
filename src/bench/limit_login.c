/* The limits of a login: its cryptography without sockets, its sockets without cryptography, and another's RSA. */
#include <config.h>

#include "src/bench/limits.h"

#include "proto/line.h"
#include "proto/link.h"
#include "src/bench/loopback.h"
#include "src/common/locked_file.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOGINS_COMPUTED 40
#define LOGINS_SENT     200
#define SIGNATURES      40
#define WARM_UP         20

/* Each side has a turn for the handshake's first half, one for the second, and one for the leave that it takes. */
#define TURNS 3

/* ---- a login without sockets ------------------------------------------------------------------------ */

/* Both ends of a connection, and what one has written for the other. */
struct bare_login {
    struct link *client, *server;
    struct buffer to_server, to_client;
    size_t sizes[2 * TURNS]; /* of what was written, in turn, the client's first */
};

static int deliver(struct link *to, struct buffer *lines) {
    uint8_t *room = NULL;
    size_t size = 0;

    if (link_reserve(to, &room, &size) != 0 || size < lines->size)
        return -1;
    memcpy(room, buffer_data(lines), lines->size);
    link_commit(to, lines->size);
    buffer_truncate(lines, 0);
    return 0;
}

static int say_bye(struct link *link, struct buffer *out) {
    struct buffer bye = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error = message_write_bye(&bye, SPAN(""));

    if (error == 0)
        error = link_seal(link, buffer_span(&bye), out);
    buffer_free(&bye);
    return error;
}

/* One end's turn. */
static int answer(struct link *link, struct buffer *in, struct buffer *out) {
    struct link_event event;

    if (deliver(link, in) != 0 || link_next(link, &event) != 1)
        return -1;
    switch (event.type) {
    case LINK_EVENT_OFFER:
        return link_accept(link, out);
    case LINK_EVENT_PROOF:
        return link_verify(link) == 0 ? link_register(link, 1, out) : -1;
    default:
        return say_bye(link, out);
    }
}

/* One login, and the nanoseconds that the server's part of it has TAKEN. */
static int compute_login(struct bare_login *login, const struct identity *server, const struct identity *user,
                         uint64_t *taken) {
    const struct suite_list suites = SUITE_LIST_ALL;
    struct link_config config = {
        .identity = user->key, .identity_pem = user->pem, .name = "bench-0", .suites = &suites};
    uint64_t begun = 0;
    int error = link_new(&login->client, &config);

    config = (struct link_config){
        .role = LINK_SERVER, .identity = server->key, .identity_pem = server->pem, .name = "bench", .suites = &suites};
    if (error == 0)
        error = link_start(login->client, &login->to_server);
    begun = usage_thread_ns();
    if (error == 0)
        error = link_new(&login->server, &config);
    *taken += usage_thread_ns() - begun;
    for (size_t turn = 0; turn < TURNS && error == 0; turn++) {
        login->sizes[2 * turn] = login->to_server.size;
        begun = usage_thread_ns();
        error = answer(login->server, &login->to_server, &login->to_client);
        *taken += usage_thread_ns() - begun;
        login->sizes[2 * turn + 1] = login->to_client.size;
        if (error == 0 && turn + 1 < TURNS)
            error = answer(login->client, &login->to_client, &login->to_server);
    }
    link_free(login->client);
    link_free(login->server);
    login->client = login->server = NULL;
    buffer_truncate(&login->to_client, 0);
    return error;
}

static int compute_logins(struct bare_login *login, const char *path, const struct identity *user, double *microseconds,
                          struct diagnostic *why) {
    struct identity server = {0};
    uint64_t taken = 0;
    int error = identity_load(&server, path, NULL, why);

    if (error != 0)
        return -1;
    for (size_t i = 0; i < LOGINS_COMPUTED && error == 0; i++)
        error = compute_login(login, &server, user, &taken);
    identity_free(&server);
    if (error != 0)
        diagnostic_set(why, "the limit of a login's cryptography cannot be measured");
    *microseconds = (double)taken / 1e3 / LOGINS_COMPUTED;
    return error != 0 ? -1 : 0;
}

/* ---- a login without cryptography ------------------------------------------------------------------- */

static const char zeros[LINE_MAX_HANDSHAKE];

/* One side's part: FIRST is the client's. */
static bool exchange(int fd, const size_t sizes[static 2 * TURNS], bool first) {
    for (size_t i = 0; i < 2 * TURNS; i++) {
        const bool done = (i % 2 == 0) == first ? loopback_send(fd, zeros, sizes[i]) : loopback_receive(fd, sizes[i]);

        if (!done)
            return false;
    }
    /* Each waits for the other's end. */
    return shutdown(fd, SHUT_WR) == 0 && !loopback_receive(fd, 1);
}

/* The process that takes connections as a server would that has nothing to compute, until it is ended. */
static void take_logins(int listener, const size_t sizes[static 2 * TURNS]) {
    int fd = -1;

    while ((fd = loopback_accept(listener)) >= 0) {
        exchange(fd, sizes, false);
        close(fd);
    }
    _exit(0);
}

static bool log_in(const struct sockaddr_in *address, const size_t sizes[static 2 * TURNS], size_t count) {
    bool done = true;

    for (size_t i = 0; i < count && done; i++) {
        int fd = loopback_connect(address);

        done = fd >= 0 && exchange(fd, sizes, true);
        if (fd >= 0)
            close(fd);
    }
    return done;
}

static int send_logins(const size_t sizes[static 2 * TURNS], double *microseconds, struct diagnostic *why) {
    struct sockaddr_in address;
    struct usage before = {0};
    struct usage after = {0};
    bool done = false;
    int listener = loopback_listen(&address);
    pid_t pid = listener >= 0 ? fork() : -1;

    if (pid == 0)
        take_logins(listener, sizes);
    if (pid > 0) {
        done = log_in(&address, sizes, WARM_UP) && usage_read(&before, pid) == 0 &&
               log_in(&address, sizes, LOGINS_SENT) && usage_read(&after, pid) == 0;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    if (!done)
        diagnostic_set(why, "the limit of a login's sockets cannot be measured: %s", diagnostic_errno(errno));
    if (listener >= 0)
        close(listener);
    *microseconds = (double)(after.cpu_ns - before.cpu_ns) / 1e3 / LOGINS_SENT;
    return done ? 0 : -1;
}

/* ---- another's RSA ---------------------------------------------------------------------------------- */

static int sign_often(gnutls_privkey_t key, double *microseconds) {
    uint8_t hash[CSC_SHA256_SIZE] = {0};
    const gnutls_datum_t hashed = {hash, sizeof(hash)};
    const uint64_t begun = usage_thread_ns();
    int error = 0;

    for (size_t i = 0; i < SIGNATURES && error >= 0; i++) {
        gnutls_datum_t signature = {NULL, 0};

        error = gnutls_privkey_sign_hash(key, GNUTLS_DIG_SHA256, 0, &hashed, &signature);
        gnutls_free(signature.data);
    }
    *microseconds = (double)(usage_thread_ns() - begun) / 1e3 / SIGNATURES;
    return error < 0 ? -1 : 0;
}

/* Signing is the private operation and little else. */
static int measure_gnutls(const char *path, double *microseconds, struct diagnostic *why) {
    struct buffer pem = BUFFER_INIT(LINE_MAX_HANDSHAKE);
    gnutls_privkey_t key = NULL;
    int error = locked_file_read(path, &pem, why);

    if (error == 0) {
        const gnutls_datum_t data = {(unsigned char *)buffer_data(&pem), (unsigned)pem.size};

        if (gnutls_privkey_init(&key) < 0 ||
            gnutls_privkey_import_x509_raw(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0) < 0 ||
            sign_often(key, microseconds) != 0) {
            diagnostic_set(why, "the private operation of GnuTLS cannot be measured");
            error = -1;
        }
    }
    gnutls_privkey_deinit(key);
    buffer_free(&pem);
    return error;
}

int limit_login(const char *path, const struct identity *user, struct login_limit *limit, struct diagnostic *why) {
    struct bare_login login = {.to_server = BUFFER_INIT(LINE_MAX_HANDSHAKE),
                               .to_client = BUFFER_INIT(LINE_MAX_HANDSHAKE)};
    int error = compute_logins(&login, path, user, &limit->crypto, why);

    if (error == 0)
        error = send_logins(login.sizes, &limit->sockets, why);
    if (error == 0)
        error = measure_gnutls(path, &limit->gnutls, why);
    buffer_free(&login.to_server);
    buffer_free(&login.to_client);
    return error;
}
