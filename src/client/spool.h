/*
 * spool: keeps lines on the disk until each of their recipients has them, or will not get them.
 *
 * An SQLite database in a folder of this user's alone.  A line has a number, which orders the lines of all runs.  Its
 * text is encrypted for the identity; its recipients are not.  A recipient is pending until it has a result.  A line
 * without pending recipients is deleted, unless it has failed and spool_keep_lost() was called: then it is lost, and
 * stays, without recipients, until spool_forget_lost().  Changes begin a transaction by themselves; when spool_commit()
 * has returned they are on the disk (WAL, synchronous=FULL).
 *
 * Errors: 0 or SPOOL_ERROR with WHY, which says what to do.  Single owner.
 *
 * chatsecure(1), "SPOOL".
 */
#ifndef CLIENT_SPOOL_H
#define CLIENT_SPOOL_H

#include "proto/message.h"
#include "proto/name.h"
#include "src/common/identity.h"

/* Lines that may wait, a day at one a second, and the most bytes of them. */
#define SPOOL_LINES_MAX 100000
#define SPOOL_BYTES_MAX (256 * 1024 * 1024)

/* The most bytes of lost lines that are kept; further ones are deleted. */
#define SPOOL_LOST_MAX (64 * 1024 * 1024)

/* Ids given by callers that are remembered after their lines are deleted. */
#define SPOOL_IDS_MAX 65536

#define SPOOL_ERROR (-1)

struct spool;

/* Opens the database in DIR, or makes it, for IDENTITY. */
int spool_open(struct spool **spool, const char *dir, const struct identity *identity, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Closes the database; what was not committed is undone.  NULL is legal. */
void spool_close(struct spool *spool);

/* How many lines are pending. */
size_t spool_count(const struct spool *spool);

/* True if there is no room for more. */
bool spool_is_full(const struct spool *spool);

/* True if no line is pending, and none is lost. */
bool spool_is_empty(const struct spool *spool);

/* Ends the transaction. */
int spool_commit(struct spool *spool, struct diagnostic *why) __attribute__((warn_unused_result));

/* ---- the input --------------------------------------------------------------------------------------------------- */

/* Up to where the input is in the spool. */
struct spool_taken {
    uint64_t position;    /* in bytes, over all runs (intake.h) */
    unsigned long number; /* of the last line */
    bool skipping;        /* that line was too long, and its end has not been seen */
};

/* Read and change what the spool has of it. */
int spool_get_taken(struct spool *spool, struct spool_taken *taken, struct diagnostic *why)
    __attribute__((warn_unused_result));
int spool_set_taken(struct spool *spool, const struct spool_taken *taken, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* ---- lines ------------------------------------------------------------------------------------------------------- */

struct spool_recipient {
    char name[NAME_SIZE];
    char key[CSC_FINGERPRINT_SIZE]; /* fingerprint of the key that the line is meant for; "": whoever has the name */
    char id[MESSAGE_ID_MAX + 1];    /* of the message */
};

/* What has become of a line. */
struct spool_outcome {
    size_t total;   /* recipients */
    size_t need;    /* how many of them must have it; 0: all */
    size_t have;    /* how many have it */
    unsigned worst; /* the worst exit status of the others */
    size_t pending; /* recipients without a result; 0: the line is deleted */
};

struct spool_line {
    unsigned long number;
    uint64_t time;    /* Unix milliseconds */
    uint64_t expires; /* the same; 0: never */
    bool sign;
    struct span id;   /* given by the caller, or empty */
    struct span body; /* of the message */
    struct span text; /* the line as it was read, or empty */
    struct spool_outcome outcome;
};

/* Adds LINE, with COUNT RECIPIENTS, all pending; without any it is lost. */
int spool_put(struct spool *spool, const struct spool_line *line, const struct spool_recipient *recipients,
              size_t count, struct diagnostic *why) __attribute__((warn_unused_result));

/* A line, without its outcome, and one of its recipients. */
struct spool_message {
    struct spool_line line;
    struct spool_recipient recipient;
};

/* Finds the first line with a number above AFTER that is pending for NAME, whatever its case.  1 and *MESSAGE, whose
 * spans are valid until the next call; or 0. */
int spool_next(struct spool *spool, const char *name, unsigned long after, struct spool_message *message,
               struct diagnostic *why) __attribute__((warn_unused_result));

/* Sets *TEXT to line NUMBER, which is in the spool, as it was read; valid until the next call. */
int spool_text(struct spool *spool, unsigned long number, struct span *text, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Line NUMBER to NAME is meant for KEY from now on. */
int spool_set_key(struct spool *spool, unsigned long number, const char *name, const char *key, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Recipient NAME of line NUMBER has RESULT, an exit status.  Sets *OUTCOME to that of the line. */
int spool_settle(struct spool *spool, unsigned long number, const char *name, unsigned result,
                 struct spool_outcome *outcome, struct diagnostic *why) __attribute__((warn_unused_result));

/* Calls EACH for every pending recipient, line by line, until it returns other than 0, which is then returned. */
typedef int spool_visitor(void *context, unsigned long number, const char *name, const struct spool_outcome *outcome);
int spool_each(struct spool *spool, spool_visitor *each, void *context, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* ---- lines that are lost ----------------------------------------------------------------------------------------- */

/* Lines that fail from now on stay, as lost. */
void spool_keep_lost(struct spool *spool);

/* Calls EACH for every lost line, with its exit status and its TEXT as it was read, until it returns other than 0,
 * which is then returned. */
typedef int spool_lost_visitor(void *context, unsigned long number, unsigned status, struct span text);
int spool_each_lost(struct spool *spool, spool_lost_visitor *each, void *context, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Deletes the lost lines. */
int spool_forget_lost(struct spool *spool, struct diagnostic *why) __attribute__((warn_unused_result));

/* ---- ids of callers ---------------------------------------------------------------------------------------------- */

/* Finds out what became of the line that the caller has given ID: 1 and *RESULT, an exit status or -1 while it is
 * pending; 0: no such line is known. */
int spool_find_id(struct spool *spool, struct span id, int *result, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
