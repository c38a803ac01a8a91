/*
 * What a server that is started has from whoever has started it: variables, and the words of the server that it is to
 * replace.  It waits for a descriptor that is a socket only, and goes on for one word only.
 */
#include <config.h>

#include "src/server/handover.h"
#include "src/server/supervisor.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *const fuzz_name = "handover";

/* The socket that is handed over, what follows it, and the old server's end. */
enum { SOCKET = 500, ERRORS = 501, OLD_SERVER = 600 };

/* Sets NAME to what the input has up to a NUL; nothing is left as it is. */
static void set_variable(const char *name, struct fuzz_input *input) {
    const struct fuzz_input bytes = fuzz_bytes(input, fuzz_byte(input));
    char *value = strndup((const char *)bytes.data, bytes.size);

    require(value != NULL && (bytes.size == 0 || setenv(name, value, 1) == 0), "a variable");
    free(value);
}

static void move(int from, int to) {
    require(dup2(from, to) == to && close(from) == 0, "a descriptor");
}

/* The old server has said WORDS, and ends. */
static void make_old_server(struct span words) {
    int pair[2];

    require(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "sockets");
    require(send(pair[1], words.data, words.size, 0) == (ssize_t)words.size && shutdown(pair[1], SHUT_WR) == 0,
            "words");
    move(pair[0], SOCKET);
    move(pair[1], OLD_SERVER);
    move(open("/dev/null", O_WRONLY | O_CLOEXEC), ERRORS);
}

static void wait_for_old_server(struct handover *handover, struct span words) {
    const int standard_error = dup(STDERR_FILENO);
    struct diagnostic why = {""};
    char said[2];
    int result;

    result = handover_wait(handover, &why);
    require(dup2(standard_error, STDERR_FILENO) == STDERR_FILENO && close(standard_error) == 0, "standard error");
    FUZZ_MUST(result == (words.size > 0 && words.data[0] == HANDOVER_GO ? 0 : -1));
    FUZZ_MUST(!handover_is_due(handover) && fcntl(SOCKET, F_GETFD) < 0 && fcntl(ERRORS, F_GETFD) < 0);
    FUZZ_MUST(recv(OLD_SERVER, said, sizeof(said), 0) == 1 && said[0] == HANDOVER_READY);
}

static void take_handover(struct fuzz_input *input) {
    const struct fuzz_input rest = fuzz_bytes(input, fuzz_byte(input) % 4u);
    const struct span words = {(const char *)rest.data, rest.size};
    struct handover handover = HANDOVER_NONE;
    struct diagnostic why = {""};
    int result;

    make_old_server(words);
    result = handover_take(&handover, &why);
    FUZZ_MUST(result == 0 || (why.text[0] != '\0' && !handover_is_due(&handover)));
    if (result == 0 && handover.socket == SOCKET)
        wait_for_old_server(&handover, words);
    close(SOCKET);
    close(ERRORS);
    close(OLD_SERVER);
}

/* No descriptor of this program listens. */
static void take_supervisor(void) {
    struct supervisor supervisor = SUPERVISOR_NONE;
    struct diagnostic why = {""};

    if (supervisor_take(&supervisor, &why) != 0)
        FUZZ_MUST(why.text[0] != '\0' && supervisor.socket < 0);
    FUZZ_MUST(supervisor.listeners == 0 && strlen(supervisor.path) < sizeof(supervisor.path));
    supervisor_ready(&supervisor);
    supervisor_close(&supervisor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {HANDOVER_VARIABLE, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
                                        "NOTIFY_SOCKET"};
    struct fuzz_input input = {data, size};
    const uint8_t what = fuzz_byte(&input);
    char number[24];

    for (size_t i = 0; i < COUNT(names); i++)
        set_variable(names[i], &input);
    (void)snprintf(number, sizeof(number), "%d", SOCKET);
    require((what & 1) == 0 || setenv(HANDOVER_VARIABLE, number, 1) == 0, "a variable");
    (void)snprintf(number, sizeof(number), "%ld", (long)getpid());
    require((what & 2) == 0 || setenv("LISTEN_PID", number, 1) == 0, "a variable");
    take_handover(&input);
    take_supervisor();
    for (size_t i = 0; i < COUNT(names); i++)
        unsetenv(names[i]);
    return 0;
}
