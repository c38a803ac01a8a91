/*
 * spool: lines on the disk, until each of their recipients has them or will not.
 *
 * An SQLite database in a folder of this user's alone.  A line has a number, which orders the lines of all runs; what
 * it says is encrypted for the identity, who it is for is not.  A recipient of it is pending until it has a result;
 * when none is, the line is gone, unless it has failed and somebody is to have it: then it is lost, and stays without
 * recipients.  What a commit has returned for is on the disk (WAL, synchronous=FULL).  Changes
 * begin a transaction by themselves; spool_commit() ends it.
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

/* What may wait: a day of a line a second; and as many bytes of it. */
#define SPOOL_LINES_MAX 100000
#define SPOOL_BYTES_MAX (256 * 1024 * 1024)

/* And as many bytes of what is lost; more is not kept. */
#define SPOOL_LOST_MAX (64 * 1024 * 1024)

/* Ids of callers that are remembered after their lines are gone. */
#define SPOOL_IDS_MAX 65536

#define SPOOL_ERROR (-1)

struct spool;

/* Opens the database in DIR, or makes it, for IDENTITY. */
int spool_open(struct spool **spool, const char *dir, const struct identity *identity, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Undoes what was not committed.  NULL is legal. */
void spool_close(struct spool *spool);

/* Lines that are pending; whether there is no room for more; and whether there are none, nor any that are lost. */
size_t spool_count(const struct spool *spool);
bool spool_is_full(const struct spool *spool);
bool spool_is_empty(const struct spool *spool);

int spool_commit(struct spool *spool, struct diagnostic *why) __attribute__((warn_unused_result));

/* ---- the input --------------------------------------------------------------------------------------------------- */

/* How much of the input was taken in: what is behind it was not. */
struct spool_taken {
    uint64_t position;    /* in bytes, over all runs */
    unsigned long number; /* of the last line */
    bool skipping;        /* it was too long, and has not ended yet */
};

int spool_get_taken(struct spool *spool, struct spool_taken *taken, struct diagnostic *why)
    __attribute__((warn_unused_result));
int spool_set_taken(struct spool *spool, const struct spool_taken *taken, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* ---- lines ------------------------------------------------------------------------------------------------------- */

struct spool_recipient {
    char name[NAME_SIZE];
    char key[CSC_FINGERPRINT_SIZE]; /* that the line is meant for, "": whoever has the name */
    char id[MESSAGE_ID_MAX + 1];
};

/* What a line has come to. */
struct spool_outcome {
    size_t total, need, have; /* recipients; how many must have it, 0: all; how many do */
    unsigned worst;           /* the exit status of those that do not */
    size_t pending;           /* 0: the line is gone */
};

struct spool_line {
    unsigned long number;
    uint64_t time;    /* Unix milliseconds */
    uint64_t expires; /* the same; 0: never */
    bool sign;
    struct span id;   /* of the caller's own, or empty */
    struct span body; /* of the message */
    struct span text; /* the line as it was read, or empty */
    struct spool_outcome outcome;
};

/* Adds LINE, and its pending recipients: without any it is lost. */
int spool_put(struct spool *spool, const struct spool_line *line, const struct spool_recipient *recipients,
              size_t count, struct diagnostic *why) __attribute__((warn_unused_result));

/* A line to one of its recipients.  LINE has no outcome, and points into the spool until the next call. */
struct spool_message {
    struct spool_line line;
    struct spool_recipient recipient;
};

/* The first line behind number AFTER that is pending for NAME, whatever its case: 1, or 0 if there is none. */
int spool_next(struct spool *spool, const char *name, unsigned long after, struct spool_message *message,
               struct diagnostic *why) __attribute__((warn_unused_result));

/* The text of a line that is there, as it was read: until the next call. */
int spool_text(struct spool *spool, unsigned long number, struct span *text, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Line NUMBER to NAME is meant for KEY from now on. */
int spool_set_key(struct spool *spool, unsigned long number, const char *name, const char *key, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The exit status RESULT is what line NUMBER to NAME has come to, and *OUTCOME what the line has. */
int spool_settle(struct spool *spool, unsigned long number, const char *name, unsigned result,
                 struct spool_outcome *outcome, struct diagnostic *why) __attribute__((warn_unused_result));

/* Calls EACH for every pending recipient, line by line, until it returns other than 0, which is then returned. */
typedef int spool_visitor(void *context, unsigned long number, const char *name, const struct spool_outcome *outcome);
int spool_each(struct spool *spool, spool_visitor *each, void *context, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* ---- lines that are lost ----------------------------------------------------------------------------------------- */

/* From now on lines that have failed stay. */
void spool_keep_lost(struct spool *spool);

/* Calls EACH for every line that is lost, with the exit status that it has come to and its text as it was read, until
 * it returns other than 0, which is then returned. */
typedef int spool_lost_visitor(void *context, unsigned long number, unsigned status, struct span text);
int spool_each_lost(struct spool *spool, spool_lost_visitor *each, void *context, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* They are not needed any more. */
int spool_forget_lost(struct spool *spool, struct diagnostic *why) __attribute__((warn_unused_result));

/* ---- ids of callers ---------------------------------------------------------------------------------------------- */

/* What became of the line of ID: 1 and *RESULT, an exit status or -1 while it is pending; 0: there never was one. */
int spool_find_id(struct spool *spool, struct span id, int *result, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
