/* trust_store: names and fingerprints in a file that people edit too. */
#include <config.h>

#include "src/common/trust_store.h"
#include "t/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FINGERPRINT       "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER_FINGERPRINT "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

static char folder[] = "/tmp/chatsecure-trust-XXXXXX";
static char path[64], lock_path[80];

static void write_file(const char *text) {
    FILE *file = fopen(path, "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

static void check_file(const char *want, const char *name) {
    char text[1024] = "";
    FILE *file = fopen(path, "r");

    if (file == NULL)
        abort();
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    IS_STR(text, want, "%s", name);
}

static void check_find(const char *name, int result, unsigned long line, const char *fingerprint) {
    struct trust_entry entry = {.line = 0};
    struct diagnostic why = {""};

    if (!IS_INT(trust_store_find(path, name, &entry, &why), result, "%s in the file", name))
        tap_diag("%s", why.text);
    IS_INT(entry.line, line, "its line");
    IS_STR(entry.fingerprint, fingerprint, "its fingerprint");
}

static void check_bad(const char *text, const char *name) {
    struct trust_entry entry = {.line = 0};
    struct diagnostic why = {""};

    write_file(text);
    IS_INT(trust_store_find(path, "Adam", &entry, &why), -EBADMSG, "%s", name);
    OK(strstr(why.text, ":1 ") != NULL, "the line is named: %s", why.text);
    IS_INT(trust_store_add(path, "Adam", FINGERPRINT, &why), -EBADMSG, "nothing is added to it");
    check_file(text, "it stays as it is");
}

static void test_bad(void) {
    struct trust_entry entry = {.line = 0};
    struct diagnostic why = {""};

    check_bad("Eve\n", "a name alone");
    check_bad("Eve SHA256:AAAA\n", "a short fingerprint");
    check_bad("Eve MD5:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", "another hash");
    check_bad("Eve SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n", "base64 that is not canonical");
    check_bad("Eve " FINGERPRINT "A\n", "a long fingerprint");
    if (unlink(path) != 0 || mkdir(path, 0700) != 0)
        abort();
    OK(trust_store_find(path, "Adam", &entry, &why) < 0, "a folder is no file: %s", why.text);
    rmdir(path);
}

/* ---- words behind the fingerprint */

static void check_words(const char *words, bool verified, const char *since) {
    struct trust_entry entry = {.line = 0};
    struct diagnostic why = {""};
    char text[256];

    snprintf(text, sizeof(text), "Eve " FINGERPRINT "%s\n", words);
    write_file(text);
    if (!IS_INT(trust_store_find(path, "Eve", &entry, &why), 1, "\"%s\" behind the fingerprint", words))
        return;
    OK(entry.verified == verified, "verified: %s", verified ? "yes" : "no");
    IS_STR(entry.since, since, "since");
    IS_STR(entry.name, "Eve", "the name as it is written");
}

static void test_words(void) {
    check_words("", false, "");
    check_words(" verified", true, "");
    check_words(" since=2026-03-01", false, "2026-03-01");
    check_words(" verified since=2026-03-01", true, "2026-03-01");
    check_words("\tsince=2026-03-01  verified\r", true, "2026-03-01");
    check_words(" since=2026-03-01 at the meeting, verified", false, "2026-03-01");
    check_words(" not verified", false, "");
    check_words(" Verified", false, "");
    check_words(" verified-by-phone", false, "");
    check_words(" since=yesterday verified", false, "");
    check_words(" since=2026-03-01Z", false, "");
}

/* ---- changes: TODAY stands for the date */

static char today[TRUST_DATE_SIZE];

static void take_today(void) {
    time_t seconds = time(NULL);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(today, sizeof(today), "%Y-%m-%d", &utc);
}

static void check_changed(const char *want, const char *name) {
    char text[1024] = "";
    size_t used = 0;

    for (const char *mark = strstr(want, "TODAY"); mark != NULL; mark = strstr(want, "TODAY")) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%.*s%s", (int)(mark - want), want, today);
        want = mark + strlen("TODAY");
    }
    snprintf(text + used, sizeof(text) - used, "%s", want);
    check_file(text, name);
}

static void test_set(void) {
    struct diagnostic why = {""};

    write_file("# friends\n  Eve\t" FINGERPRINT "  verified since=2020-01-01 from school\r\n#\nBob " FINGERPRINT "\n");
    IS_INT(trust_store_set(path, "eve", FINGERPRINT, &why), 0, "the key that is there");
    check_file("# friends\n  Eve\t" FINGERPRINT "  verified since=2020-01-01 from school\r\n#\nBob " FINGERPRINT "\n",
               "changes nothing");
    IS_INT(trust_store_set(path, "eve", OTHER_FINGERPRINT, &why), 1, "another key");
    check_changed("# friends\n  Eve\t" OTHER_FINGERPRINT " since=TODAY from school\r\n#\nBob " FINGERPRINT "\n",
                  "stands in its place, and is not verified");
    IS_INT(trust_store_set(path, "Ann", FINGERPRINT, &why), 1, "a new name");
    check_changed("# friends\n  Eve\t" OTHER_FINGERPRINT " since=TODAY from school\r\n#\nBob " FINGERPRINT
                  "\nAnn " FINGERPRINT " since=TODAY\n",
                  "comes last");
}

static void test_mark(void) {
    struct diagnostic why = {""};

    write_file("Eve " FINGERPRINT " since=2020-01-01 x verified\nBob " FINGERPRINT "\neve " FINGERPRINT);
    IS_INT(trust_store_mark_verified(path, "Eve", OTHER_FINGERPRINT, &why), 0, "another key is not marked");
    IS_INT(trust_store_mark_verified(path, "Ann", FINGERPRINT, &why), 0, "nor a name that is not there");
    check_file("Eve " FINGERPRINT " since=2020-01-01 x verified\nBob " FINGERPRINT "\neve " FINGERPRINT,
               "and nothing changes");
    IS_INT(trust_store_mark_verified(path, "Eve", FINGERPRINT, &why), 1, "the key that is there is");
    check_file("Eve " FINGERPRINT " verified since=2020-01-01 x verified\nBob " FINGERPRINT "\neve " FINGERPRINT,
               "where it counts");
    IS_INT(trust_store_mark_verified(path, "Eve", FINGERPRINT, &why), 1, "and once more");
    check_file("Eve " FINGERPRINT " verified since=2020-01-01 x verified\nBob " FINGERPRINT "\neve " FINGERPRINT,
               "without a second word");
}

static void test_remove(void) {
    struct diagnostic why = {""};

    write_file("# a\nEve " FINGERPRINT "\nBob " FINGERPRINT " x\r\nEVE " OTHER_FINGERPRINT "\n\n#Eve\n");
    IS_INT(trust_store_remove(path, "Ev", &why), 0, "a name that is not there");
    IS_INT(trust_store_remove(path, "eve", &why), 1, "one that is");
    check_file("# a\nBob " FINGERPRINT " x\r\n\n#Eve\n", "goes with all its lines, so that no older one counts then");
    write_file("Eve " FINGERPRINT "\nBob SHA256:cut\n eve SHA256:cut\n");
    IS_INT(trust_store_remove(path, "Eve", &why), 1, "and so it does");
    check_file("Bob SHA256:cut\n", "with those that cannot be read, which others keep");
}

static int gather(void *context, const struct trust_entry *entry) {
    char *out = context;
    size_t used = strlen(out);

    snprintf(out + used, 200 - used, "%s:%lu:%c ", entry->name, entry->line, entry->fingerprint[10]);
    return 0;
}

static int stop(void *context, const struct trust_entry *entry) {
    (void)entry;
    return ++*(int *)context == 2 ? 7 : 0;
}

static void test_list(void) {
    struct diagnostic why = {""};
    char out[200] = "";
    int count = 0;

    write_file("# a\nEve " FINGERPRINT "\nann " FINGERPRINT "\nEVE " OTHER_FINGERPRINT "\nEvelyn " OTHER_FINGERPRINT
               "\n");
    IS_INT(trust_store_list(path, gather, out, &why), 0, "the list");
    IS_STR(out, "ann:3:A Eve:2:A Evelyn:5:B ", "is in the order of the names, with the lines that count");
    IS_INT(trust_store_list(path, stop, &count, &why), 7, "can be ended");
    write_file("Eve " FINGERPRINT "\nbroken\n");
    out[0] = '\0';
    IS_INT(trust_store_list(path, gather, out, &why), -EBADMSG, "a damaged file has no list");
    IS_STR(out, "", "not even a part of one");
    OK(strstr(why.text, ":2 ") != NULL, "the line is named: %s", why.text);
}

static void test_nul(void) {
    static const char text[] = "Eve\0x " FINGERPRINT "\n";
    struct diagnostic why = {""};
    char out[200] = "";
    FILE *file = fopen(path, "w");

    if (file == NULL || fwrite(text, 1, sizeof(text) - 1, file) != sizeof(text) - 1 || fclose(file) != 0)
        abort();
    IS_INT(trust_store_list(path, gather, out, &why), -EBADMSG, "a name with a NUL is none");
    IS_STR(out, "", "and is not taken for what stands before it");
}

static void test_stamp(void) {
    struct trust_stamp stamp = {.size = 0};
    struct diagnostic why = {""};

    unlink(path);
    OK(!trust_store_has_changed(path, &stamp), "no file is as no file");
    write_file("Eve " FINGERPRINT "\n");
    OK(trust_store_has_changed(path, &stamp), "a file that is there now is news");
    OK(!trust_store_has_changed(path, &stamp), "once");
    IS_INT(trust_store_set(path, "Eve", OTHER_FINGERPRINT, &why), 1, "another key");
    OK(trust_store_has_changed(path, &stamp), "is news, too");
    unlink(path);
    OK(trust_store_has_changed(path, &stamp), "and so is its end");
}

/* ---- owner, links */

static void test_file(void) {
    struct diagnostic why = {""};
    struct stat status;
    char link_path[80];

    write_file("Eve " FINGERPRINT "\n");
    if (chmod(path, 0640) != 0 || (geteuid() == 0 && chown(path, 1, 2) != 0))
        abort();
    IS_INT(trust_store_set(path, "Eve", OTHER_FINGERPRINT, &why), 1, "a file with a mode and an owner of its own");
    OK(stat(path, &status) == 0 && (status.st_mode & 07777) == 0640, "keeps the mode");
    if (geteuid() == 0)
        OK(status.st_uid == 1 && status.st_gid == 2, "and the owner");
    snprintf(link_path, sizeof(link_path), "%s-link", path);
    if (symlink("known", link_path) != 0)
        abort();
    IS_INT(trust_store_set(link_path, "Ann", FINGERPRINT, &why), 1, "a change through a link");
    OK(lstat(link_path, &status) == 0 && S_ISLNK(status.st_mode), "leaves the link");
    check_changed("Eve " OTHER_FINGERPRINT " since=TODAY\nAnn " FINGERPRINT " since=TODAY\n", "and changes the file");
    snprintf(link_path, sizeof(link_path), "%s-link.lock", path);
    OK(access(link_path, F_OK) != 0, "whose lock is the one for all links");
    snprintf(link_path, sizeof(link_path), "%s-link", path);
    unlink(link_path);
}

/* ---- several processes, a full disk, a kill */

#define WRITERS 4
#define EACH    25

static int count_entry(void *context, const struct trust_entry *entry) {
    (void)entry;
    ++*(int *)context;
    return 0;
}

static int count_entries(void) {
    struct diagnostic why = {""};
    int count = 0;
    int error = trust_store_list(path, count_entry, &count, &why);

    return error == 0 ? count : error;
}

static int wait_for(pid_t pid) {
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static void test_writers(void) {
    struct diagnostic why = {""};
    pid_t pids[WRITERS];
    int failed = 0;

    unlink(path);
    fflush(stdout);
    for (int i = 0; i < WRITERS; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        for (int k = 0; k < EACH; k++) {
            char name[16];

            snprintf(name, sizeof(name), "w%d-%d", i, k);
            if (trust_store_add(path, name, FINGERPRINT, &why) != 0)
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < WRITERS; i++)
        failed += wait_for(pids[i]) != 0;
    IS_INT(failed, 0, "%d processes that write at once succeed", WRITERS);
    IS_INT(count_entries(), WRITERS * EACH, "and nothing is lost");
}

static void write_many(int count) {
    FILE *file = fopen(path, "w");

    for (int i = 0; file != NULL && i < count; i++)
        fprintf(file, "name-%d " FINGERPRINT "\n", i);
    if (file == NULL || fclose(file) != 0)
        abort();
}

static void test_full_disk(void) {
    pid_t pid;

    write_many(400);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        const struct sigaction ignore = {.sa_handler = SIG_IGN};
        struct rlimit limit = {8192, 8192};
        struct diagnostic why = {""};

        sigaction(SIGXFSZ, &ignore, NULL);
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(trust_store_add(path, "Eve", FINGERPRINT, &why) == -EFBIG && strstr(why.text, path) != NULL ? 0 : 1);
    }
    IS_INT(wait_for(pid), 0, "a disk that takes no more is an error");
    IS_INT(count_entries(), 400, "and the file is whole");
}

static void test_kill(void) {
    struct diagnostic why = {""};
    int broken = 0, rounds = 0;

    write_many(400);
    fflush(stdout);
    for (rounds = 0; rounds < 20; rounds++) {
        pid_t pid = fork();

        if (pid == 0) {
            for (int i = 0; trust_store_set(path, "name-7", i % 2 == 0 ? OTHER_FINGERPRINT : FINGERPRINT, &why) >= 0;)
                i++;
            _exit(1);
        }
        /* So many looks, each at another moment of the writer's work. */
        for (int i = 0; i < 10 + rounds; i++)
            broken += count_entries() != 400;
        kill(pid, SIGKILL);
        wait_for(pid);
        broken += count_entries() != 400;
    }
    IS_INT(broken, 0, "whoever reads while a writer is killed %d times finds all of the file", rounds);
    IS_INT(trust_store_add(path, "Eve", FINGERPRINT, &why), 0, "and the next writer goes on");
    IS_INT(count_entries(), 401, "with one entry more");
}

int main(void) {
    struct diagnostic why = {""};
    struct stat status;

    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof(path), "%s/known", folder);
    snprintf(lock_path, sizeof(lock_path), "%s.lock", path);

    take_today();
    check_find("Adam", 0, 0, "");
    IS_INT(trust_store_add(path, "Adam", FINGERPRINT, &why), 0, "a first entry");
    check_changed("Adam " FINGERPRINT " since=TODAY\n", "makes the file");
    OK(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600, "for nobody else to read");
    check_find("Adam", 1, 1, FINGERPRINT);
    check_find("aDAM", 1, 1, FINGERPRINT);
    check_find("Ada", 0, 0, "");
    IS_INT(trust_store_add(path, "adam", OTHER_FINGERPRINT, &why), -EEXIST, "a name that is there");
    check_find("Adam", 1, 1, FINGERPRINT);

    write_file("# friends\n\n  Eve\t" OTHER_FINGERPRINT " from the meeting\r\n#Bob " FINGERPRINT "\neve " FINGERPRINT);
    check_find("Eve", 1, 3, OTHER_FINGERPRINT);
    check_find("Bob", 0, 0, "");
    IS_INT(trust_store_add(path, "Bob", FINGERPRINT, &why), 0, "an entry more");
    check_changed("# friends\n\n  Eve\t" OTHER_FINGERPRINT " from the meeting\r\n#Bob " FINGERPRINT "\neve " FINGERPRINT
                  "\nBob " FINGERPRINT " since=TODAY\n",
                  "all else is kept");
    test_bad();
    test_words();
    test_set();
    test_mark();
    test_remove();
    test_list();
    test_nul();
    test_stamp();
    test_file();
    test_writers();
    test_full_disk();
    test_kill();
    unlink(path);
    unlink(lock_path);
    OK(rmdir(folder) == 0, "no temporary file is left");
    return tap_done();
}
