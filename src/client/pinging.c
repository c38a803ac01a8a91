#include <config.h>

#include "src/client/pinging.h"

#include "src/client/incoming.h"
#include "src/common/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Milliseconds from one ping to the next. */
#define INTERVAL_MS 1000

#define NS_PER_MS 1000000

/* A name and a few numbers. */
#define LINE_SIZE 256

/* Microseconds as a text of milliseconds. */
#define MS_TEXT_SIZE 32

bool pinging_is_running(const struct client *client) {
    return client->ping.name[0] != '\0';
}

/* ---- what is told ------------------------------------------------------------------------------------------------ */

/* A line of the answer, which is no event. */
static void say(struct client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct client *client, const char *format, ...) {
    char line[LINE_SIZE];
    va_list arguments;
    int error;

    if (client->config->json)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    error = console_answer(client->console, span_of(line));
    if (error != PROTO_OK)
        client_fail(client, STATUS_INTERNAL, "ping: %s", proto_strerror(error));
}

static const char *write_ms(char out[static MS_TEXT_SIZE], uint64_t ns) {
    snprintf(out, MS_TEXT_SIZE, "%" PRIu64 ".%03" PRIu64 " ms", ns / NS_PER_MS, ns % NS_PER_MS / 1000);
    return ns > 0 ? out : "no answer";
}

static void tell_ping(struct client *client, const struct ping *ping) {
    char relay[MS_TEXT_SIZE], peer[MS_TEXT_SIZE];

    say(client, "%s %" PRIu64 ": relay %s, peer %s\n", client->ping.name, ping->number,
        write_ms(relay, ping->took[PING_RELAY]), write_ms(peer, ping->took[PING_PEER]));
    status_ping(&client->statuses, client->ping.name, ping);
}

static void tell_times(struct client *client, const char *what, const struct ping_times *times) {
    char least[MS_TEXT_SIZE], mean[MS_TEXT_SIZE], most[MS_TEXT_SIZE];

    if (times->count == 0)
        return;
    say(client, "%s: %s min %s, avg %s, max %s\n", client->ping.name, what, write_ms(least, times->least),
        write_ms(mean, times->sum / times->count), write_ms(most, times->most));
}

static void tell_summary(struct client *client) {
    const struct ping_run *run = &client->ping;
    const uint64_t lost = run->sent - run->times[PING_PEER].count;

    say(client, "%s: %" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64 "%% lost\n", run->name, run->sent,
        run->times[PING_PEER].count, 100 * lost / run->sent);
    tell_times(client, "relay", &run->times[PING_RELAY]);
    tell_times(client, "peer", &run->times[PING_PEER]);
    status_pinged(&client->statuses, run);
    if (lost > 0)
        client_fail(client, STATUS_NO_RECEIPT, "ping %s: %" PRIu64 " of %" PRIu64 " without an answer", run->name, lost,
                    run->sent);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* Ends the run: pings without an answer are lost. */
static void finish(struct client *client) {
    const uint64_t now = clock_monotonic_ms();
    struct ping_run *run = &client->ping;
    struct conversation *conversation = peers_find(&client->peers, span_of(run->name), now);
    struct ping late;

    while (ping_run_take_late(run, CLOCK_NEVER, &late))
        tell_ping(client, &late);
    if (run->sent > 0)
        tell_summary(client);
    if (conversation)
        peers_entry(&client->peers, conversation)->pinged = false;
    run->name[0] = '\0';
    if (client->phase == CLIENT_DRAINING)
        client->deadline = now + client->config->timeout;
}

void pinging_give_up(struct client *client, enum exit_status status, const char *why) {
    if (!pinging_is_running(client))
        return;
    if (client->ping.sent == 0)
        client_fail(client, status, "ping %s: %s", client->ping.name, why);
    finish(client);
}

int pinging_begin(struct client *client, const struct request *request, unsigned long number, uint64_t now) {
    const struct span name = request->operands[0];
    uint64_t wanted = 1;

    if (pinging_is_running(client)) {
        client_bad_line(client, number, "another ping is not done yet");
        return PROTO_OK;
    }
    if (request->operand_count > 1 && !request_number(request->operands[1], PINGING_MAX, &wanted)) {
        client_bad_line(client, number, "write ping NAME [N]");
        return PROTO_OK;
    }
    if (!name_is_valid(name) || name_equal(name, span_of(client->name))) {
        client_fail(client, STATUS_BAD_LINE, "ping: %s", name_is_valid(name) ? "that is oneself" : "not a name");
        return PROTO_OK;
    }
    ping_run_begin(&client->ping, name, wanted);
    return pinging_tick(client, now);
}

/* Sends the next one, to both at once. */
static int send_next(struct client *client, struct conversation *conversation, uint64_t now) {
    char id[MESSAGE_ID_MAX + 1];
    int error = conversation_ping(conversation, id);

    if (error != PROTO_OK)
        return error;
    ping_run_sent(&client->ping, id, clock_monotonic_ns());
    client->ping.next_at = now + INTERVAL_MS;
    return connection_ping(client->connection, span_of(id));
}

/* Sends the next one if a session stands, and begins one if not. */
static int go_on(struct client *client, uint64_t now) {
    struct conversation *conversation = NULL;
    int error = peers_get(&client->peers, span_of(client->ping.name), now, &conversation);

    if (error == PROTO_E_FULL) {
        pinging_give_up(client, STATUS_INTERNAL, "too many peers at once");
        return PROTO_OK;
    }
    if (error != PROTO_OK)
        return error;
    peers_entry(&client->peers, conversation)->pinged = true;
    if (conversation_is_ready(conversation))
        return send_next(client, conversation, now);
    client->ping.begins = true;
    error = conversation_connect(conversation, SESSION_TOKEN, now);
    return error == PROTO_OK ? incoming_events(client, conversation, now) : error;
}

/* True if there is another to send, and room for it. */
static bool may_send(const struct ping_run *run) {
    return !run->begins && run->sent < run->wanted && ping_run_waiting(run) < PING_WAITING_MAX;
}

/* When the oldest that waits for an answer is given up, milliseconds. */
static uint64_t late_at(const struct client *client) {
    const uint64_t oldest = ping_run_oldest(&client->ping);

    return oldest == CLOCK_NEVER ? CLOCK_NEVER : oldest / NS_PER_MS + client->config->timeout + 1;
}

int pinging_tick(struct client *client, uint64_t now) {
    struct ping_run *run = &client->ping;
    struct ping late;
    int error = PROTO_OK;

    if (!pinging_is_running(client))
        return PROTO_OK;
    /* Draining must not end before the run does. */
    if (client->phase == CLIENT_DRAINING)
        client->deadline = CLOCK_NEVER;
    if (late_at(client) <= now && ping_run_take_late(run, ping_run_oldest(run), &late))
        tell_ping(client, &late);
    if (may_send(run) && run->next_at <= now)
        error = go_on(client, now);
    if (run->sent == run->wanted && ping_run_waiting(run) == 0)
        finish(client);
    return error;
}

uint64_t pinging_deadline(const struct client *client) {
    const uint64_t late = late_at(client);

    if (!pinging_is_running(client))
        return CLOCK_NEVER;
    return may_send(&client->ping) && client->ping.next_at < late ? client->ping.next_at : late;
}

/* ---- what comes -------------------------------------------------------------------------------------------------- */

void pinging_answered(struct client *client, enum ping_way way, struct span id) {
    struct ping done;

    if (pinging_is_running(client) && ping_run_answered(&client->ping, way, id, clock_monotonic_ns(), &done))
        tell_ping(client, &done);
}

/* True if the session with the peer of CONVERSATION is what is waited for. */
static bool begins(const struct client *client, const struct conversation *conversation) {
    return pinging_is_running(client) && client->ping.begins &&
           name_equal(span_of(client->ping.name), span_of(conversation_peer(conversation)));
}

void pinging_ready(struct client *client, const struct conversation *conversation) {
    if (begins(client, conversation))
        client->ping.begins = false;
}

void pinging_failed(struct client *client, const struct conversation *conversation, enum conversation_failure failure) {
    const char *why = failure == FAILURE_NO_SUCH_USER ? "no such user"
                      : failure == FAILURE_TIMEOUT    ? "no answer in time"
                                                      : conversation_failure_text(failure);

    if (!begins(client, conversation))
        return;
    client_fail(client, exit_status_of_failure(failure), "ping %s: %s", client->ping.name, why);
    finish(client);
}
