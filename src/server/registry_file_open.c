#include <config.h>

#include "src/server/registry_file_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long another process may hold the database: its transactions are a few rows. */
#define BUSY_MS 5000

/* The write-ahead log is cut back to this when it has been emptied into the database. */
#define WAL_BYTES_MAX (4 * 1024 * 1024)

#define COLUMNS "name, fingerprint, state, first_seen, last_seen, folded"

static const char *const statement_texts[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_ALL] = "SELECT " COLUMNS " FROM users ORDER BY folded",
    [STATEMENT_FIND] = "SELECT " COLUMNS " FROM users WHERE folded = ?1",
    [STATEMENT_CLAIM] = "INSERT INTO users (folded, name, fingerprint, state, first_seen, last_seen)"
                        " VALUES (?1, ?2, ?3, 'active', ?4, ?4) ON CONFLICT (folded) DO NOTHING",
    [STATEMENT_ASSIGN] = "INSERT INTO users (folded, name, fingerprint, state) VALUES (?1, ?2, ?3, 'active')"
                         " ON CONFLICT (folded) DO UPDATE SET state = 'active',"
                         " name = CASE WHEN fingerprint = excluded.fingerprint THEN name ELSE excluded.name END,"
                         " first_seen = CASE WHEN fingerprint = excluded.fingerprint THEN first_seen END,"
                         " last_seen = CASE WHEN fingerprint = excluded.fingerprint THEN last_seen END,"
                         " fingerprint = excluded.fingerprint",
    [STATEMENT_SEEN] = "UPDATE users SET first_seen = ifnull(first_seen, ?2), last_seen = max(ifnull(last_seen, 0), ?2)"
                       " WHERE folded = ?1",
    [STATEMENT_SET_STATE] = "UPDATE users SET state = ?2 WHERE folded = ?1",
    [STATEMENT_REMOVE] = "DELETE FROM users WHERE folded = ?1",
};

/* What makes version N + 1 of the tables out of version N. */
static const char *const migrations[REGISTRY_FILE_VERSION] = {
    "CREATE TABLE users ("
    " folded TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('active', 'blocked')),"
    " first_seen INTEGER," /* Unix seconds; NULL: never */
    " last_seen INTEGER"
    ") WITHOUT ROWID",
};

/* ---- what went wrong ------------------------------------------------------------------------------------------- */

int registry_file_failed(const struct registry_file *file, struct diagnostic *why) {
    const int code = file->database != NULL ? sqlite3_errcode(file->database) & 0xff : SQLITE_NOMEM;
    const int system = file->database != NULL ? sqlite3_system_errno(file->database) : 0;

    switch (code) {
    case SQLITE_NOTADB:
        diagnostic_set(why, "%s is not a registry, and was left as it is: move it away, or give another --state-dir",
                       file->path);
        break;
    case SQLITE_CORRUPT:
        diagnostic_set(why,
                       "%s is damaged, and was left as it is: put a backup in its place, or mend it with sqlite3's "
                       ".recover",
                       file->path);
        break;
    case SQLITE_FULL:
        diagnostic_set(why, "cannot write %s: the disk is full", file->path);
        break;
    case SQLITE_READONLY:
        diagnostic_set(why, "cannot write %s: it, its folder or the disk is read-only", file->path);
        break;
    case SQLITE_BUSY:
        diagnostic_set(why, "cannot write %s: another program has locked it for too long", file->path);
        break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        diagnostic_set(why, "cannot use %s: %s%s%s", file->path, sqlite3_errmsg(file->database),
                       system != 0 ? ": " : "", system != 0 ? diagnostic_errno(system) : "");
        break;
    default:
        diagnostic_set(why, "cannot use %s: %s", file->path,
                       file->database != NULL ? sqlite3_errmsg(file->database) : "out of memory");
        break;
    }
    return REGISTRY_FILE_ERROR;
}

static int execute(struct registry_file *file, const char *text, struct diagnostic *why) {
    return sqlite3_exec(file->database, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : registry_file_failed(file, why);
}

/* The number that a statement of one row and column gives. */
static int ask_number(struct registry_file *file, const char *text, sqlite3_int64 *number, struct diagnostic *why) {
    sqlite3_stmt *statement = NULL;
    int error = 0;

    if (sqlite3_prepare_v2(file->database, text, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        error = registry_file_failed(file, why);
    else
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return error;
}

/* ---- opening -------------------------------------------------------------------------------- */

/* A log without its database has the last changes to one that was moved away: SQLite would delete it. */
static int check_log(const char *path, struct diagnostic *why) {
    struct stat status = {0};
    char *log = malloc(strlen(path) + sizeof("-wal"));
    int error = 0;

    if (log == NULL) {
        diagnostic_set(why, "out of memory");
        return REGISTRY_FILE_ERROR;
    }
    memcpy(log, path, strlen(path));
    memcpy(log + strlen(path), "-wal", sizeof("-wal"));
    if ((stat(path, &status) != 0 || status.st_size == 0) && stat(log, &status) == 0 && status.st_size > 0) {
        diagnostic_set(why, "%s is missing or empty, and %s was left as it is: put back the one or move away the other",
                       path, log);
        error = REGISTRY_FILE_ERROR;
    }
    free(log);
    return error;
}

/* Makes an empty file that others cannot read; SQLite gives its companions the same mode. */
static int create(const char *path, struct diagnostic *why) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 && errno != EEXIST) {
        diagnostic_set(why, "cannot make %s: %s", path, diagnostic_errno(errno));
        return REGISTRY_FILE_ERROR;
    }
    if (fd >= 0)
        close(fd);
    return 0;
}

static int check_file(const char *path, struct diagnostic *why) {
    struct stat status = {0};

    if (stat(path, &status) != 0) {
        diagnostic_set(why, "cannot use %s: %s", path, diagnostic_errno(errno));
        return REGISTRY_FILE_ERROR;
    }
    if (!S_ISREG(status.st_mode)) {
        diagnostic_set(why, "cannot use %s: it is not a file", path);
        return REGISTRY_FILE_ERROR;
    }
    /* Of what cannot be written SQLite may say that it is not there. */
    if (access(path, W_OK) != 0) {
        diagnostic_set(why, "cannot write %s: %s; file and folder must be this user's and may not be read-only", path,
                       diagnostic_errno(errno));
        return REGISTRY_FILE_ERROR;
    }
    return 0;
}

/* Whose database it is, before anything is written to it.  *VERSION of its tables; 0: an empty file. */
static int identify(struct registry_file *file, sqlite3_int64 *version, struct diagnostic *why) {
    sqlite3_int64 application = 0, tables = 0;
    int error = ask_number(file, "PRAGMA application_id", &application, why);

    if (error == 0)
        error = ask_number(file, "PRAGMA user_version", version, why);
    if (error == 0)
        error = ask_number(file, "SELECT count(*) FROM sqlite_master", &tables, why);
    if (error != 0)
        return error;
    if (application != REGISTRY_FILE_APPLICATION && (application != 0 || *version != 0 || tables != 0)) {
        diagnostic_set(why,
                       "%s is another program's database, and was left as it is: move it away, or give another "
                       "--state-dir",
                       file->path);
        return REGISTRY_FILE_ERROR;
    }
    if (*version > REGISTRY_FILE_VERSION || *version < 0) {
        diagnostic_set(why,
                       "%s was made by a newer version of chatsecure-server (tables %lld, this one knows %d), and was "
                       "left as it is: use that version",
                       file->path, (long long)*version, REGISTRY_FILE_VERSION);
        return REGISTRY_FILE_ERROR;
    }
    return 0;
}

/* Makes the tables those of this version, all or nothing.  Another process may do so at the same time. */
static int migrate(struct registry_file *file, struct diagnostic *why) {
    char pragmas[96] = "";
    sqlite3_int64 version = 0;
    int error = execute(file, "BEGIN IMMEDIATE", why);

    if (error != 0)
        return error;
    error = identify(file, &version, why);
    for (; error == 0 && version < REGISTRY_FILE_VERSION; version++)
        error = execute(file, migrations[version], why);
    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             REGISTRY_FILE_APPLICATION, REGISTRY_FILE_VERSION);
    if (error == 0)
        error = execute(file, pragmas, why);
    if (error != 0)
        sqlite3_exec(file->database, "ROLLBACK", NULL, NULL, NULL);
    return error;
}

static int set_up(struct registry_file *file, struct diagnostic *why) {
    char pragmas[128] = "";
    sqlite3_int64 version = 0;
    int error = identify(file, &version, why);

    if (error != 0)
        return error;
    if (sqlite3_db_readonly(file->database, "main") == 1) {
        diagnostic_set(why, "cannot write %s: it, its folder or the disk is read-only", file->path);
        return REGISTRY_FILE_ERROR;
    }
    snprintf(pragmas, sizeof(pragmas),
             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
             " PRAGMA journal_size_limit = %d",
             WAL_BYTES_MAX);
    if (version < REGISTRY_FILE_VERSION)
        error = migrate(file, why);
    if (error == 0)
        error = execute(file, pragmas, why);
    for (int i = 0; i < STATEMENT_COUNT && error == 0; i++)
        if (sqlite3_prepare_v2(file->database, statement_texts[i], -1, &file->statements[i], NULL) != SQLITE_OK)
            error = registry_file_failed(file, why);
    return error;
}

/* Opens what is at PATH, and prepares nothing. */
static int open_database(struct registry_file **file, const char *path, enum registry_file_mode mode,
                         struct diagnostic *why) {
    struct registry_file *made = calloc(1, sizeof(*made));
    int error = made == NULL ? REGISTRY_FILE_ERROR : 0;

    if (error == 0 && (made->path = strdup(path)) == NULL)
        error = REGISTRY_FILE_ERROR;
    if (error != 0)
        diagnostic_set(why, "out of memory");
    if (error == 0)
        error = check_log(path, why);
    if (error == 0 && mode == REGISTRY_FILE_CREATE)
        error = create(path, why);
    if (error == 0)
        error = check_file(path, why);
    if (error == 0 &&
        sqlite3_open_v2(path, &made->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        error = registry_file_failed(made, why);
    if (error == 0)
        sqlite3_busy_timeout(made->database, BUSY_MS);
    *file = made;
    return error;
}

int registry_file_open(struct registry_file **file, const char *path, enum registry_file_mode mode,
                       struct diagnostic *why) {
    struct registry_file *made = NULL;
    int error = open_database(&made, path, mode, why);

    if (error == 0)
        error = set_up(made, why);
    if (error != 0) {
        registry_file_close(made);
        return error;
    }
    *file = made;
    return 0;
}

int registry_file_check(const char *path, struct diagnostic *why) {
    struct registry_file *opened = NULL;
    sqlite3_int64 version = 0;
    int error = open_database(&opened, path, REGISTRY_FILE_EXISTING, why);

    if (error == 0)
        error = identify(opened, &version, why);
    registry_file_close(opened);
    return error;
}

void registry_file_close(struct registry_file *file) {
    if (file == NULL)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(file->statements[i]);
    sqlite3_close(file->database);
    free(file->path);
    free(file);
}
