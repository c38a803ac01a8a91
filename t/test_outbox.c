/* src/server/outbox.c, over a pair of sockets */
#include <config.h>

#include "src/server/outbox.h"
#include "t/tap.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t key[CSC_SYMKEY_SIZE] = {1};
static const uint8_t mac_key[CSC_SYMKEY_SIZE] = {2};

struct fixture {
    struct limits limits;
    struct outbox_pool pool;
    struct outbox outbox;
    struct wake wake;
    struct channel_receiver *receiver;
    int own, other;
    struct buffer input;
};

static void set_up(struct fixture *fixture) {
    int sockets[2] = {-1, -1};
    const int size = 4096;

    *fixture = (struct fixture){.wake = WAKE_INIT, .input = BUFFER_INIT(4 << 20)};
    limits_init(&fixture->limits);
    fixture->pool.limits = &fixture->limits;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0 || wake_open(&fixture->wake) != 0 ||
        channel_receiver_new(&fixture->receiver, SUITE_AES_256, key, mac_key) != 0)
        abort();
    fixture->own = sockets[0];
    fixture->other = sockets[1];
    setsockopt(fixture->own, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    outbox_init(&fixture->outbox, fixture->own, &fixture->wake, &fixture->pool);
}

static void tear_down(struct fixture *fixture) {
    outbox_close(&fixture->outbox);
    outbox_destroy(&fixture->outbox);
    wake_close(&fixture->wake);
    channel_receiver_free(fixture->receiver);
    close(fixture->own);
    close(fixture->other);
    buffer_free(&fixture->input);
}

static int open_session(struct fixture *fixture) {
    struct channel_sender *sender = NULL;

    if (channel_sender_new(&sender, SUITE_AES_256, key, mac_key) != 0)
        abort();
    return outbox_open(&fixture->outbox, sender, SPAN("phase 4\n"));
}

static bool is_awake(const struct fixture *fixture) {
    struct pollfd fd = {.fd = fixture->wake.poll_fd, .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

/* Reads what has arrived. */
static void fetch(struct fixture *fixture) {
    uint8_t *room = NULL;
    ssize_t got = 0;

    do {
        if (buffer_reserve(&fixture->input, 65536, &room) != 0)
            abort();
        got = recv(fixture->other, room, 65536, MSG_DONTWAIT);
        if (got > 0)
            buffer_commit(&fixture->input, (size_t)got);
    } while (got > 0);
}

/* Takes the next line, opened if OPEN, and compares it. */
static bool next_is(struct fixture *fixture, bool open, const char *want) {
    char *line = (char *)buffer_data(&fixture->input);
    char *end = line != NULL ? memchr(line, '\n', fixture->input.size) : NULL;
    size_t taken = end != NULL ? (size_t)(end - line) : 0;
    size_t size = taken;
    bool same = false;

    if (end == NULL)
        return want == NULL;
    if (!open || channel_open(fixture->receiver, line, size, &line, &size) == 0)
        same = want != NULL && size == strlen(want) && memcmp(line, want, size) == 0;
    buffer_consume(&fixture->input, taken + 1);
    return same;
}

static void test_order(void) {
    struct fixture fixture;

    set_up(&fixture);
    IS_INT(outbox_push(&fixture.outbox, SPAN("{}"), OUTBOX_FROM_OTHERS), PROTO_E_STATE,
           "nothing is pushed before there is a session");
    IS_INT(outbox_append(&fixture.outbox, SPAN("phase 2\n")), 0, "plain lines are");
    IS_INT(open_session(&fixture), 0, "the session begins");
    IS_INT(outbox_append(&fixture.outbox, SPAN("phase 2\n")), PROTO_E_STATE, "then plain lines are not");
    IS_INT(outbox_push(&fixture.outbox, SPAN("{\"n\":1}"), OUTBOX_FROM_OTHERS), 0, "one from others");
    IS_INT(outbox_push(&fixture.outbox, SPAN("{\"n\":2}"), OUTBOX_FROM_SELF), 0, "one of its own");
    OK(!outbox_status(&fixture.outbox).empty, "all waits until it is flushed");
    outbox_flush(&fixture.outbox, 1);
    OK(outbox_status(&fixture.outbox).empty, "then it is gone");
    fetch(&fixture);
    OK(next_is(&fixture, false, "phase 2"), "phase 2 first");
    OK(next_is(&fixture, false, "phase 4"), "then phase 4");
    OK(next_is(&fixture, true, "{\"n\":1}"), "then the first pushed");
    OK(next_is(&fixture, true, "{\"n\":2}"), "then the second");
    outbox_finish(&fixture.outbox, SPAN("{\"bye\":1}"), SPAN("error\n"));
    IS_INT(outbox_push(&fixture.outbox, SPAN("{}"), OUTBOX_FROM_SELF), PROTO_E_STATE, "nothing comes after the last");
    outbox_finish(&fixture.outbox, SPAN("{\"bye\":2}"), SPAN("more\n"));
    outbox_flush(&fixture.outbox, 1);
    fetch(&fixture);
    OK(next_is(&fixture, true, "{\"bye\":1}"), "the bye");
    OK(next_is(&fixture, false, "error"), "the last plain line");
    OK(next_is(&fixture, false, NULL), "and no more");
    tear_down(&fixture);
}

static void test_limits(void) {
    struct fixture fixture;
    char payload[1000];
    size_t pushed = 0;

    set_up(&fixture);
    memset(payload, 'x', sizeof(payload));
    IS_INT(open_session(&fixture), 0, "a session");
    while (outbox_push(&fixture.outbox, SPAN("{}"), OUTBOX_FROM_OTHERS) == 0)
        pushed++;
    IS_INT(pushed, 999, "with phase 4 there are 1000 messages, and then it is full");
    IS_INT(outbox_push(&fixture.outbox, SPAN("{}"), OUTBOX_FROM_OTHERS), PROTO_E_FULL, "for others");
    IS_INT(outbox_push(&fixture.outbox, SPAN("{}"), OUTBOX_FROM_SELF), 0, "not for its own answers");
    OK(outbox_status(&fixture.outbox).crowded, "it is crowded");
    tear_down(&fixture);

    set_up(&fixture);
    IS_INT(open_session(&fixture), 0, "a session");
    pushed = 0;
    while (outbox_push(&fixture.outbox, (struct span){payload, sizeof(payload)}, OUTBOX_FROM_OTHERS) == 0 &&
           pushed < 5000) {
        pushed++;
        if (pushed == 10)
            OK(!outbox_status(&fixture.outbox).crowded, "10 messages are no crowd");
    }
    OK((pushed + 1) * channel_line_size(sizeof(payload)) > fixture.limits.outbox_bytes && pushed < 999,
       "bytes are limited as well");
    tear_down(&fixture);
}

/* Limits may change while there are sessions. */
static void test_other_limits(void) {
    struct fixture fixture;
    static char payload[40000];
    const struct span span = {payload, sizeof(payload)};
    size_t pushed = 0;

    set_up(&fixture);
    memset(payload, 'x', sizeof(payload));
    IS_INT(open_session(&fixture), 0, "a session");
    fixture.limits.outbox_bytes = 4 << 20;
    while (outbox_push(&fixture.outbox, span, OUTBOX_FROM_OTHERS) == 0)
        pushed++;
    OK(pushed * channel_line_size(sizeof(payload)) > 4000000, "there is more room when the limit has grown");
    OK(outbox_status(&fixture.outbox).crowded, "it is crowded when that is used up");
    IS_INT(outbox_push(&fixture.outbox, span, OUTBOX_FROM_SELF), 0, "and has room for its own answers");
    fixture.limits.outbox_bytes = 1 << 20;
    IS_INT(outbox_push(&fixture.outbox, SPAN("{}"), OUTBOX_FROM_OTHERS), PROTO_E_FULL, "it is less when it has shrunk");
    tear_down(&fixture);
}

static void test_slow(void) {
    struct fixture fixture;
    static char payload[40000];
    char number[sizeof(payload)];
    struct outbox_status status;
    int sent = 0, got = 0;

    set_up(&fixture);
    memset(payload, 'x', sizeof(payload));
    IS_INT(open_session(&fixture), 0, "a session");
    OK(outbox_status(&fixture.outbox).deadline == UINT64_MAX, "there is no deadline while nothing waits");
    while (!outbox_status(&fixture.outbox).waiting) {
        memcpy(number, payload, sizeof(number));
        snprintf(number, sizeof(number), "%039999d", sent++);
        if (outbox_push(&fixture.outbox, span_of(number), OUTBOX_FROM_OTHERS) != 0)
            abort();
        outbox_flush(&fixture.outbox, 1000);
    }
    OK(is_awake(&fixture), "its thread is woken when the kernel takes no more");
    wake_drain(&fixture.wake);
    OK(!is_awake(&fixture), "once");
    status = outbox_status(&fixture.outbox);
    OK(!status.broken && !status.empty, "the rest is kept");
    OK(status.deadline == 31000, "and its time runs");
    outbox_flush(&fixture.outbox, 5000);
    OK(outbox_status(&fixture.outbox).deadline == 31000, "a flush without success does not stop it");
    for (int i = 0; i < 8; i++) {
        fetch(&fixture);
        outbox_resume(&fixture.outbox, 9000);
    }
    status = outbox_status(&fixture.outbox);
    OK(status.empty || status.deadline == 39000, "progress does");
    while (!outbox_status(&fixture.outbox).empty) {
        fetch(&fixture);
        outbox_resume(&fixture.outbox, 9000);
    }
    fetch(&fixture);
    OK(next_is(&fixture, false, "phase 4"), "phase 4");
    for (; got < sent; got++) {
        snprintf(number, sizeof(number), "%039999d", got);
        if (!next_is(&fixture, true, number))
            break;
    }
    IS_INT(got, sent, "all arrives, in order");
    tear_down(&fixture);
}

/* Who fetches a little now and then holds up the outbox as much as who fetches nothing. */
static void test_trickle(void) {
    struct fixture fixture;
    static char payload[40000];
    uint64_t now = 1000;
    uint64_t deadline = 0;
    char byte[2048];

    set_up(&fixture);
    memset(payload, 'x', sizeof(payload));
    IS_INT(open_session(&fixture), 0, "a session");
    while (outbox_push(&fixture.outbox, (struct span){payload, sizeof(payload)}, OUTBOX_FROM_OTHERS) == 0)
        continue;
    outbox_flush(&fixture.outbox, now);
    deadline = outbox_status(&fixture.outbox).deadline;
    for (int i = 0; i < 4; i++) {
        now += 100;
        if (recv(fixture.other, byte, sizeof(byte), MSG_DONTWAIT) <= 0)
            abort();
        outbox_resume(&fixture.outbox, now);
    }
    OK(outbox_status(&fixture.outbox).deadline == deadline, "a few bytes do not stop its time");
    for (int i = 0; i < 20; i++) {
        now += 100;
        fetch(&fixture);
        outbox_resume(&fixture.outbox, now);
    }
    OK(outbox_status(&fixture.outbox).deadline > deadline, "some kilobytes do");
    tear_down(&fixture);
}

/* Where memory is scarce a few kilobytes are no progress for who holds many. */
static void test_scarce(void) {
    struct fixture fixture;
    static char payload[40000];
    const uint64_t all = (uint64_t)1 << 30;
    uint64_t now = 1000;

    set_up(&fixture);
    memset(payload, 'x', sizeof(payload));
    IS_INT(open_session(&fixture), 0, "a session");
    while (outbox_push(&fixture.outbox, (struct span){payload, sizeof(payload)}, OUTBOX_FROM_OTHERS) == 0)
        continue;
    fixture.limits.outbox_total = all;
    atomic_fetch_add(&fixture.pool.held, all - all / 4);
    outbox_flush(&fixture.outbox, now);
    for (int i = 0; i < 5; i++) {
        fetch(&fixture);
        outbox_resume(&fixture.outbox, ++now);
    }
    IS_INT(outbox_status(&fixture.outbox).deadline, 31000, "what is progress else is none");
    for (int i = 0; i < 1000 && outbox_status(&fixture.outbox).deadline == 31000; i++) {
        fetch(&fixture);
        outbox_resume(&fixture.outbox, ++now);
    }
    OK(!outbox_status(&fixture.outbox).empty, "half of what waits is");
    tear_down(&fixture);
}

static void test_pool(void) {
    struct fixture fixture, other;
    static char payload[40000];
    const struct span span = {payload, sizeof(payload)};
    uint64_t held = 0;

    set_up(&fixture);
    set_up(&other);
    other.outbox.pool = &fixture.pool;
    memset(payload, 'x', sizeof(payload));
    fixture.limits.outbox_total = 256 * 1024;
    IS_INT(open_session(&fixture), 0, "a session");
    IS_INT(open_session(&other), 0, "and another");
    IS_INT(atomic_load(&fixture.pool.held), 0, "little is not counted");
    while (outbox_push(&fixture.outbox, span, OUTBOX_FROM_OTHERS) == 0)
        continue;
    held = atomic_load(&fixture.pool.held);
    OK(held <= 128 * 1024 && held > 64 * 1024, "one may not take more than is left");
    while (outbox_push(&other.outbox, span, OUTBOX_FROM_OTHERS) == 0)
        continue;
    held = atomic_load(&fixture.pool.held) - held;
    OK(held <= 64 * 1024 && held >= 48 * 1024, "which is then for another");
    fixture.limits.outbox_total = 128 * 1024;
    IS_INT(outbox_push(&other.outbox, span, OUTBOX_FROM_OTHERS), PROTO_E_FULL, "there is an end to it");
    tear_down(&other);
    set_up(&other);
    other.outbox.pool = &fixture.pool;
    IS_INT(open_session(&other), 0, "a session");
    IS_INT(outbox_push(&other.outbox, span, OUTBOX_FROM_OTHERS), PROTO_E_FULL,
           "when all is taken a third gets nothing");
    IS_INT(outbox_push(&other.outbox, SPAN("{}"), OUTBOX_FROM_OTHERS), 0, "unless it is little");
    IS_INT(outbox_push(&other.outbox, span, OUTBOX_FROM_SELF), 0, "or its own");
    outbox_close(&fixture.outbox);
    OK(atomic_load(&fixture.pool.held) < 64 * 1024, "what is dropped is free again");
    while (!outbox_status(&other.outbox).empty) {
        outbox_resume(&other.outbox, 1000);
        fetch(&other);
    }
    IS_INT(atomic_load(&fixture.pool.held), 0, "and what is sent");
    tear_down(&other);
    tear_down(&fixture);
}

/* Who reads all but a little of what waits would otherwise keep memory that nobody counts. */
static void test_memory(void) NO_THREAD_ANALYSIS {
    struct fixture fixture;
    static char payload[40000];

    set_up(&fixture);
    memset(payload, 'x', sizeof(payload));
    IS_INT(open_session(&fixture), 0, "a session");
    while (outbox_push(&fixture.outbox, (struct span){payload, sizeof(payload)}, OUTBOX_FROM_OTHERS) == 0)
        continue;
    OK(fixture.outbox.queue.capacity > 1000000, "a full outbox");
    while (fixture.outbox.queue.size > OUTBOX_STEP) {
        outbox_resume(&fixture.outbox, 1000);
        fetch(&fixture);
    }
    OK(fixture.outbox.queue.size > 0, "of which a little is left");
    OK(fixture.outbox.queue.capacity <= OUTBOX_KEEP, "keeps little memory");
    tear_down(&fixture);
}

static void test_broken(void) {
    struct fixture fixture;

    set_up(&fixture);
    IS_INT(open_session(&fixture), 0, "a session");
    shutdown(fixture.other, SHUT_RDWR);
    close(fixture.other);
    fixture.other = open("/dev/null", O_RDONLY);
    outbox_flush(&fixture.outbox, 1);
    OK(outbox_status(&fixture.outbox).broken, "a connection that is closed is noticed");
    OK(is_awake(&fixture), "and its thread is woken");
    IS_INT(outbox_push(&fixture.outbox, SPAN("{}"), OUTBOX_FROM_OTHERS), PROTO_E_STATE, "nobody can push any more");
    outbox_close(&fixture.outbox);
    outbox_flush(&fixture.outbox, 1);
    outbox_resume(&fixture.outbox, 1);
    IS_INT(outbox_push(&fixture.outbox, SPAN("{}"), OUTBOX_FROM_SELF), PROTO_E_STATE, "nor when it is closed");
    tear_down(&fixture);
}

int main(void) {
    test_order();
    test_limits();
    test_other_limits();
    test_slow();
    test_trickle();
    test_scarce();
    test_pool();
    test_memory();
    test_broken();
    return tap_done();
}
