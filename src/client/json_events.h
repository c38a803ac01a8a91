/*
 * json_events: the events of `-o json`, one JSON object a line.
 *
 * Each function appends one event to OUT, with its "\n".  Text of peers is escaped so that it is harmless to a
 * terminal.  The members are listed in chatsecure(1), "JSON"; t/client_json.t compares.  Errors: PROTO_E_MEMORY,
 * PROTO_E_FULL, and OUT is as before.  Pure.
 */
#ifndef CLIENT_JSON_EVENTS_H
#define CLIENT_JSON_EVENTS_H

#include "proto/conversation.h"
#include "src/client/ledger.h"
#include "src/client/ping_run.h"

/* The longest event: a body of characters that are all escaped, and the rest. */
#define JSON_EVENT_MAX (6 * MESSAGE_BODY_MAX + 8192)

struct json_ready {
    const char *name, *server, *fingerprint;
    uint64_t session;
};

/* The session with the server is established. */
int json_event_ready(struct buffer *out, const struct json_ready *ready) __attribute__((warn_unused_result));

/* It is established again, after it was lost. */
int json_event_reconnected(struct buffer *out, const struct json_ready *ready) __attribute__((warn_unused_result));

/* The session with the server is lost. */
int json_event_disconnected(struct buffer *out, const char *server, const char *reason)
    __attribute__((warn_unused_result));

struct json_message {
    const char *from, *to;
    const struct conversation_event *event; /* a TEXT event */
    bool verified;                          /* the key of `from` is marked as verified */
};

/* A message was received. */
int json_event_message(struct buffer *out, const struct json_message *message) __attribute__((warn_unused_result));

/* MESSAGE has gone out for the first time. */
int json_event_sent(struct buffer *out, const struct ledger_line *message) __attribute__((warn_unused_result));

struct json_status {
    const char *id;     /* of the message; NULL: it has none */
    unsigned long line; /* number of the line of input */
    struct span to;     /* empty: it is for nobody */
    const char *state;  /* a word of chatsecure(1) */
    const char *reason; /* NULL: there is none */
    uint64_t ms;        /* since the line was read */
};

/* What has become of a message to one recipient, or of a line that is no message. */

int json_event_status(struct buffer *out, const struct json_status *status) __attribute__((warn_unused_result));

struct json_peer {
    struct span name;
    const char *state;       /* a word of chatsecure(1) */
    struct span fingerprint; /* empty: not known */
    const char *reason;      /* NULL: there is none */
    struct span text;        /* of the state "away", may be empty */
    uint64_t session, since; /* of the state "connected": number and Unix seconds; 0 in others */
};

/* Something has happened to another user. */
int json_event_peer(struct buffer *out, const struct json_peer *peer) __attribute__((warn_unused_result));

/* The answer to `list` is complete, with COUNT users. */
int json_event_listed(struct buffer *out, uint64_t count) __attribute__((warn_unused_result));

/* One PING to the peer TO has been answered, or given up. */
int json_event_ping(struct buffer *out, const char *to, const struct ping *ping) __attribute__((warn_unused_result));

/* The summary of a `ping`. */
int json_event_pinged(struct buffer *out, const struct ping_run *run) __attribute__((warn_unused_result));

struct json_file {
    uint64_t number;
    bool outgoing;
    unsigned long line; /* of input that asked for it; 0: none did */
    const char *peer, *name;
    uint64_t size, done; /* bytes */
    const char *state;   /* a word of chatsecure(1) */
    const char *reason;  /* NULL: there is none */
    const char *path;    /* its name in the folder; NULL: it has none yet */
};

/* Something has happened to the transfer of a file. */
int json_event_file(struct buffer *out, const struct json_file *file) __attribute__((warn_unused_result));

struct json_end {
    uint64_t sent, delivered, failed; /* messages */
    const size_t *kept;               /* lines in the spool; NULL: there is none */
    unsigned status;                  /* the exit status */
};

/* The last event of a run. */
int json_event_end(struct buffer *out, const struct json_end *end) __attribute__((warn_unused_result));

#endif
