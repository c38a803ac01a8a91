/* What a command takes for an answer of the running server's: what it says is "ok" and what follows, or why not. */
#include <config.h>

#include "src/server/control.h"
#include "src/server/control_socket.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const fuzz_name = "control_answer";

static int listening = -1;

/* What the server says, to everybody who asks. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct span said;

static void say(struct span what) {
    pthread_mutex_lock(&lock);
    said = what;
    pthread_mutex_unlock(&lock);
}

static void *serve(void *nothing) {
    for (;;) {
        const int fd = control_accept(listening);
        char request[CONTROL_REQUEST_MAX];

        require(fd >= 0, "a command");
        FUZZ_MUST(recv(fd, request, sizeof(request), 0) == (ssize_t)strlen("stats\n"));
        pthread_mutex_lock(&lock);
        if (said.size > 0)
            (void)send(fd, said.data, said.size, MSG_NOSIGNAL);
        pthread_mutex_unlock(&lock);
        close(fd);
    }
    return nothing;
}

static void begin_server(void) {
    struct control_address address = CONTROL_ADDRESS_INIT;
    struct diagnostic why = {""};
    pthread_t thread;

    listening = control_socket();
    require(listening >= 0 && control_address(&address, fuzz_folder(), CONTROL_FILE, &why) == 0 &&
                bind(listening, (const struct sockaddr *)&address.socket, sizeof(address.socket)) == 0 &&
                listen(listening, 8) == 0,
            "a socket");
    control_address_free(&address);
    require(pthread_create(&thread, NULL, serve, NULL) == 0 && pthread_detach(thread) == 0, "a thread");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buffer answer = BUFFER_INIT(CONTROL_ANSWER_MAX);
    struct diagnostic why = {""};
    const struct span whole = {(const char *)data, size};
    int result;

    say(whole);
    if (listening < 0)
        begin_server();
    result = control_ask(fuzz_folder(), "stats", &answer, &why);
    if (result == 0)
        FUZZ_MUST(size >= 3 && memcmp(data, "ok\n", 3) == 0 &&
                  span_equal(buffer_span(&answer), (struct span){whole.data + 3, size - 3}));
    else
        FUZZ_MUST(result == -1 && why.text[0] != '\0' && strpbrk(why.text, "\n\r\x1b") == NULL);
    buffer_free(&answer);
    say(SPAN("")); /* the data is the caller's again */
    return 0;
}
