/*
 * spooling: takes lines from the input into the spool, and sends them from there (--spool).
 *
 * spooling.c puts a line into the spool, together with those that were read with it, and tells that it is queued when
 * they are on the disk.  spooled.c sends it to each of its recipients, in the order of the lines; the lines of one who
 * is not there wait, and are kept for another run at the end of the input.  Without --spool the client has no
 * `spooling`, and only functions that say so may be called.
 *
 * When the spool fails, that is told once, and spooling_has_failed() is true from then on; the loop then ends the
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

/* A line whose recipients are being gathered. */
struct spooling_draft {
    struct spool_line line;
    struct spool_recipient recipients[RECIPIENTS_MAX];
    size_t count;
};

struct spooling {
    struct spool *spool;   /* borrowed */
    struct intake *intake; /* borrowed; NULL: the input has no journal */
    struct lanes lanes;
    struct spooling_draft draft;
    struct spool_taken taken;  /* the same as in the spool */
    unsigned long first;       /* added to a line's number in this run for its number in the spool */
    struct ledger_line *fresh; /* messages to be told as queued at the next commit */
    size_t fresh_count, fresh_capacity;
    char prefix[MESSAGE_ID_MAX / 2]; /* of the ids made in this run */
    uint64_t ids;                    /* made so far */
    bool failed;                     /* the spool cannot be used any more */
    bool ending;                     /* lines that fail are kept for another run, and not tried again */
    enum exit_status last;           /* the status of lines that were never tried */
    bool held;                       /* the next line is a command, which waits for the session */
};

/* Makes a lane for each recipient of lines in the spool, and takes the input that a killed run has read.  Does nothing
 * without --spool.  PROTO_E_MEMORY, PROTO_E_CRYPTO. */
int spooling_begin(struct client *client) __attribute__((warn_unused_result));
void spooling_free(struct client *client);

/* Also without --spool. */
bool spooling_has_failed(const struct client *client);

/* ---- spooling.c: into the spool ---------------------------------------------------------------------------------- */

/* Reads from the input, through the journal, to ROOM of SIZE bytes, with the result of read(2). */
ssize_t spooling_read(struct client *client, uint8_t *room, size_t size);

/* True if a line of input can be taken. */
bool spooling_takes_lines(const struct client *client);

/* True if a line with the caller's ID was queued before; tells so for line NUMBER, which repeats it. */
bool spooling_knows(struct client *client, unsigned long number, struct span id);

/* Begins line NUMBER with the message BODY.  TEXT is the line as it was read; ID is given by the caller, or empty. */
void spooling_draft(struct client *client, unsigned long number, struct span body, struct span text, struct span id);

/* Adds the recipient NAME to the line. */
void spooling_add(struct client *client, const char *name, uint64_t now);

/* Adds a recipient that has the result STATUS already. */
void spooling_refused(struct client *client, enum exit_status status);

/* The line has no further recipients: puts it into the spool. */
void spooling_complete(struct client *client, uint64_t now);

/* Line NUMBER, which was read as TEXT, has the result STATUS: keeps it for the command of --or-else, of a later run if
 * this one is killed.  Does nothing without --or-else. */
void spooling_lose(struct client *client, unsigned long number, struct span text, enum exit_status status);

/* Commits what was taken and settled, and tells that the new lines are queued. */
void spooling_commit(struct client *client, uint64_t now);

/* The run ends: takes the lines that the input has at this moment into the spool. */
void spooling_take_rest(struct client *client, uint64_t now);

/* ---- spooled.c: out of the spool --------------------------------------------------------------------------------- */

/* Gives lines to the conversations, as many as may be on their way. */
int spooling_pump(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* When a lane that rests is to be tried again, or CLOCK_NEVER.  Also without --spool. */
uint64_t spooling_deadline(const struct client *client, uint64_t now);

/* True if no line in the spool will be sent in this run any more.  Also without --spool. */
bool spooling_is_done(const struct client *client);

/* LINE has gone out, and is meant for the key of FINGERPRINT from now on.  True if it is the first time in this run. */
bool spooling_sent(struct client *client, const struct ledger_line *line, const char *fingerprint);

/* LINE, which has been taken out of the ledger, has the result STATUS. */
void spooling_settle(struct client *client, const struct ledger_line *line, enum exit_status status);

/* True if a line that has failed with FAILURE stays in the spool. */
bool spooling_keeps(enum conversation_failure failure);

/* LINE, which has been taken out of the ledger, has failed for now with STATUS, for the reason WHY, and stays in the
 * spool: its lane rests. */
void spooling_keep(struct client *client, const struct ledger_line *line, enum exit_status status, const char *why,
                   uint64_t now);

/* NAME may be there now, or anybody if it is NULL: ends the rest of their lanes.  Also without --spool. */
void spooling_wake(struct client *client, const char *name);

/* The run ends, with STATUS as the reason why lines are not delivered: they are kept for another run. */
void spooling_end(struct client *client, enum exit_status status);

/* Says how many lines are kept, and sets the exit status for them. */
void spooling_tell(struct client *client);

/* The command of --or-else has had the lines that are lost: deletes them.  Also without --spool. */
void spooling_forget_lost(struct client *client);

/* The spool has failed: says WHY, once. */
void spooling_fail(struct client *client, const struct diagnostic *why);

#endif
