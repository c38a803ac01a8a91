#include <config.h>

#include "src/server/registry_file.h"

#include "src/common/trust_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long another process may hold the database: its transactions are a few rows. */
#define BUSY_MS 5000

/* The write-ahead log is cut back to this when it has been emptied into the database. */
#define WAL_BYTES_MAX (4 * 1024 * 1024)

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

struct registry_file {
    char *path;
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

const char *name_state_word(enum name_state state) {
    return state == NAME_BLOCKED ? "blocked" : "active";
}

/* ---- what went wrong ------------------------------------------------------------------------------------------- */

/* Says why an operation failed, and what to do about it. */
static int failed(const struct registry_file *file, struct diagnostic *why) {
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

/* The file that is open must be the one at its path, or what is written is written to nothing. */
static int check_place(const struct registry_file *file, struct diagnostic *why) {
    int moved = 0;

    if (sqlite3_file_control(file->database, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved) {
        diagnostic_set(why, "%s was moved or deleted under the program: put it back and start again", file->path);
        return REGISTRY_FILE_ERROR;
    }
    return 0;
}

/* ---- statements ---------------------------------------------------------------------------------------------------
 */

static int execute(struct registry_file *file, const char *text, struct diagnostic *why) {
    return sqlite3_exec(file->database, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(file, why);
}

/* The number that a statement of one row and column gives. */
static int ask_number(struct registry_file *file, const char *text, sqlite3_int64 *number, struct diagnostic *why) {
    sqlite3_stmt *statement = NULL;
    int error = 0;

    if (sqlite3_prepare_v2(file->database, text, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        error = failed(file, why);
    else
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return error;
}

/* Ready for its parameters. */
static sqlite3_stmt *take(struct registry_file *file, enum statement number) {
    sqlite3_reset(file->statements[number]);
    sqlite3_clear_bindings(file->statements[number]);
    return file->statements[number];
}

/* TEXT stays where it is until the statement is reset. */
static void bind(sqlite3_stmt *statement, int parameter, const char *text) {
    /* Fails for lack of memory or a wrong number: then it stays NULL, which no column takes. */
    sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

/* Runs a statement without result.  The number of rows that it changed, or the error. */
static int run(struct registry_file *file, sqlite3_stmt *statement, struct diagnostic *why) {
    int changed = 0;

    if (sqlite3_step(statement) != SQLITE_DONE)
        changed = failed(file, why);
    else
        changed = sqlite3_changes(file->database);
    sqlite3_reset(statement);
    return changed;
}

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

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
            error = failed(file, why);
    return error;
}

int registry_file_open(struct registry_file **file, const char *path, enum registry_file_mode mode,
                       struct diagnostic *why) {
    struct registry_file *made = calloc(1, sizeof(*made));
    int error = made == NULL ? REGISTRY_FILE_ERROR : 0;

    if (error == 0 && (made->path = strdup(path)) == NULL)
        error = REGISTRY_FILE_ERROR;
    if (error != 0)
        diagnostic_set(why, "out of memory");
    if (error == 0 && mode == REGISTRY_FILE_CREATE)
        error = create(path, why);
    if (error == 0)
        error = check_file(path, why);
    if (error == 0 &&
        sqlite3_open_v2(path, &made->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        error = failed(made, why);
    if (error == 0) {
        sqlite3_busy_timeout(made->database, BUSY_MS);
        error = set_up(made, why);
    }
    if (error != 0) {
        registry_file_close(made);
        return error;
    }
    *file = made;
    return 0;
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

/* ---- rows ---------------------------------------------------------------------------------------------------------
 */

static bool read_time(sqlite3_stmt *statement, int column, uint64_t *time) {
    sqlite3_int64 value = sqlite3_column_int64(statement, column);
    int type = sqlite3_column_type(statement, column);

    *time = value > 0 ? (uint64_t)value : 0;
    return type == SQLITE_NULL || (type == SQLITE_INTEGER && value >= 0);
}

static bool read_text(sqlite3_stmt *statement, int column, struct span *text) {
    if (sqlite3_column_type(statement, column) != SQLITE_TEXT)
        return false;
    text->data = (const char *)sqlite3_column_text(statement, column);
    text->size = (size_t)sqlite3_column_bytes(statement, column);
    return text->data != NULL && memchr(text->data, '\0', text->size) == NULL;
}

/* Takes nothing on trust: the file may have been changed by other programs. */
static int read_row(const struct registry_file *file, sqlite3_stmt *statement, struct registry_row *row,
                    struct diagnostic *why) {
    struct span name = SPAN(""), fingerprint = SPAN(""), state = SPAN(""), folded = SPAN("");
    char fold[NAME_SIZE] = "";
    bool good = read_text(statement, 0, &name) && read_text(statement, 1, &fingerprint) &&
                read_text(statement, 2, &state) && read_time(statement, 3, &row->first_seen) &&
                read_time(statement, 4, &row->last_seen) && read_text(statement, 5, &folded) && name_is_valid(name) &&
                trust_fingerprint_is_valid(fingerprint.data);

    if (good) {
        name_fold(fold, name);
        row->state = span_equal(state, SPAN("active")) ? NAME_ACTIVE : NAME_BLOCKED;
        good = span_equal(folded, span_of(fold)) && span_equal(state, span_of(name_state_word(row->state)));
    }
    if (!good) {
        diagnostic_set(why, "%s has a row that makes no sense, of \"%.*s\": mend or delete it with sqlite3", file->path,
                       (int)name.size, name.data);
        return REGISTRY_FILE_ERROR;
    }
    name_copy(row->name, name);
    memcpy(row->fingerprint, fingerprint.data, CSC_FINGERPRINT_SIZE);
    return 0;
}

int registry_file_each(struct registry_file *file, registry_file_visitor *each, void *context, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_ALL);
    struct registry_row row = {.name = ""};
    int result = 0;
    int step = 0;

    while (result == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        result = read_row(file, statement, &row, why);
        if (result == 0)
            result = each(context, &row, why);
    }
    if (result == 0 && step != SQLITE_DONE)
        result = failed(file, why);
    sqlite3_reset(statement);
    return result;
}

int registry_file_find(struct registry_file *file, struct span name, struct registry_row *row, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_FIND);
    char folded[NAME_SIZE] = "";
    int result = 0;
    int step = 0;

    name_fold(folded, name);
    bind(statement, 1, folded);
    step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        result = read_row(file, statement, row, why) == 0 ? 1 : REGISTRY_FILE_ERROR;
    else if (step != SQLITE_DONE)
        result = failed(file, why);
    sqlite3_reset(statement);
    return result;
}

/* ---- changes ------------------------------------------------------------------------------------------------------
 */

int registry_file_begin(struct registry_file *file, struct diagnostic *why) {
    if (check_place(file, why) != 0)
        return REGISTRY_FILE_ERROR;
    return run(file, take(file, STATEMENT_BEGIN), why) < 0 ? REGISTRY_FILE_ERROR : 0;
}

int registry_file_commit(struct registry_file *file, struct diagnostic *why) {
    if (run(file, take(file, STATEMENT_COMMIT), why) >= 0)
        return 0;
    registry_file_rollback(file);
    return REGISTRY_FILE_ERROR;
}

void registry_file_rollback(struct registry_file *file) {
    struct diagnostic ignored = {""};

    /* Some errors have undone the transaction already. */
    if (sqlite3_get_autocommit(file->database) == 0 && run(file, take(file, STATEMENT_ROLLBACK), &ignored) < 0)
        return;
}

int registry_file_claim(struct registry_file *file, struct registry_row *row, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_CLAIM);
    char folded[NAME_SIZE] = "";
    int changed = 0;

    name_fold(folded, span_of(row->name));
    bind(statement, 1, folded);
    bind(statement, 2, row->name);
    bind(statement, 3, row->fingerprint);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)row->last_seen);
    changed = run(file, statement, why);
    if (changed == 0)
        return registry_file_find(file, span_of(row->name), row, why) == 1 ? 0 : REGISTRY_FILE_ERROR;
    return changed < 0 ? changed : 0;
}

int registry_file_assign(struct registry_file *file, struct span name, const char *fingerprint,
                         struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_ASSIGN);
    char folded[NAME_SIZE] = "";
    char written[NAME_SIZE] = "";

    name_fold(folded, name);
    name_copy(written, name);
    bind(statement, 1, folded);
    bind(statement, 2, written);
    bind(statement, 3, fingerprint);
    return run(file, statement, why) < 0 ? REGISTRY_FILE_ERROR : 0;
}

int registry_file_seen(struct registry_file *file, const char *folded, uint64_t when, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_SEEN);

    bind(statement, 1, folded);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)when);
    return run(file, statement, why);
}

int registry_file_set_state(struct registry_file *file, struct span name, enum name_state state,
                            struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_SET_STATE);
    char folded[NAME_SIZE] = "";

    name_fold(folded, name);
    bind(statement, 1, folded);
    bind(statement, 2, name_state_word(state));
    return run(file, statement, why);
}

int registry_file_remove(struct registry_file *file, struct span name, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_REMOVE);
    char folded[NAME_SIZE] = "";

    name_fold(folded, name);
    bind(statement, 1, folded);
    return run(file, statement, why);
}
