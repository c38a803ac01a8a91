#include <config.h>

#include "proto/json_write.h"
#include "src/client/json_events.h"

static void begin(struct json_writer *writer, struct buffer *out, const char *type) {
    json_begin(writer, out);
    json_string(writer, "type", span_of(type));
}

static int end(struct json_writer *writer) {
    int error = json_end(writer);

    if (error == PROTO_OK)
        error = buffer_append(writer->out, "\n", 1);
    if (error != PROTO_OK)
        buffer_truncate(writer->out, writer->begin);
    return error;
}

/* Members that may be missing. */
static void optional(struct json_writer *writer, const char *name, struct span value) {
    if (value.size > 0)
        json_text(writer, name, value);
}

static void optional_string(struct json_writer *writer, const char *name, const char *value) {
    if (value)
        json_text(writer, name, span_of(value));
}

static int session(struct buffer *out, const char *type, const struct json_ready *ready) {
    struct json_writer writer;

    begin(&writer, out, type);
    json_string(&writer, "name", span_of(ready->name));
    json_text(&writer, "server", span_of(ready->server));
    json_string(&writer, "fingerprint", span_of(ready->fingerprint));
    json_integer(&writer, "session", ready->session);
    return end(&writer);
}

int json_event_ready(struct buffer *out, const struct json_ready *ready) {
    return session(out, "ready", ready);
}

int json_event_reconnected(struct buffer *out, const struct json_ready *ready) {
    return session(out, "reconnected", ready);
}

int json_event_disconnected(struct buffer *out, const char *server, const char *reason) {
    struct json_writer writer;

    begin(&writer, out, "disconnected");
    json_text(&writer, "server", span_of(server));
    json_text(&writer, "reason", span_of(reason));
    return end(&writer);
}

/* What proves a message: with the id, the time and the text all that a signature covers. */
static void put_signature(struct json_writer *writer, const struct text_signature *signature) {
    json_open(writer, "signature", '{');
    json_string(writer, "key", span_of(signature->key));
    json_string(writer, "recipient", span_of(signature->recipient));
    json_base64(writer, "session", signature->session, sizeof(signature->session));
    json_base64(writer, "value", signature->value, signature->size);
    json_close(writer, '}');
}

int json_event_message(struct buffer *out, const struct json_message *message) {
    const struct conversation_event *event = message->event;
    struct json_writer writer;

    begin(&writer, out, "message");
    json_string(&writer, "id", span_of(event->id));
    json_string(&writer, "from", span_of(message->from));
    json_string(&writer, "to", span_of(message->to));
    json_integer(&writer, "time", event->time);
    json_text(&writer, "text", (struct span){event->body, event->body_size});
    json_string(&writer, "fingerprint", span_of(event->fingerprint));
    json_boolean(&writer, "verified", message->verified);
    json_boolean(&writer, "signed", event->signature != NULL);
    if (event->signature != NULL)
        put_signature(&writer, event->signature);
    return end(&writer);
}

int json_event_sent(struct buffer *out, const struct ledger_line *message) {
    struct json_writer writer;

    begin(&writer, out, "sent");
    json_integer(&writer, "line", message->number);
    json_string(&writer, "id", span_of(message->id));
    json_string(&writer, "to", span_of(message->peer));
    return end(&writer);
}

int json_event_status(struct buffer *out, const struct json_status *status) {
    struct json_writer writer;

    begin(&writer, out, "status");
    optional_string(&writer, "id", status->id);
    json_integer(&writer, "line", status->line);
    optional(&writer, "to", status->to);
    json_string(&writer, "state", span_of(status->state));
    optional_string(&writer, "reason", status->reason);
    json_integer(&writer, "ms", status->ms);
    return end(&writer);
}

int json_event_peer(struct buffer *out, const struct json_peer *peer) {
    struct json_writer writer;

    begin(&writer, out, "peer");
    json_text(&writer, "name", peer->name);
    json_string(&writer, "state", span_of(peer->state));
    optional(&writer, "fingerprint", peer->fingerprint);
    optional_string(&writer, "reason", peer->reason);
    optional(&writer, "text", peer->text);
    if (peer->since > 0) {
        json_integer(&writer, "session", peer->session);
        json_integer(&writer, "since", peer->since);
    }
    return end(&writer);
}

int json_event_listed(struct buffer *out, uint64_t count) {
    struct json_writer writer;

    begin(&writer, out, "listed");
    json_integer(&writer, "count", count);
    return end(&writer);
}

#define NS_PER_US 1000

int json_event_ping(struct buffer *out, const char *to, const struct ping *ping) {
    struct json_writer writer;

    begin(&writer, out, "ping");
    json_string(&writer, "to", span_of(to));
    json_integer(&writer, "number", ping->number);
    if (ping->took[PING_RELAY] > 0)
        json_integer(&writer, "relay", ping->took[PING_RELAY] / NS_PER_US);
    if (ping->took[PING_PEER] > 0)
        json_integer(&writer, "peer", ping->took[PING_PEER] / NS_PER_US);
    return end(&writer);
}

static void put_times(struct json_writer *writer, const char *name, const struct ping_times *times) {
    if (times->count == 0)
        return;
    json_open(writer, name, '{');
    json_integer(writer, "min", times->least / NS_PER_US);
    json_integer(writer, "avg", times->sum / times->count / NS_PER_US);
    json_integer(writer, "max", times->most / NS_PER_US);
    json_close(writer, '}');
}

int json_event_pinged(struct buffer *out, const struct ping_run *run) {
    struct json_writer writer;

    begin(&writer, out, "pinged");
    json_string(&writer, "to", span_of(run->name));
    json_integer(&writer, "sent", run->sent);
    json_integer(&writer, "answered", run->times[PING_PEER].count);
    put_times(&writer, "relay", &run->times[PING_RELAY]);
    put_times(&writer, "peer", &run->times[PING_PEER]);
    return end(&writer);
}

int json_event_file(struct buffer *out, const struct json_file *file) {
    struct json_writer writer;

    begin(&writer, out, "file");
    json_integer(&writer, "file", file->number);
    json_string(&writer, "direction", file->outgoing ? SPAN("out") : SPAN("in"));
    json_string(&writer, "peer", span_of(file->peer));
    json_text(&writer, "name", span_of(file->name));
    json_integer(&writer, "size", file->size);
    json_integer(&writer, "done", file->done);
    json_string(&writer, "state", span_of(file->state));
    optional_string(&writer, "reason", file->reason);
    optional_string(&writer, "path", file->path);
    if (file->line > 0)
        json_integer(&writer, "line", file->line);
    return end(&writer);
}

int json_event_end(struct buffer *out, const struct json_end *totals) {
    struct json_writer writer;

    begin(&writer, out, "end");
    json_integer(&writer, "sent", totals->sent);
    json_integer(&writer, "delivered", totals->delivered);
    json_integer(&writer, "failed", totals->failed);
    if (totals->kept)
        json_integer(&writer, "kept", *totals->kept);
    json_integer(&writer, "status", totals->status);
    return end(&writer);
}
