/* src/server/registry.c, registry_writer.c, registry_file.c and name_table.c */
#include <config.h>

#include "proto/error.h"
#include "src/common/clock.h"
#include "src/server/registry.h"
#include "src/server/registry_file.h"
#include "t/tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/chatsecure-t-XXXXXX";

/* A file in the folder. */
static const char *path(const char *name) {
    static char text[64];

    snprintf(text, sizeof(text), "%s/%s", folder, name);
    return text;
}

/* A fingerprint that has NUMBER in it. */
static const char *fingerprint(unsigned number) {
    static _Thread_local char text[CSC_FINGERPRINT_SIZE];

    snprintf(text, sizeof(text), "SHA256:%041uAA", number);
    return text;
}

static void remove_database(const char *name) {
    char file[96] = "";
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        snprintf(file, sizeof(file), "%s/%s%s", folder, name, suffixes[i]);
        unlink(file);
    }
}

/* Runs SQL on the database called NAME, as another program would. */
static void sql(const char *name, const char *text) {
    sqlite3 *database = NULL;

    if (sqlite3_open(path(name), &database) != SQLITE_OK || sqlite3_exec(database, text, NULL, NULL, NULL) != SQLITE_OK)
        OK(false, "%s: %s", text, sqlite3_errmsg(database));
    sqlite3_close(database);
}

static struct registry *open_registry(const char *name) {
    struct registry *registry = NULL;
    struct diagnostic why = {""};

    if (registry_open(&registry, path(name), &why) != 0) {
        OK(false, "%s opens: %s", name, why.text);
        exit(tap_done());
    }
    return registry;
}

static void close_registry(struct registry *registry) {
    OK(registry_stop(registry, clock_monotonic_ms() + 60000), "the writer ends");
    registry_free(registry);
}

static struct registry_row find(const char *name, const char *user) {
    struct registry_file *file = NULL;
    struct registry_row row = {.name = ""};
    struct diagnostic why = {""};

    if (registry_file_open(&file, path(name), REGISTRY_FILE_EXISTING, &why) != 0 ||
        registry_file_find(file, span_of(user), &row, &why) < 0)
        OK(false, "%s of %s: %s", user, name, why.text);
    registry_file_close(file);
    return row;
}

/* ---- names ---------------------------------------------------------------------------------- */

static void test_table(void) {
    struct name_table *table = NULL;
    char name[NAME_SIZE] = "";
    size_t added = 0;

    if (!OK(name_table_new(&table) == 0, "a table"))
        return;
    for (; added < NAME_TABLE_MAX; added++) {
        snprintf(name, sizeof(name), "u%zu", added);
        if (name_table_add(table, name, fingerprint((unsigned)added), NAME_ACTIVE) == NULL)
            break;
    }
    IS_INT(added, NAME_TABLE_MAX, "there is room for %d names", NAME_TABLE_MAX);
    OK(name_table_add(table, "more", fingerprint(0), NAME_ACTIVE) == NULL, "and for no more");
    IS_STR(name_table_find(table, "u12345")->fingerprint, fingerprint(12345), "each has its key");
    OK(name_table_find(table, "more") == NULL, "what is not there is not found");
    name_table_remove(table, "u12345");
    name_table_remove(table, "u12345");
    OK(name_table_find(table, "u12345") == NULL, "nor is what was removed");
    IS_INT(name_table_count(table), NAME_TABLE_MAX - 1, "which makes room");
    OK(name_table_add(table, "more", fingerprint(7), NAME_BLOCKED) != NULL, "for another");
    name_table_free(table);
}

static void test_claims(void) {
    struct registry *registry = open_registry("claims.db");
    struct registry_row row = {.name = ""};
    struct stat status = {0};
    const uint64_t begin = clock_wall_ms() / 1000;

    IS_INT(registry_look(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_FREE, "a name is free");
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "is claimed");
    IS_INT(registry_look(registry, SPAN("aDAM"), fingerprint(1)), REGISTRY_OWN, "and owned, whatever its case");
    IS_INT(registry_claim(registry, SPAN("ADAM"), fingerprint(2)), REGISTRY_OTHER, "by one key");
    IS_INT(registry_look(registry, SPAN("ADAM"), fingerprint(2)), REGISTRY_OTHER, "only");
    row = find("claims.db", "ADAM");
    IS_STR(row.name, "Adam", "it is in the file at once, as it was written");
    IS_STR(row.fingerprint, fingerprint(1), "with its key");
    OK(row.first_seen >= begin && row.first_seen == row.last_seen, "and the time");
    OK(stat(path("claims.db"), &status) == 0 && (status.st_mode & 0777) == 0600, "which others cannot read");
    OK(stat(path("claims.db-wal"), &status) == 0 && (status.st_mode & 0777) == 0600, "nor its log");
    close_registry(registry);

    sql("claims.db", "UPDATE users SET first_seen = 1000, last_seen = 2000");
    registry = open_registry("claims.db");
    IS_INT(registry_look(registry, SPAN("adam"), fingerprint(1)), REGISTRY_OWN, "the next run has it");
    IS_INT(registry_claim(registry, SPAN("adam"), fingerprint(2)), REGISTRY_OTHER, "and gives it to nobody else");
    IS_INT(registry_claim(registry, SPAN("adam"), fingerprint(1)), REGISTRY_OWN, "its owner comes back");
    IS_INT(find("claims.db", "adam").last_seen, 2000, "which is not written at once");
    registry_seen(registry, SPAN("adam"), fingerprint(2));
    close_registry(registry);
    row = find("claims.db", "adam");
    IS_INT(row.first_seen, 1000, "but at the end");
    OK(row.last_seen >= begin, "as the time when it was last seen");
    IS_STR(row.name, "Adam", "and the name stays as it was");
}

static void test_flush(void) {
    enum { COUNT = 2500 };
    struct registry *registry = NULL;
    struct diagnostic why = {""};
    char text[256] = "";
    char name[NAME_SIZE] = "";
    int flushed = 0;

    close_registry(open_registry("flush.db"));
    snprintf(text, sizeof(text),
             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO users "
             "SELECT 'u' || i, 'U' || i, '%s', 'active', 5, 6 FROM n",
             COUNT - 1, fingerprint(3));
    sql("flush.db", text);
    registry = open_registry("flush.db");
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof(name), "u%d", i);
        registry_seen(registry, span_of(name), fingerprint(3));
    }
    IS_INT(registry_flush(registry, &why), 0, "last-seen times of %d names are written", COUNT);
    for (int i = 0; i < COUNT; i += 499) {
        snprintf(name, sizeof(name), "u%d", i);
        flushed += find("flush.db", name).last_seen > 6;
    }
    IS_INT(flushed, 6, "all of them");
    IS_INT(registry_flush(registry, &why), 0, "with nothing to write that is no error");
    close_registry(registry);
}

/* ---- many at once --------------------------------------------------------------------------- */

struct racer {
    struct registry *registry;
    unsigned key;
    int won;
};

static void *race(void *argument) {
    struct racer *racer = argument;
    char name[NAME_SIZE] = "";

    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "prize%d", i);
        if (registry_claim(racer->registry, span_of(name), fingerprint(racer->key)) == REGISTRY_OWN)
            racer->won |= 1 << i;
    }
    return NULL;
}

static void test_race(void) {
    enum { COUNT = 16 };
    struct registry *registry = open_registry("race.db");
    struct racer racers[COUNT];
    pthread_t threads[COUNT];
    int all = 0;
    bool once = true, kept = true;
    char name[NAME_SIZE] = "";

    for (unsigned i = 0; i < COUNT; i++) {
        racers[i] = (struct racer){registry, i, 0};
        if (pthread_create(&threads[i], NULL, race, &racers[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < COUNT; i++) {
        pthread_join(threads[i], NULL);
        once = once && (all & racers[i].won) == 0;
        all |= racers[i].won;
    }
    OK(once, "no name goes to two keys that race for it");
    IS_INT(all, (1 << 20) - 1, "and each to one");
    close_registry(registry);
    for (unsigned i = 0; i < COUNT; i++) {
        for (int prize = 0; prize < 20; prize++) {
            snprintf(name, sizeof(name), "prize%d", prize);
            if ((racers[i].won & 1 << prize) != 0)
                kept = kept && strcmp(find("race.db", name).fingerprint, fingerprint(i)) == 0;
        }
    }
    OK(kept, "which is the one that the file has");
}

/* ---- who may come --------------------------------------------------------------------------- */

static void test_policy(void) {
    struct registry *registry = open_registry("policy.db");
    struct name_table *allowed = NULL;

    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "open: anybody may come");
    IS_INT(registry_claim(registry, SPAN("Eve"), fingerprint(2)), REGISTRY_OWN, "and another");
    registry_set_policy(registry, REGISTRY_CLOSED, NULL);
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "closed: who is there may");
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(2)), REGISTRY_OTHER, "with its own key");
    IS_INT(registry_claim(registry, SPAN("New"), fingerprint(3)), REGISTRY_DENIED, "nobody new may");
    if (name_table_new(&allowed) != 0 || name_table_add(allowed, "adam", fingerprint(1), NAME_ACTIVE) == NULL ||
        name_table_add(allowed, "eve", fingerprint(9), NAME_ACTIVE) == NULL ||
        name_table_add(allowed, "new", fingerprint(3), NAME_ACTIVE) == NULL)
        abort();
    registry_set_policy(registry, REGISTRY_ALLOW, allowed);
    IS_INT(registry_look(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "allow: who is in the list may");
    IS_INT(registry_look(registry, SPAN("Eve"), fingerprint(2)), REGISTRY_OTHER, "not with another key than there");
    IS_INT(registry_look(registry, SPAN("Eve"), fingerprint(9)), REGISTRY_OTHER, "nor than is registered");
    IS_INT(registry_claim(registry, SPAN("new"), fingerprint(4)), REGISTRY_OTHER, "nor may a new one");
    IS_INT(registry_claim(registry, SPAN("new"), fingerprint(3)), REGISTRY_OWN, "but with the key in the list");
    IS_INT(registry_claim(registry, SPAN("Other"), fingerprint(1)), REGISTRY_DENIED, "who is not in it may not");
    registry_set_policy(registry, REGISTRY_OPEN, NULL);
    IS_INT(registry_claim(registry, SPAN("Other"), fingerprint(1)), REGISTRY_OWN, "open again: anybody");
    close_registry(registry);
}

static void test_changes(void) {
    struct registry *registry = open_registry("changes.db");
    struct registry_file *file = NULL;
    struct registry_row row = {.name = ""};
    struct diagnostic why = {""};

    if (!OK(registry_file_open(&file, path("changes.db"), REGISTRY_FILE_EXISTING, &why) == 0,
            "another process opens the file"))
        return;
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "Adam comes");
    IS_INT(registry_file_set_state(file, SPAN("ADAM"), NAME_BLOCKED, &why), 1, "he is blocked there");
    IS_INT(registry_look(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "which the server learns");
    IS_INT(registry_refresh(registry, SPAN("Adam"), &why), 0, "when it is told");
    IS_INT(registry_look(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_DENIED, "and not before");
    IS_INT(registry_look(registry, SPAN("Adam"), fingerprint(2)), REGISTRY_DENIED, "a blocked name is nobody's");
    IS_INT(registry_file_assign(file, SPAN("ADAM"), fingerprint(1), &why), 0, "he is added again");
    row = find("changes.db", "Adam");
    OK(row.state == NAME_ACTIVE && row.first_seen > 0, "and active, with his times");
    IS_STR(row.name, "Adam", "as he wrote himself");
    IS_INT(registry_file_assign(file, SPAN("ADAM"), fingerprint(2), &why), 0, "his name goes to another key");
    row = find("changes.db", "Adam");
    OK(row.first_seen == 0 && row.last_seen == 0 && strcmp(row.name, "ADAM") == 0, "which was never seen");
    IS_INT(registry_refresh(registry, SPAN("adam"), &why), 0, "the server is told");
    IS_INT(registry_look(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OTHER, "the old key is refused");
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(2)), REGISTRY_OWN, "and the new one let in");
    IS_INT(registry_file_remove(file, SPAN("adam"), &why), 1, "the name is removed");
    IS_INT(registry_file_remove(file, SPAN("adam"), &why), 0, "once");
    IS_INT(registry_file_set_state(file, SPAN("adam"), NAME_BLOCKED, &why), 0, "who is not there cannot be blocked");
    IS_INT(registry_refresh(registry, SPAN("adam"), &why), 0, "the server is told");
    IS_INT(registry_look(registry, SPAN("Adam"), fingerprint(3)), REGISTRY_FREE, "and the name is free");

    /* What is claimed there first is not claimed here, though nobody has told the server. */
    IS_INT(registry_file_assign(file, SPAN("Eve"), fingerprint(4), &why), 0, "a name is added behind its back");
    IS_INT(registry_claim(registry, SPAN("Eve"), fingerprint(5)), REGISTRY_OTHER, "the file has the last word");
    IS_INT(registry_claim(registry, SPAN("Eve"), fingerprint(4)), REGISTRY_OWN, "also for its owner");
    IS_INT(registry_file_set_state(file, SPAN("Eve"), NAME_BLOCKED, &why), 1, "more is changed");
    IS_INT(registry_file_assign(file, SPAN("Mallory"), fingerprint(6), &why), 0, "and more");
    IS_INT(registry_reload(registry, &why), 0, "the server reads all of it again");
    IS_INT(registry_look(registry, SPAN("Eve"), fingerprint(4)), REGISTRY_DENIED, "what was blocked is blocked");
    IS_INT(registry_look(registry, SPAN("Mallory"), fingerprint(6)), REGISTRY_OWN, "what was added is there");
    registry_file_close(file);
    close_registry(registry);
}

/* ---- files that are none -------------------------------------------------------------------- */

static void read_file(const char *name, char *out, size_t size, size_t *length) {
    int fd = open(path(name), O_RDONLY);
    ssize_t got = fd >= 0 ? read(fd, out, size) : -1;

    *length = got > 0 ? (size_t)got : 0;
    close(fd);
}

static void write_file(const char *name, const char *data, size_t size) {
    int fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    close(fd);
}

/* The file called NAME is refused with a reason that has PART in it, and not touched. */
static void refuses(const char *name, const char *part) {
    static char before[65536], after[65536];
    struct registry *registry = NULL;
    struct diagnostic why = {""};
    size_t before_size = 0, after_size = 0;

    read_file(name, before, sizeof(before), &before_size);
    OK(registry_open(&registry, path(name), &why) != 0, "%s is refused", name);
    if (!OK(strstr(why.text, part) != NULL, "and it is said why"))
        tap_diag("%s", why.text);
    read_file(name, after, sizeof(after), &after_size);
    IS_INT(after_size, before_size, "it has its size");
    IS_MEM(after, before, before_size < after_size ? before_size : after_size, "and its content");
    remove_database(name);
}

static void test_strange(void) {
    static char data[65536];
    char text[160] = "";
    size_t size = 0;

    write_file("text.db", "Adam SHA256:\n", 13);
    refuses("text.db", "is not a registry");
    memset(data, 'x', 8192);
    write_file("garbage.db", data, 8192);
    refuses("garbage.db", "move it away");
    sql("other.db", "CREATE TABLE users (folded TEXT)");
    refuses("other.db", "another program's");
    sql("id.db", "PRAGMA application_id = 252006674");
    refuses("id.db", "another program's");
    snprintf(text, sizeof(text), "PRAGMA application_id = %d; PRAGMA user_version = %d", REGISTRY_FILE_APPLICATION,
             REGISTRY_FILE_VERSION + 1);
    sql("newer.db", text);
    refuses("newer.db", "newer version");
    if (mkdir(path("folder.db"), 0700) == 0)
        refuses("folder.db", "is not a file");
    rmdir(path("folder.db"));

    close_registry(open_registry("damaged.db"));
    snprintf(text, sizeof(text), "INSERT INTO users VALUES ('adam', 'Adam', '%s', 'active', 1, 1)", fingerprint(1));
    sql("damaged.db", text);
    read_file("damaged.db", data, sizeof(data), &size);
    if (OK(size >= 8192, "a registry has two pages")) {
        memset(data + 4096, 0xa5, 4096);
        write_file("damaged.db", data, size);
    }
    refuses("damaged.db", "is damaged");
}

/* Rows that other programs may have written. */
static void test_rows(void) {
    static const char *const changes[] = {
        "name = 'no name'",    "folded = 'eve'",     "fingerprint = 'SHA256:x'", "first_seen = -1",
        "last_seen = 'never'", "name = x'4164616d'", "name = 'Adam' || char(0)", "name = 'adam' || char(10)",
        "fingerprint = 17",    "name = ''",
    };
    struct registry *registry = NULL;
    struct diagnostic why = {""};
    char text[200] = "";

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        close_registry(open_registry("rows.db"));
        snprintf(text, sizeof(text),
                 "INSERT INTO users VALUES ('adam', 'Adam', '%s', 'active', 1, 1);"
                 " UPDATE users SET %s",
                 fingerprint(1), changes[i]);
        sql("rows.db", text);
        OK(registry_open(&registry, path("rows.db"), &why) != 0, "a row with %s is refused", changes[i]);
        OK(strstr(why.text, "makes no sense") != NULL, "and named");
        remove_database("rows.db");
    }
}

static void test_migration(void) {
    struct registry *registry = NULL;
    struct diagnostic why = {""};
    char text[96] = "";

    write_file("empty.db", "", 0);
    registry = open_registry("empty.db");
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "an empty file becomes a registry");
    close_registry(registry);
    /* A step that fails leaves nothing of it behind. */
    snprintf(text, sizeof(text), "PRAGMA application_id = %d; CREATE TABLE users (x)", REGISTRY_FILE_APPLICATION);
    sql("half.db", text);
    OK(registry_open(&registry, path("half.db"), &why) != 0, "tables in the way are not overwritten");
    sql("half.db", "DROP TABLE users");
    close_registry(open_registry("half.db"));
}

/* ---- disks ---------------------------------------------------------------------------------- */

/* No file of this process may grow beyond SIZE. */
static void limit_files(rlim_t size) {
    struct rlimit limit = {0};

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void test_full(void) {
    struct registry *registry = open_registry("full.db");
    struct diagnostic why = {""};
    struct stat status = {0};

    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "a name while there is room");
    sql("full.db", "UPDATE users SET last_seen = 5");
    stat(path("full.db-wal"), &status);
    limit_files((rlim_t)status.st_size);
    IS_INT(registry_claim(registry, SPAN("Eve"), fingerprint(2)), REGISTRY_FULL, "no new name on a full disk");
    IS_INT(registry_claim(registry, SPAN("Eve"), fingerprint(2)), REGISTRY_FULL, "nor the second time");
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "those that are known go on");
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(2)), REGISTRY_OTHER, "and stay theirs");
    OK(registry_flush(registry, &why) != 0, "nor can times be written");
    limit_files(RLIM_INFINITY);
    IS_INT(registry_claim(registry, SPAN("Eve"), fingerprint(3)), REGISTRY_OWN, "when there is room again it goes on");
    IS_INT(registry_flush(registry, &why), 0, "and the times are written then");
    close_registry(registry);
    IS_STR(find("full.db", "eve").fingerprint, fingerprint(3), "nothing of what failed is in the file");
}

/* The file is gone and its log is not. */
static void test_log_alone(void) {
    struct registry *registry = open_registry("log.db");
    struct diagnostic why = {""};
    struct stat before = {0}, after = {0};
    char copy[64] = "";
    static char data[65536];
    size_t size = 0;

    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "a name, in the log only");
    read_file("log.db-wal", data, sizeof(data), &size);
    close_registry(registry);
    snprintf(copy, sizeof(copy), "%s", path("copy.db"));
    rename(path("log.db"), copy);
    write_file("log.db-wal", data, size);
    stat(path("log.db-wal"), &before);
    OK(registry_open(&registry, path("log.db"), &why) != 0, "a log without its file is refused");
    OK(strstr(why.text, "put back") != NULL, "and it is said why");
    OK(access(path("log.db"), F_OK) != 0, "no file is made");
    write_file("log.db", "", 0);
    OK(registry_open(&registry, path("log.db"), &why) != 0, "nor is an empty one taken");
    OK(stat(path("log.db-wal"), &after) == 0 && after.st_size == before.st_size, "and the log is as it was");
    rename(copy, path("log.db"));
    registry = open_registry("log.db");
    IS_INT(registry_look(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "with its file back all is there");
    close_registry(registry);
}

static void test_lost(void) {
    struct registry *registry = open_registry("lost.db");
    struct diagnostic why = {""};
    char away[64] = "";

    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "a name");
    snprintf(away, sizeof(away), "%s", path("away.db"));
    rename(path("lost.db"), away);
    IS_INT(registry_claim(registry, SPAN("Eve"), fingerprint(2)), REGISTRY_FULL, "no new name when the file has gone");
    OK(registry_flush(registry, &why) == 0 || strstr(why.text, "moved or deleted") != NULL, "which is said");
    IS_INT(registry_claim(registry, SPAN("Adam"), fingerprint(1)), REGISTRY_OWN, "those that are known go on");
    OK(access(path("lost.db"), F_OK) != 0, "and no other file is made in its place");
    rename(away, path("lost.db"));
    IS_INT(registry_claim(registry, SPAN("Eve"), fingerprint(2)), REGISTRY_OWN, "when it is back so is all else");
    close_registry(registry);
}

int main(void) {
    static const char *const files[] = {"claims.db", "flush.db", "race.db", "policy.db", "changes.db", "empty.db",
                                        "half.db",   "full.db",  "lost.db", "log.db",    "away.db"};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGXFSZ, &ignore, NULL);
    if (mkdtemp(folder) == NULL)
        return 1;
    test_table();
    test_claims();
    test_flush();
    test_race();
    test_policy();
    test_changes();
    test_strange();
    test_rows();
    test_migration();
    test_full();
    test_lost();
    test_log_alone();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        remove_database(files[i]);
    OK(rmdir(folder) == 0, "nothing is left behind");
    return tap_done();
}
