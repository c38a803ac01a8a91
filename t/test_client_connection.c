/* connection: over a real socket to a link in the server's role, with a clock that the test moves. */
#include <config.h>

#include "proto/line.h"
#include "src/client/connection.h"
#include "t/tap.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define START   1000000
#define TIMEOUT 30000

static void require(bool holds, const char *what) {
    if (holds)
        return;
    tap_diag("%s", what);
    exit(1);
}

struct identity_pair {
    csc_private_key *key;
    char pem[1025];
};

static void load(struct identity_pair *pair, const char *name) {
    const char *top = getenv("top_srcdir");
    csc_public_key *public_key = NULL;
    size_t size = sizeof(pair->pem);
    char path[4096];

    snprintf(path, sizeof(path), "%s/t/keys/%s.pem", top != NULL ? top : ".", name);
    require(csc_private_key_load(&pair->key, path, NULL) == CSC_OK, path);
    require(csc_private_key_public(pair->key, &public_key) == CSC_OK &&
                csc_public_key_to_pem(public_key, pair->pem, &size) == CSC_OK,
            "the public key");
    csc_public_key_free(public_key);
}

struct scene {
    struct identity_pair client, server;
    struct suite_list suites;
    struct net_endpoint endpoint;
    struct link_config client_link;
    struct connection *connection;
    int listener, fd;
    struct link *link; /* the server's end */
    struct buffer out;
};

static void listen_somewhere(struct scene *scene) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    scene->listener = socket(AF_INET, SOCK_STREAM, 0);
    require(scene->listener >= 0 && bind(scene->listener, (struct sockaddr *)&address, size) == 0 &&
                listen(scene->listener, 1) == 0 &&
                getsockname(scene->listener, (struct sockaddr *)&address, &size) == 0,
            "a listening socket");
    scene->endpoint = (struct net_endpoint){.host = "127.0.0.1", .port = ntohs(address.sin_port)};
}

static void open_scene(struct scene *scene) {
    struct link_config server_link;
    struct connection_config config;

    *scene = (struct scene){.suites = SUITE_LIST_ALL, .out = BUFFER_INIT(4 * LINE_MAX_SESSION)};
    load(&scene->client, "adam");
    load(&scene->server, "relay");
    listen_somewhere(scene);
    scene->client_link = (struct link_config){.role = LINK_CLIENT,
                                              .identity = scene->client.key,
                                              .identity_pem = scene->client.pem,
                                              .name = "Adam",
                                              .suites = &scene->suites};
    server_link = (struct link_config){.role = LINK_SERVER,
                                       .identity = scene->server.key,
                                       .identity_pem = scene->server.pem,
                                       .name = "relay",
                                       .suites = &scene->suites};
    config = (struct connection_config){&scene->endpoint, "the server", &scene->client_link, TIMEOUT};
    require(connection_open(&scene->connection, &config, START) == 0, "the connection begins");
    scene->fd = accept(scene->listener, NULL, NULL);
    require(scene->fd >= 0 && link_new(&scene->link, &server_link) == 0, "the server's end");
}

static void close_scene(struct scene *scene) {
    connection_free(scene->connection);
    link_free(scene->link);
    buffer_free(&scene->out);
    csc_private_key_free(scene->client.key);
    csc_private_key_free(scene->server.key);
    if (scene->fd >= 0)
        close(scene->fd);
    close(scene->listener);
}

/* Lets the client work at NOW once its socket is ready for what it wants. */
static void work(struct scene *scene, uint64_t now) {
    struct pollfd poller = {connection_fd(scene->connection), connection_wants(scene->connection, true), 0};

    require(poll(&poller, 1, 20000) == 1, "the client's socket is ready");
    require(connection_work(scene->connection, poller.revents, now) == 0, "the client works");
}

static void flush(struct scene *scene) {
    while (scene->out.size > 0) {
        ssize_t size = send(scene->fd, buffer_data(&scene->out), scene->out.size, MSG_NOSIGNAL);

        require(size > 0, "the server sends");
        buffer_consume(&scene->out, (size_t)size);
    }
}

/* The next event at the server's end. */
static void serve(struct scene *scene, struct link_event *event) {
    int result;

    while ((result = link_next(scene->link, event)) == 0) {
        uint8_t *room = NULL;
        size_t size = 0;
        ssize_t got;

        require(link_reserve(scene->link, &room, &size) == 0, "room");
        got = recv(scene->fd, room, size, 0);
        require(got > 0, "the server receives");
        link_commit(scene->link, (size_t)got);
    }
    require(result == 1, "the server's link");
}

static void next(struct scene *scene, uint64_t now, enum connection_event_type type, struct connection_event *event) {
    int result = 0;

    while ((result = connection_next(scene->connection, event, now)) == 0)
        work(scene, now);
    IS_INT(result, 1, "an event");
    IS_INT(event->type, type, "of the expected kind");
}

static void establish(struct scene *scene) {
    struct connection_event event;
    struct link_event seen;

    open_scene(scene);
    work(scene, START);
    require(connection_work(scene->connection, 0, START) == 0, "phase 1 goes out");
    serve(scene, &seen);
    require(seen.type == LINK_EVENT_OFFER && link_accept(scene->link, &scene->out) == 0, "phase 2");
    flush(scene);
    next(scene, START, CONNECTION_EVENT_KEY, &event);
    require(connection_accept(scene->connection, START) == 0, "phase 3");
    serve(scene, &seen);
    require(seen.type == LINK_EVENT_PROOF && link_verify(scene->link) == 0 &&
                link_register(scene->link, 5, &scene->out) == 0,
            "phase 4");
    flush(scene);
    next(scene, START, CONNECTION_EVENT_ESTABLISHED, &event);
    IS_INT(connection_session_id(scene->connection), 5, "the number of the session");
}

/* The type of the next payload at the server's end. */
static enum message_type received(struct scene *scene) {
    struct link_event seen;
    struct message message;
    enum message_type type;

    serve(scene, &seen);
    require(seen.type == LINK_EVENT_PAYLOAD &&
                message_parse(&message, PLACE_TO_SERVER, seen.payload, seen.payload_size) == 0,
            "a payload");
    type = message.type;
    message_free(&message);
    return type;
}

/* The server answers a ping. */
static void send_pong(struct scene *scene, struct span id) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);

    require(message_write_ping(&payload, MESSAGE_PONG, id) == 0, "a pong");
    require(link_seal(scene->link, buffer_span(&payload), &scene->out) == 0, "sealed");
    buffer_free(&payload);
    flush(scene);
}

static void test_silence(void) {
    const uint64_t silent = START + CONNECTION_SILENCE_MS;
    struct connection_event event;
    struct scene scene;

    establish(&scene);
    IS_INT(connection_deadline(scene.connection), silent, "silence is allowed for a while");
    require(connection_work(scene.connection, 0, silent - 1) == 0 && connection_work(scene.connection, 0, silent) == 0,
            "the client works");
    IS_INT(received(&scene), MESSAGE_PING, "then the server is asked whether it is there");
    IS_INT(connection_deadline(scene.connection), silent + CONNECTION_PONG_MS, "it has a while to answer");

    send_pong(&scene, SPAN(""));
    work(&scene, silent + 5);
    IS_INT(connection_next(scene.connection, &event, silent + 5), 0, "its answer is nobody else's business");
    IS_INT(connection_deadline(scene.connection), silent + 5 + CONNECTION_SILENCE_MS, "and ends the silence");

    require(connection_work(scene.connection, 0, silent + 5 + CONNECTION_SILENCE_MS) == 0, "the client works");
    IS_INT(received(&scene), MESSAGE_PING, "the next silence");
    require(connection_work(scene.connection, 0, silent + 5 + CONNECTION_SILENCE_MS + CONNECTION_PONG_MS) == 0,
            "the client works");
    next(&scene, silent, CONNECTION_EVENT_ENDED, &event);
    IS_INT(event.status, STATUS_NETWORK, "a server that answers no more is lost");
    OK(connection_is_over(scene.connection), "that was the last event");
    close_scene(&scene);
}

static void test_ping(void) {
    struct connection_event event;
    struct scene scene;

    establish(&scene);
    IS_INT(connection_ping(scene.connection, SPAN("one")), PROTO_OK, "a ping that the caller wants");
    IS_INT(connection_deadline(scene.connection), START + CONNECTION_SILENCE_MS, "is no question of life");
    require(connection_work(scene.connection, 0, START) == 0, "the client works");
    IS_INT(received(&scene), MESSAGE_PING, "the server has it");
    send_pong(&scene, SPAN("one"));
    work(&scene, START + 5);
    next(&scene, START + 5, CONNECTION_EVENT_MESSAGE, &event);
    OK(event.message->type == MESSAGE_PONG && span_equal(event.message->id, SPAN("one")), "its answer has the id");
    close_scene(&scene);
}

static void test_goodbye(void) {
    struct connection_event event;
    struct scene scene;

    establish(&scene);
    require(connection_leave(scene.connection, START) == 0, "the client leaves");
    IS_INT(received(&scene), MESSAGE_BYE, "it says so");
    IS_INT(connection_deadline(scene.connection), START + CONNECTION_BYE_MS, "and waits a moment for the answer");
    require(connection_work(scene.connection, 0, START + CONNECTION_BYE_MS) == 0, "the client works");
    next(&scene, START, CONNECTION_EVENT_ENDED, &event);
    IS_INT(event.status, STATUS_OK, "none is no fault once everything was sent");
    close_scene(&scene);
}

static void test_handshake_deadline(void) {
    struct connection_event event;
    struct scene scene;

    open_scene(&scene);
    work(&scene, START);
    IS_INT(connection_deadline(scene.connection), START + TIMEOUT, "the handshake has its time");
    require(connection_work(scene.connection, 0, START + TIMEOUT) == 0, "the client works");
    next(&scene, START, CONNECTION_EVENT_ENDED, &event);
    IS_INT(event.status, STATUS_NETWORK, "and no more");
    close_scene(&scene);
}

static void test_full(void) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    struct connection_event event;
    struct scene scene;
    int sent = 0;

    establish(&scene);
    require(message_write_ping(&payload, MESSAGE_PING, SPAN("0123456789012345678901234567890123456789")) == 0,
            "a ping");
    while (!connection_is_full(scene.connection) && sent < 1000000) {
        require(connection_send(scene.connection, buffer_span(&payload)) == 0, "it is queued");
        sent++;
    }
    OK(connection_is_full(scene.connection), "%d messages are as much as should wait", sent);
    while (!connection_is_over(scene.connection) && sent < 1000000) {
        require(connection_send(scene.connection, buffer_span(&payload)) == 0, "it is queued");
        sent++;
        if (connection_next(scene.connection, &event, START) == 1)
            IS_INT(event.status, STATUS_NETWORK, "a server that takes nothing is given up after %d", sent);
    }
    OK(connection_is_over(scene.connection), "and memory stays bounded");
    buffer_free(&payload);
    close_scene(&scene);
}

int main(void) {
    test_silence();
    test_ping();
    test_goodbye();
    test_handshake_deadline();
    test_full();
    return tap_done();
}
