/*
 * registry_file_state: what the files of registry_file share, and nobody else sees.
 *
 * registry_file_open.c opens and checks the database, registry_file.c reads and changes it.
 */
#ifndef SERVER_REGISTRY_FILE_STATE_H
#define SERVER_REGISTRY_FILE_STATE_H

#include "src/server/registry_file.h"
#include <sqlite3.h>

enum statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_ALL,
    STATEMENT_FIND,
    STATEMENT_CLAIM,
    STATEMENT_ASSIGN,
    STATEMENT_SEEN,
    STATEMENT_SET_STATE,
    STATEMENT_REMOVE,
    STATEMENT_COUNT
};

struct registry_file {
    char *path;
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* Says why an operation on the database failed, and what to do about it.  REGISTRY_FILE_ERROR. */
int registry_file_failed(const struct registry_file *file, struct diagnostic *why);

#endif
