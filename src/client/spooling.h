/*
 * spooling: the lines of a client that keeps them on the disk, --spool.
 *
 * A line is taken from the input, put into the spool with those that were read with it, and told to be queued when
 * they are on the disk (spooling.c).  From there it is sent to each of its recipients, in the order of the lines; one
 * who is not there has its lines rest, and at the end of the input they are kept for another run (spooled.c).
 * Without --spool the client has no `spooling`, and none of this is called but what says so.
 *
 * A spool that cannot be used any more is told and remembered; spooling_has_failed() says so, and the loop ends the
 * program.  Single owner.
 *
 * chatsecure(1), "SPOOL".
 */
#ifndef CLIENT_SPOOLING_H
#define CLIENT_SPOOLING_H

#include "src/client/client_state.h"
#include "src/client/intake.h"
#include "src/client/lanes.h"
#include "src/client/spool.h"

/* A line while its recipients are gathered. */
struct spooling_draft {
    struct spool_line line;
    struct spool_recipient recipients[RECIPIENTS_MAX];
    size_t count;
};

struct spooling {
    struct spool *spool;   /* borrowed */
    struct intake *intake; /* borrowed; NULL: the input is not standard input, or a person types it */
    struct lanes lanes;
    struct spooling_draft draft;
    struct spool_taken taken;  /* as it is in the spool */
    unsigned long first;       /* what is added to the numbers of the lines of this run */
    struct ledger_line *fresh; /* messages that are told to be queued at the next commit */
    size_t fresh_count, fresh_capacity;
    char prefix[MESSAGE_ID_MAX / 2]; /* of ids */
    uint64_t ids;
    bool failed;
    bool ending;           /* what comes back is kept for another run */
    enum exit_status last; /* why lines that were never tried are kept */
    bool held;             /* the next line is a command, for which there must be a session */
};

/* Takes up what is in the spool, and what another run has read.  NULL client->config->spool: does nothing.
 * PROTO_E_MEMORY, PROTO_E_CRYPTO. */
int spooling_begin(struct client *client) __attribute__((warn_unused_result));
void spooling_free(struct client *client);

bool spooling_has_failed(const struct client *client);

/* ---- spooling.c: into the spool ---------------------------------------------------------------------------------- */

/* Reads from the input into the intake and to ROOM of SIZE bytes, as read(2) does. */
ssize_t spooling_read(struct client *client, uint8_t *room, size_t size);

/* True if a line of input can be taken. */
bool spooling_takes_lines(const struct client *client);

/* True if the line of the caller's own ID was queued before, which line NUMBER is told. */
bool spooling_knows(struct client *client, unsigned long number, struct span id);

/* Line NUMBER says BODY; TEXT is the line as it was read; ID the caller's own, or empty. */
void spooling_draft(struct client *client, unsigned long number, struct span body, struct span text, struct span id);

/* It is for NAME; or for somebody for whom it has come to STATUS already; and for nobody else. */
void spooling_add(struct client *client, const char *name, uint64_t now);
void spooling_refused(struct client *client, enum exit_status status);
void spooling_complete(struct client *client, uint64_t now);

/* Line NUMBER, which was read as TEXT, has come to STATUS and is for the program of --or-else, in another run if this
 * one is killed.  Without --or-else: does nothing. */
void spooling_lose(struct client *client, unsigned long number, struct span text, enum exit_status status);

/* All that was taken and settled is on the disk from now on, and told to be queued. */
void spooling_commit(struct client *client, uint64_t now);

/* The end: what the input has now is read. */
void spooling_take_rest(struct client *client, uint64_t now);

/* ---- spooled.c: out of the spool --------------------------------------------------------------------------------- */

/* Sends lines, as many as may be on their way. */
int spooling_pump(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* When there are more to be sent, though nothing else happens.  Also without --spool. */
uint64_t spooling_deadline(const struct client *client, uint64_t now);

/* True if none will be sent in this run, unless more come from the input.  Also without --spool. */
bool spooling_is_done(const struct client *client);

/* LINE goes out: true if that is for the first time in this run.  It is meant for the key FINGERPRINT from now on. */
bool spooling_sent(struct client *client, const struct ledger_line *line, const char *fingerprint);

/* What LINE, which was taken out of the ledger, has come to. */
void spooling_settle(struct client *client, const struct ledger_line *line, enum exit_status status);

/* True if a line that failed so is not lost. */
bool spooling_keeps(enum conversation_failure failure);

/* LINE, which was taken out of the ledger, is not delivered yet, for the reason WHY: it stays. */
void spooling_keep(struct client *client, const struct ledger_line *line, enum exit_status status, const char *why,
                   uint64_t now);

/* NAME may be there now, or, if it is NULL, anybody.  Also without --spool. */
void spooling_wake(struct client *client, const char *name);

/* The end of the run, which gives lines up for STATUS: what comes back is kept. */
void spooling_end(struct client *client, enum exit_status status);

/* Says how many lines are kept, and what they come to. */
void spooling_tell(struct client *client);

/* The program of --or-else has had what is lost.  Also without --spool. */
void spooling_forget_lost(struct client *client);

/* Says what is wrong with the spool, once. */
void spooling_fail(struct client *client, const struct diagnostic *why);

#endif
