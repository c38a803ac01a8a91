/*
 * status: tells programs what becomes of each message, and everything else that is an event.
 *
 * With `-o json` all events go to standard output; with `--status-fd` the status events go to a descriptor of their
 * own.  Counts the totals of a run as well.  Called by what decides the fate of a message, once for each step.  That
 * the descriptor cannot be written is told by status_error(), and affects no message.  This side's trouble
 * (PROTO_E_MEMORY, PROTO_E_FULL) is remembered until the caller can end the program, and asks status_fault().  Single
 * owner.
 *
 * chatsecure(1), "JSON".
 */
#ifndef CLIENT_STATUS_H
#define CLIENT_STATUS_H

#include "src/client/console.h"
#include "src/client/json_events.h"

struct status {
    struct console *console; /* borrowed */
    bool json;               /* standard output has events */
    struct output *out;      /* to --status-fd, or NULL */
    int error;               /* errno of a write there that failed */
    bool told;               /* status_error() has returned it */
    int fault;               /* the first proto_error */
    struct json_end totals;
};

/* FD -1: there is no descriptor for statuses.  PROTO_E_MEMORY. */
int status_open(struct status *status, struct console *console, bool json, int fd) __attribute__((warn_unused_result));

/* Writes as much as the descriptor takes within LINGER milliseconds. */
void status_close(struct status *status, int linger);

/* What has become of MESSAGE at NOW, of the same clock as its `since`: it is in the spool; has gone out for the first
 * time; has its receipt; was shown to a person; has expired, failed, or stays in the spool, each for REASON. */
void status_queued(struct status *status, const struct ledger_line *message, uint64_t now);
void status_sent(struct status *status, const struct ledger_line *message, uint64_t now);
void status_delivered(struct status *status, const struct ledger_line *message, uint64_t now);
void status_read(struct status *status, const struct ledger_line *message, uint64_t now);
void status_expired(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now);
void status_failed(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now);
void status_kept(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now);

/* Line NUMBER repeats the message ID, which was queued before, and is in STATE. */
void status_known(struct status *status, unsigned long number, struct span id, const char *state);

/* Line NUMBER cannot be sent to TO, as it was written, or to anybody if that is empty, for REASON. */
void status_refused(struct status *status, unsigned long number, struct span to, const char *reason);

/* The other events, as json_events.h has them; they go to standard output only. */
void status_ready(struct status *status, const struct json_ready *ready);
void status_reconnected(struct status *status, const struct json_ready *ready);
void status_disconnected(struct status *status, const char *server, const char *reason);
void status_peer(struct status *status, const struct json_peer *peer);

/* The same where there is no more to say of NAME than its STATE, with the FINGERPRINT and the REASON, or NULL. */
void status_peer_state(struct status *status, const char *name, const char *state, const char *fingerprint,
                       const char *reason);

void status_listed(struct status *status, uint64_t count);
void status_ping(struct status *status, const char *to, const struct ping *ping);
void status_pinged(struct status *status, const struct ping_run *run);
void status_file(struct status *status, const struct json_file *file);
/* KEPT lines stay in the spool; NULL: there is none. */
void status_end(struct status *status, unsigned exit_status, const size_t *kept);

/* Writes as much as the descriptor takes now. */
void status_write(struct status *status);

/* The queue to poll for writing while it has something, or NULL. */
struct output *status_output(const struct status *status);

/* True while so many statuses wait to be written that no more lines should be taken. */
bool status_is_full(const struct status *status);

/* The errno of a write that failed, the first time it is asked for; else 0. */
int status_error(struct status *status);

/* This side's first trouble, a proto_error, or 0. */
int status_fault(const struct status *status);

#endif
