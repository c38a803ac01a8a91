/*
 * What a server hears of the one that it has started in its place: a word, and what that writes on its standard error.
 * It hands over for one word only, and what it says and logs of the rest is lines that a terminal may have.
 */
#include <config.h>

#include "src/common/log.h"
#include "src/server/connection.h"
#include "src/server/listener.h"
#include "src/server/upgrade.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *const fuzz_name = "upgrade";

/* In place of the process that starts servers. */
int __wrap_starter_start(const struct starter *starter, const int *sockets, size_t count, struct starter_child *child,
                         struct diagnostic *why);
int __wrap_starter_end(const struct starter *starter);

static struct starter_child child;
static int end_status;
static bool ended;

int __wrap_starter_start(const struct starter *starter, const int *sockets, size_t count, struct starter_child *out,
                         struct diagnostic *why) {
    (void)starter;
    (void)sockets;
    (void)count;
    (void)why;
    *out = child;
    return 0;
}

int __wrap_starter_end(const struct starter *starter) {
    (void)starter;
    ended = true;
    return end_status;
}

/* Something for people: one line. */
static void check_text(struct span text) {
    for (size_t i = 0; i < text.size; i++)
        FUZZ_MUST((unsigned char)text.data[i] >= ' ' && text.data[i] != 0x7f);
}

static void check_record(void *context, const char *record, size_t size) {
    (void)context;
    FUZZ_MUST(size > 0 && record[size - 1] == '\n');
    check_text((struct span){record, size - 1});
}

/* The new server has said WORD and COMPLAINT, and has ended.  The descriptor that it hears the old one on. */
static int make_child(struct fuzz_input word, struct fuzz_input complaint) {
    int sockets[2], errors[2];

    require(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0 && pipe(errors) == 0, "descriptors");
    require(fcntl(errors[0], F_SETFL, O_NONBLOCK) == 0, "no waiting");
    require(send(sockets[1], word.data, word.size, 0) == (ssize_t)word.size && shutdown(sockets[1], SHUT_WR) == 0 &&
                write(errors[1], complaint.data, complaint.size) == (ssize_t)complaint.size && close(errors[1]) == 0,
            "words");
    child = (struct starter_child){.pid = 1, .handover = sockets[0], .errors = errors[0]};
    ended = false;
    return sockets[1];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct server server = {.supervisor = SUPERVISOR_NONE};
    static const struct listener listener;
    struct fuzz_input input = {data, size};
    const struct fuzz_input word = fuzz_bytes(&input, fuzz_byte(&input) % 3u);
    struct diagnostic why = {""};
    int new_server, result;
    char go = '\0';

    if (server.table == NULL)
        require(session_table_new(&server.table, 1) == 0, "a table");
    limits_init(&server.limits);
    log_set_writer(check_record, NULL);
    end_status = (int)fuzz_number(&input, 2);
    new_server = make_child(word, fuzz_bytes(&input, 32768));
    server.upgrade = (struct upgrade)UPGRADE_INIT;
    server.upgrade.listener = &listener;
    server.ending = (struct ending)ENDING_INIT;
    require(ending_open(&server.ending) == 0, "an ending");
    result = upgrade_run(&server, &why);
    FUZZ_MUST(result == (word.size > 0 && word.data[0] == HANDOVER_READY ? 0 : -1));
    if (result == 0) {
        FUZZ_MUST(!ended && upgrade_hand_over(&server) && recv(new_server, &go, 1, 0) == 1 && go == HANDOVER_GO);
    } else {
        FUZZ_MUST(ended && why.text[0] != '\0' && recv(new_server, &go, 1, 0) <= 0);
        check_text(span_of(why.text));
    }
    upgrade_close(&server.upgrade);
    ending_close(&server.ending);
    close(new_server);
    return 0;
}
