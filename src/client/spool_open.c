#include <config.h>

#include "src/client/sealed_key.h"
#include "src/client/spool_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the database's header: "ChSs", and the version of its tables. */
#define APPLICATION    0x43685373
#define TABLES_VERSION 1

/* How long another program may look at the database. */
#define BUSY_MS 5000

/* The write-ahead log is cut back to this when it has been emptied into the database. */
#define WAL_BYTES_MAX (4 * 1024 * 1024)

/* A line with its longest text, twice: what it says, and as it was read; and what encrypting adds. */
#define SEALED_MAX (256 * 1024)

static const char tables[] =
    "CREATE TABLE lines ("
    " number INTEGER PRIMARY KEY,"
    " time INTEGER NOT NULL,"
    " expires INTEGER NOT NULL," /* Unix milliseconds, as the time; 0: never */
    " sign INTEGER NOT NULL,"
    " total INTEGER NOT NULL, need INTEGER NOT NULL, have INTEGER NOT NULL, worst INTEGER NOT NULL,"
    " id TEXT,"               /* the caller's own */
    " sealed BLOB NOT NULL);" /* what it says, encrypted */
    "CREATE TABLE recipients ("
    " folded TEXT NOT NULL, line INTEGER NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL,"
    " PRIMARY KEY (folded, line)) WITHOUT ROWID;"
    "CREATE INDEX recipients_line ON recipients (line);"
    "CREATE TABLE ids (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, result INTEGER);"
    "CREATE TABLE taken ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL, number INTEGER NOT NULL,"
    " skipping INTEGER NOT NULL);"
    "INSERT INTO taken VALUES (1, 0, 0, 0);";

/* Of a line: nobody is pending for it. */
#define LOST "number NOT IN (SELECT line FROM recipients)"

static const char totals_text[] = "SELECT ifnull(sum(NOT lost), 0), ifnull(sum(size * NOT lost), 0), ifnull(sum(lost), "
                                  "0), ifnull(sum(size * lost), 0)"
                                  " FROM (SELECT length(sealed) AS size, " LOST " AS lost FROM lines)";
static const char next_text[] =
    "SELECT r.line, r.name, r.key, r.id, l.time, l.expires, l.sign, l.sealed FROM recipients r"
    " JOIN lines l ON l.number = r.line WHERE r.folded = ?1 AND r.line > ?2 ORDER BY r.line LIMIT 1";
static const char outcome_text[] =
    "SELECT total, need, have, worst, length(sealed), id, (SELECT count(*) FROM recipients WHERE line = ?1)"
    " FROM lines WHERE number = ?1";
static const char each_text[] =
    "SELECT r.line, r.name, l.total, l.need, l.have, l.worst FROM recipients r JOIN lines l ON l.number = r.line"
    " ORDER BY r.line, r.folded";
static const char each_lost_text[] = "SELECT number, worst, sealed FROM lines WHERE " LOST " ORDER BY number";
static const char forget_lost_text[] = "DELETE FROM lines WHERE " LOST;

static const char *const texts[SPOOL_STATEMENTS] = {
    [SPOOL_BEGIN] = "BEGIN IMMEDIATE",
    [SPOOL_COMMIT] = "COMMIT",
    [SPOOL_TOTALS] = totals_text,
    [SPOOL_GET_TAKEN] = "SELECT position, number, skipping FROM taken",
    [SPOOL_SET_TAKEN] = "UPDATE taken SET position = ?1, number = ?2, skipping = ?3",
    [SPOOL_PUT_LINE] = "INSERT INTO lines VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SPOOL_PUT_RECIPIENT] = "INSERT INTO recipients VALUES (?1, ?2, ?3, ?4, ?5)",
    [SPOOL_NEXT] = next_text,
    [SPOOL_TEXT] = "SELECT sealed FROM lines WHERE number = ?1",
    [SPOOL_SET_KEY] = "UPDATE recipients SET key = ?3 WHERE folded = ?1 AND line = ?2",
    [SPOOL_SETTLE] = "DELETE FROM recipients WHERE folded = ?1 AND line = ?2",
    [SPOOL_COUNT_RESULT] = "UPDATE lines SET have = have + ?2, worst = ?3 WHERE number = ?1",
    [SPOOL_OUTCOME] = outcome_text,
    [SPOOL_DELETE] = "DELETE FROM lines WHERE number = ?1",
    [SPOOL_EACH] = each_text,
    [SPOOL_EACH_LOST] = each_lost_text,
    [SPOOL_FORGET_LOST] = forget_lost_text,
    [SPOOL_FIND_ID] = "SELECT result FROM ids WHERE id = ?1",
    [SPOOL_PUT_ID] = "INSERT INTO ids (id) VALUES (?1)",
    [SPOOL_TRIM_IDS] = "DELETE FROM ids WHERE place <= (SELECT max(place) FROM ids) - ?1 AND result IS NOT NULL",
    [SPOOL_SETTLE_ID] = "UPDATE ids SET result = ?2 WHERE id = ?1",
};

/* ---- what went wrong --------------------------------------------------------------------------------------------- */

int spool_failed(const struct spool *spool, struct diagnostic *why) {
    const int code = spool->database ? sqlite3_errcode(spool->database) & 0xff : SQLITE_NOMEM;
    const int system = spool->database ? sqlite3_system_errno(spool->database) : 0;

    switch (code) {
    case SQLITE_FULL:
        diagnostic_set(why, "cannot write to the spool %s: no room on the disk; nothing of it is lost", spool->path);
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        diagnostic_set(why,
                       "the spool %s is damaged, and was left as it is: mend it with sqlite3's .recover, or move it "
                       "away",
                       spool->path);
        break;
    default:
        diagnostic_set(why, "cannot use the spool %s: %s%s%s", spool->path,
                       spool->database ? sqlite3_errmsg(spool->database) : "out of memory", system != 0 ? ": " : "",
                       system != 0 ? diagnostic_errno(system) : "");
        break;
    }
    return SPOOL_ERROR;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static int execute(struct spool *spool, const char *text, struct diagnostic *why) {
    return sqlite3_exec(spool->database, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : spool_failed(spool, why);
}

static int ask_number(struct spool *spool, const char *text, sqlite3_int64 *number, struct diagnostic *why) {
    sqlite3_stmt *statement = NULL;
    int error = 0;

    if (sqlite3_prepare_v2(spool->database, text, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        error = spool_failed(spool, why);
    else
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return error;
}

/* Makes the file if it is missing, and refuses one that is not this user's alone. */
static int check_file(const char *path, struct diagnostic *why) {
    struct stat status = {0};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

    if (fd < 0 || fstat(fd, &status) != 0) {
        diagnostic_set(why, "cannot use the spool %s: %s", path, diagnostic_errno(errno));
        if (fd >= 0)
            close(fd);
        return SPOOL_ERROR;
    }
    close(fd);
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid())
        diagnostic_set(why, "the spool %s is not a file of this user's: move it away", path);
    else if ((status.st_mode & 077) != 0)
        diagnostic_set(why, "others may read or write the spool %s: chmod 600 %s", path, path);
    else
        return 0;
    return SPOOL_ERROR;
}

/* Makes the tables where there are none.  What is another program's, or of a newer version, is left as it is. */
static int set_up(struct spool *spool, struct diagnostic *why) {
    sqlite3_int64 application = 0, version = 0, count = 0;
    char pragmas[192];
    int error = ask_number(spool, "PRAGMA application_id", &application, why);

    if (error == 0)
        error = ask_number(spool, "PRAGMA user_version", &version, why);
    if (error == 0)
        error = ask_number(spool, "SELECT count(*) FROM sqlite_master", &count, why);
    if (error != 0)
        return error;
    if (application != APPLICATION && (application != 0 || count != 0)) {
        diagnostic_set(why, "%s is another program's database, and was left as it is: give --spool another folder",
                       spool->path);
        return SPOOL_ERROR;
    }
    if (application == APPLICATION && version != TABLES_VERSION) {
        diagnostic_set(why, "the spool %s is of a newer version of chatsecure, and was left as it is: use that",
                       spool->path);
        return SPOOL_ERROR;
    }
    /* Nobody else has it open, so its index needs no file of its own. */
    snprintf(pragmas, sizeof(pragmas),
             "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
             " PRAGMA journal_size_limit = %d",
             WAL_BYTES_MAX);
    error = execute(spool, pragmas, why);
    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", APPLICATION,
             TABLES_VERSION);
    if (error == 0 && application == 0)
        error = execute(spool, "BEGIN IMMEDIATE", why);
    if (error == 0 && application == 0)
        error = execute(spool, tables, why);
    if (error == 0 && application == 0)
        error = execute(spool, pragmas, why);
    return error;
}

/* What is there already. */
static int count(struct spool *spool, struct diagnostic *why) {
    sqlite3_stmt *statement = spool->statements[SPOOL_TOTALS];

    if (sqlite3_step(statement) != SQLITE_ROW)
        return spool_failed(spool, why);
    spool->count = (size_t)sqlite3_column_int64(statement, 0);
    spool->bytes = (uint64_t)sqlite3_column_int64(statement, 1);
    spool->lost = (size_t)sqlite3_column_int64(statement, 2);
    spool->lost_bytes = (uint64_t)sqlite3_column_int64(statement, 3);
    sqlite3_reset(statement);
    return 0;
}

static int open_database(struct spool *spool, struct diagnostic *why) {
    int error = check_file(spool->path, why);

    if (error == 0 &&
        sqlite3_open_v2(spool->path, &spool->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        error = spool_failed(spool, why);
    if (error != 0)
        return error;
    sqlite3_busy_timeout(spool->database, BUSY_MS);
    error = set_up(spool, why);
    for (int i = 0; error == 0 && i < SPOOL_STATEMENTS; i++)
        if (sqlite3_prepare_v2(spool->database, texts[i], -1, &spool->statements[i], NULL) != SQLITE_OK)
            error = spool_failed(spool, why);
    return error == 0 ? count(spool, why) : error;
}

int spool_open(struct spool **spool, const char *dir, const struct identity *identity, struct diagnostic *why) {
    struct spool *made = calloc(1, sizeof(*made));
    char key_path[STATE_PATH_SIZE];
    int error;

    if (!made) {
        diagnostic_set(why, "%s", diagnostic_errno(ENOMEM));
        return SPOOL_ERROR;
    }
    made->sealed = made->plain = BUFFER_INIT(SEALED_MAX);
    error = state_dir_path(made->path, dir, "spool.db", why);
    if (error == 0)
        error = state_dir_path(key_path, dir, "spool.key", why);
    if (error == 0)
        error = open_database(made, why);
    if (error == 0)
        error = sealed_key_load(&made->key, "chatsecure/1 spool", key_path, spool_is_empty(made), identity, why);
    if (error != 0) {
        spool_close(made);
        return SPOOL_ERROR;
    }
    *spool = made;
    return 0;
}

void spool_close(struct spool *spool) {
    if (!spool)
        return;
    for (int i = 0; i < SPOOL_STATEMENTS; i++)
        sqlite3_finalize(spool->statements[i]);
    sqlite3_close(spool->database);
    csc_symkey_free(spool->key);
    buffer_free(&spool->sealed);
    buffer_free(&spool->plain);
    free(spool);
}
