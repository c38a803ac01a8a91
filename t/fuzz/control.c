/*
 * What somebody sends to the control of a server, which is real but for its clients.  It is answered if it is one line,
 * and the answer is "ok" and text, or an "error" of one line that a terminal may have.
 */
#include <config.h>

#include "proto/text.h"
#include "src/common/log.h"
#include "src/server/administration.h"
#include "src/server/control_socket.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const fuzz_name = "control";

/* More than a request has. */
#define SENT_MAX (4 * CONTROL_REQUEST_MAX)

#define KEY "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static struct server server = {.control = CONTROL_INIT, .ending = ENDING_INIT, .upgrade = UPGRADE_INIT};

static void end_server(void) {
    control_close(&server.control);
    require(registry_stop(server.registry, UINT64_MAX), "the registry's end");
    registry_free(server.registry);
    session_table_free(server.table);
    admission_destroy(&server.admission);
    census_destroy(&server.census);
    gate_destroy(&server.rsa);
}

/* Its errands have ended, so that there is no upgrade. */
static void begin_server(void) NO_THREAD_ANALYSIS {
    const struct keyed_hash dice = {{0}};
    struct diagnostic why = {""};
    char *path = fuzz_path("registry.db");

    log_set_level(LOG_LEVEL_ERROR);
    limits_init(&server.limits);
    server.outboxes.limits = &server.limits;
    server.errands = (struct errands){.server = &server, .work = WAKE_INIT, .stopped = WAKE_INIT, .ended = true};
    lock_init(&server.errands.lock);
    census_init(&server.census, 8);
    gate_init(&server.rsa, 2);
    require(session_table_new(&server.table, 8) == 0 && admission_init(&server.admission, &server.limits, &dice) == 0 &&
                registry_open(&server.registry, path, &why) == 0 &&
                registry_claim(server.registry, SPAN("Adam"), KEY) == REGISTRY_OWN,
            "a server");
    require(control_open(&server.control, fuzz_folder(), &why) == 0 &&
                control_start(&server.control, administration_answer, &server) == 0 && atexit(end_server) == 0,
            "its control");
    free(path);
}

/* Whether BYTES, all that is sent, are taken for a request. */
static bool is_request(struct span bytes) {
    const size_t size = bytes.size < CONTROL_REQUEST_MAX ? bytes.size : CONTROL_REQUEST_MAX;
    const char *end = memchr(bytes.data, '\n', size);

    return end != NULL && (size_t)(end - bytes.data) == size - 1;
}

static int connect_to_control(void) {
    struct control_address address = CONTROL_ADDRESS_INIT;
    struct diagnostic why = {""};
    const int fd = control_socket();

    require(fd >= 0 && control_address(&address, fuzz_folder(), CONTROL_FILE, &why) == 0 &&
                connect(fd, (const struct sockaddr *)&address.socket, sizeof(address.socket)) == 0,
            "a connection");
    control_address_free(&address);
    return fd;
}

/* Sends BYTES in two pieces, unless the first of them would be a request.  A server that has seen enough may have
 * closed the socket. */
static void send_bytes(int fd, struct span bytes, size_t first) {
    if (first < bytes.size && memchr(bytes.data, '\n', first) == NULL &&
        send(fd, bytes.data, first, MSG_NOSIGNAL) == (ssize_t)first)
        bytes = (struct span){bytes.data + first, bytes.size - first};
    if (send(fd, bytes.data, bytes.size, MSG_NOSIGNAL) == (ssize_t)bytes.size)
        (void)shutdown(fd, SHUT_WR);
}

static size_t receive(int fd, char answer[static CONTROL_ANSWER_MAX]) {
    size_t size = 0;
    ssize_t got;

    while ((got = recv(fd, answer + size, CONTROL_ANSWER_MAX - size, 0)) > 0)
        size += (size_t)got;
    return size;
}

static void check_answer(struct span answer) {
    FUZZ_MUST(answer.size > 0 && answer.data[answer.size - 1] == '\n');
    if (answer.size >= 3 && memcmp(answer.data, "ok\n", 3) == 0)
        return;
    FUZZ_MUST(answer.size > 7 && memcmp(answer.data, "error ", 6) == 0);
    for (size_t i = 0; i + 1 < answer.size; i++)
        FUZZ_MUST((unsigned char)answer.data[i] >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char answer[CONTROL_ANSWER_MAX];
    struct fuzz_input input = {data, size};
    const size_t first = fuzz_byte(&input);
    const struct fuzz_input rest = fuzz_bytes(&input, SENT_MAX);
    const struct span bytes = {(const char *)rest.data, rest.size};
    size_t got;
    int fd;

    if (server.registry == NULL)
        begin_server();
    fd = connect_to_control();
    send_bytes(fd, bytes, first);
    got = receive(fd, answer);
    if (is_request(bytes))
        check_answer((struct span){answer, got});
    else
        FUZZ_MUST(got == 0);
    close(fd);
    return 0;
}
