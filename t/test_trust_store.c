/* trust_store: names and fingerprints in a file that people edit too. */
#include <config.h>

#include "src/common/trust_store.h"
#include "t/tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
    struct trust_entry entry = {"", 0};
    struct diagnostic why = {""};

    if (!IS_INT(trust_store_find(path, name, &entry, &why), result, "%s in the file", name))
        tap_diag("%s", why.text);
    IS_INT(entry.line, line, "its line");
    IS_STR(entry.fingerprint, fingerprint, "its fingerprint");
}

static void check_bad(const char *text, const char *name) {
    struct trust_entry entry = {"", 0};
    struct diagnostic why = {""};

    write_file(text);
    IS_INT(trust_store_find(path, "Adam", &entry, &why), -EBADMSG, "%s", name);
    OK(strstr(why.text, ":1 ") != NULL, "the line is named: %s", why.text);
    IS_INT(trust_store_add(path, "Adam", FINGERPRINT, &why), -EBADMSG, "nothing is added to it");
    check_file(text, "it stays as it is");
}

static void test_bad(void) {
    struct trust_entry entry = {"", 0};
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

int main(void) {
    struct diagnostic why = {""};
    struct stat status;

    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof(path), "%s/known", folder);
    snprintf(lock_path, sizeof(lock_path), "%s.lock", path);

    check_find("Adam", 0, 0, "");
    IS_INT(trust_store_add(path, "Adam", FINGERPRINT, &why), 0, "a first entry");
    check_file("Adam " FINGERPRINT "\n", "makes the file");
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
    check_file("# friends\n\n  Eve\t" OTHER_FINGERPRINT " from the meeting\r\n#Bob " FINGERPRINT "\neve " FINGERPRINT
               "\nBob " FINGERPRINT "\n",
               "all else is kept");
    test_bad();
    unlink(path);
    unlink(lock_path);
    OK(rmdir(folder) == 0, "no temporary file is left");
    return tap_done();
}
