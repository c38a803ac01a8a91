/*
 * spool_state: struct spool, which only the files of the spool see.
 *
 * spool_open.c opens and checks the database, spool.c reads and changes it.
 */
#ifndef CLIENT_SPOOL_STATE_H
#define CLIENT_SPOOL_STATE_H

#include "src/client/exit_status.h"
#include "src/client/spool.h"
#include "src/common/state_dir.h"

#include <sqlite3.h>

enum spool_statement {
    SPOOL_BEGIN,
    SPOOL_COMMIT,
    SPOOL_TOTALS,
    SPOOL_GET_TAKEN,
    SPOOL_SET_TAKEN,
    SPOOL_PUT_LINE,
    SPOOL_PUT_RECIPIENT,
    SPOOL_NEXT,
    SPOOL_TEXT,
    SPOOL_SET_KEY,
    SPOOL_SETTLE,
    SPOOL_COUNT_RESULT,
    SPOOL_OUTCOME,
    SPOOL_DELETE,
    SPOOL_EACH,
    SPOOL_EACH_LOST,
    SPOOL_FORGET_LOST,
    SPOOL_FIND_ID,
    SPOOL_PUT_ID,
    SPOOL_TRIM_IDS,
    SPOOL_SETTLE_ID,
    SPOOL_STATEMENTS
};

struct spool {
    sqlite3 *database;
    sqlite3_stmt *statements[SPOOL_STATEMENTS];
    csc_symkey *key;
    bool changing;  /* a transaction is open */
    bool trims;     /* it has added ids, so old ones are to be removed at its end */
    bool keeps;     /* lines that have failed stay, as lost */
    size_t count;   /* pending lines */
    uint64_t bytes; /* of them */
    size_t lost;    /* lost lines */
    uint64_t lost_bytes;
    char path[STATE_PATH_SIZE];
    struct buffer sealed, plain; /* ciphertext and plaintext of the line at hand */
};

/* Says why an operation on the database failed, and what to do about it.  SPOOL_ERROR. */
int spool_failed(const struct spool *spool, struct diagnostic *why);

#endif
