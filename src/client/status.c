#include <config.h>

#include "src/client/status.h"

/* Events of the messages that may be on their way, several times. */
#define STATUS_HIGH (1024 * 1024)

int status_open(struct status *status, struct console *console, bool json, int fd) {
    *status = (struct status){.console = console, .json = json};
    if (fd < 0)
        return PROTO_OK;
    status->out = output_new(fd);
    return status->out ? PROTO_OK : PROTO_E_MEMORY;
}

void status_close(struct status *status, int linger) {
    if (status->out)
        output_drain(status->out, linger);
    output_free(status->out);
    status->out = NULL;
}

/* ---- where events go --------------------------------------------------------------------------------------------- */

static void note_fault(struct status *status, int error) {
    if (status->fault == PROTO_OK)
        status->fault = error;
}

/* Gives LINE, which was built with ERROR, to standard output, and to the descriptor if it is a status. */
static void give(struct status *status, struct buffer *line, int error, bool is_status) {
    if (error == PROTO_OK && status->json)
        error = console_event(status->console, buffer_span(line), NULL);
    if (error == PROTO_OK && status->out && is_status)
        error = output_append(status->out, buffer_span(line));
    buffer_free(line);
    note_fault(status, error);
}

static void tell(struct status *status, const struct json_status *what) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json || status->out)
        give(status, &line, json_event_status(&line, what), true);
}

static void tell_message(struct status *status, const struct ledger_line *message, const char *state,
                         const char *reason, uint64_t now) {
    tell(status, &(struct json_status){.id = message->id,
                                       .line = message->number,
                                       .to = span_of(message->peer),
                                       .state = state,
                                       .reason = reason,
                                       .ms = now - message->since});
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

void status_queued(struct status *status, const struct ledger_line *message, uint64_t now) {
    tell_message(status, message, "queued", NULL, now);
}

void status_sent(struct status *status, const struct ledger_line *message, uint64_t now) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    status->totals.sent++;
    if (status->json)
        give(status, &line, json_event_sent(&line, message), false);
    tell_message(status, message, "sent", NULL, now);
}

void status_delivered(struct status *status, const struct ledger_line *message, uint64_t now) {
    status->totals.delivered++;
    tell_message(status, message, "delivered", NULL, now);
}

void status_read(struct status *status, const struct ledger_line *message, uint64_t now) {
    tell_message(status, message, "read", NULL, now);
}

void status_expired(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now) {
    status->totals.failed++;
    tell_message(status, message, "expired", reason, now);
}

void status_failed(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now) {
    status->totals.failed++;
    tell_message(status, message, "failed", reason, now);
}

void status_kept(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now) {
    tell_message(status, message, "kept", reason, now);
}

void status_known(struct status *status, unsigned long number, struct span id, const char *state) {
    char text[MESSAGE_ID_MAX + 1] = "";

    if (id.size < sizeof(text))
        memcpy(text, id.data, id.size);
    tell(status, &(struct json_status){.id = text, .line = number, .state = state, .reason = "queued before"});
}

void status_refused(struct status *status, unsigned long number, struct span to, const char *reason) {
    status->totals.failed++;
    tell(status, &(struct json_status){.line = number, .to = to, .state = "failed", .reason = reason});
}

/* ---- other events ------------------------------------------------------------------------------------------------ */

void status_ready(struct status *status, const struct json_ready *ready) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json)
        give(status, &line, json_event_ready(&line, ready), false);
}

void status_reconnected(struct status *status, const struct json_ready *ready) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json)
        give(status, &line, json_event_reconnected(&line, ready), false);
}

void status_disconnected(struct status *status, const char *server, const char *reason) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json)
        give(status, &line, json_event_disconnected(&line, server, reason), false);
}

void status_peer(struct status *status, const struct json_peer *peer) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json)
        give(status, &line, json_event_peer(&line, peer), false);
}

void status_peer_state(struct status *status, const char *name, const char *state, const char *fingerprint,
                       const char *reason) {
    status_peer(status, &(struct json_peer){.name = span_of(name),
                                            .state = state,
                                            .fingerprint = span_of(fingerprint ? fingerprint : ""),
                                            .reason = reason});
}

void status_listed(struct status *status, uint64_t count) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json)
        give(status, &line, json_event_listed(&line, count), false);
}

void status_ping(struct status *status, const char *to, const struct ping *ping) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json)
        give(status, &line, json_event_ping(&line, to, ping), false);
}

void status_pinged(struct status *status, const struct ping_run *run) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json)
        give(status, &line, json_event_pinged(&line, run), false);
}

void status_file(struct status *status, const struct json_file *file) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    if (status->json)
        give(status, &line, json_event_file(&line, file), false);
}

void status_end(struct status *status, unsigned exit_status, const size_t *kept) {
    struct buffer line = BUFFER_INIT(JSON_EVENT_MAX);

    status->totals.status = exit_status;
    status->totals.kept = kept;
    if (status->json)
        give(status, &line, json_event_end(&line, &status->totals), false);
}

/* ---- the descriptor ---------------------------------------------------------------------------------------------- */

void status_write(struct status *status) {
    if (status->out)
        status->error = output_write(status->out);
}

struct output *status_output(const struct status *status) {
    return status->out;
}

bool status_is_full(const struct status *status) {
    return status->out && output_waiting(status->out) >= STATUS_HIGH;
}

int status_error(struct status *status) {
    int error = status->told ? 0 : status->error;

    status->told = status->told || error != 0;
    return error;
}

int status_fault(const struct status *status) {
    return status->fault;
}
