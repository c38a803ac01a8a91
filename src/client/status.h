/*
 * status: what becomes of each message, told to programs that asked for it.
 *
 * With `-o json` standard output has every event and nothing else; with `--status-fd` a descriptor of its own has the
 * status events.  Also keeps the totals of a run.  Called by whatever decides a message's fate, once for each step.
 * A descriptor that cannot be written is told by status_error(); it changes nothing about the messages.  This side's
 * trouble (PROTO_E_MEMORY, PROTO_E_FULL) is remembered, and the caller asks for it with status_fault() when it can end
 * the program.  Single owner.
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
    struct output *out;      /* of --status-fd, or NULL */
    int error;               /* errno of a write there */
    bool told;               /* of the error */
    int fault;               /* the first proto_error */
    struct json_end totals;
};

/* FD -1: there is no descriptor for statuses.  PROTO_E_MEMORY. */
int status_open(struct status *status, struct console *console, bool json, int fd) __attribute__((warn_unused_result));

/* Writes what the descriptor still takes within LINGER milliseconds. */
void status_close(struct status *status, int linger);

/* MESSAGE is queued; went out for the first time; has its receipt; failed for REASON.  NOW: milliseconds of the clock
 * of its `since`. */
void status_queued(struct status *status, const struct ledger_line *message, uint64_t now);
void status_sent(struct status *status, const struct ledger_line *message, uint64_t now);
void status_delivered(struct status *status, const struct ledger_line *message, uint64_t now);
void status_read(struct status *status, const struct ledger_line *message, uint64_t now);
void status_expired(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now);
void status_failed(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now);

void status_kept(struct status *status, const struct ledger_line *message, const char *reason, uint64_t now);

/* What line NUMBER says was queued before under ID, and is in STATE. */
void status_known(struct status *status, unsigned long number, struct span id, const char *state);

/* Line NUMBER cannot be a message to TO, as it was written; or, if that is empty, to anybody. */
void status_refused(struct status *status, unsigned long number, struct span to, const char *reason);

/* The events of which there is nothing to remember go to standard output if it has events. */
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

/* Writes what the descriptor takes now. */
void status_write(struct status *status);

/* The queue to poll for writing while it has something, or NULL. */
struct output *status_output(const struct status *status);

/* True while so much waits that no more lines should be taken. */
bool status_is_full(const struct status *status);

/* The errno of a failed write, once; else 0. */
int status_error(struct status *status);

/* The first trouble there was, a proto_error, or 0. */
int status_fault(const struct status *status);

#endif
