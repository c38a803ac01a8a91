/* crypto/rsa_file.c: saving so that the file is whole, private and alone, and loading what is a file. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Everything happens in a folder of the test's own, which is the working directory. */
static csc_private_key *adam, *eve;

static unsigned files_here(void) {
    DIR *folder = opendir(".");
    unsigned count = 0;

    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        (void)closedir(folder);
    return count - 2;
}

static bool holds(const char *path, const csc_private_key *wanted, const char *password) {
    csc_private_key *key = NULL;
    csc_public_key *a, *b;
    bool same;

    if (csc_private_key_load(&key, path, password) != CSC_OK)
        return false;
    a = public_of(key);
    b = public_of(wanted);
    same = csc_public_key_equal(a, b);
    csc_public_key_free(a);
    csc_public_key_free(b);
    csc_private_key_free(key);
    return same;
}

static int load(const char *path, const char *password) {
    csc_private_key *key = NULL;
    int rc = csc_private_key_load(&key, path, password);

    csc_private_key_free(key);
    return rc;
}

static void write_text(const char *path, const char *text, size_t size) {
    FILE *file = fopen(path, "w");

    OK(file != NULL, "%s can be made", path);
    if (file != NULL) {
        (void)fwrite(text, 1, size, file);
        (void)fclose(file);
    }
}

static void check_mode(const char *path) {
    struct stat st = {0};

    (void)stat(path, &st);
    IS_INT(st.st_mode & 07777, 0600, "%s is for its owner only", path);
}

static void test_save(void) {
    mode_t old = umask(0);

    IS_INT(csc_private_key_save(adam, "open", NULL, false), CSC_OK, "a key is saved under umask 0");
    check_mode("open");
    (void)umask(0777);
    IS_INT(csc_private_key_save(adam, "./closed", NULL, true), CSC_OK, "and under umask 0777");
    (void)umask(old);
    check_mode("closed");
    OK(holds("open", adam, NULL) && holds("closed", adam, NULL), "both hold the key");
    IS_INT(files_here(), 2, "and there is nothing else");
}

static void test_replace(void) {
    errno = 0;
    IS_INT(csc_private_key_save(eve, "open", NULL, false), CSC_ERR_SYSTEM, "a file that exists is not replaced");
    IS_INT(errno, EEXIST, "with the reason in errno");
    OK(holds("open", adam, NULL), "it holds what it held");
    IS_INT(files_here(), 2, "and no temporary file is left");
    IS_INT(csc_private_key_save(eve, "open", "secret", true), CSC_OK, "it is replaced if that is wanted");
    check_mode("open");
    OK(holds("open", eve, "secret"), "and holds the new key, encrypted");
    IS_INT(load("open", NULL), CSC_ERR_PASSWORD_NEEDED, "which needs its password");
    IS_INT(load("open", "other"), CSC_ERR_PASSWORD_WRONG, "and no other");
    IS_INT(files_here(), 2, "there is nothing else");
}

static void check_save_fails(const char *path, int wanted) {
    unsigned before = files_here();

    errno = 0;
    IS_INT(csc_private_key_save(adam, path, NULL, true), CSC_ERR_SYSTEM, "nothing is saved at \"%s\"", path);
    IS_INT(errno, wanted, "because of %d", wanted);
    IS_INT(files_here(), before, "and no temporary file is left");
}

static void test_save_failures(void) {
    IS_INT(mkdir("folder", 0700), 0, "a folder");
    check_save_fails("nowhere/key", ENOENT);
    check_save_fails("folder", EISDIR);
    check_save_fails("open/key", ENOTDIR);
    IS_INT(csc_private_key_save(adam, "new", "", true), CSC_ERR_ARGUMENT, "an empty password is refused");
    IS_INT(files_here(), 3, "and nothing made");
    IS_INT(csc_private_key_save(adam, "folder/key", NULL, true), CSC_OK, "a key is saved in a folder");
    OK(holds("folder/key", adam, NULL), "and found there");
    IS_INT(unlink("folder/key"), 0, "and is the only one");
    IS_INT(rmdir("folder"), 0, "that was there");
}

static void check_load_fails(const char *path, int wanted) {
    errno = 0;
    IS_INT(load(path, NULL), CSC_ERR_SYSTEM, "\"%s\" is not read", path);
    IS_INT(errno, wanted, "because of %d", wanted);
}

static void test_load(void) {
    static char text[CSC_PEM_MAX + 1];
    size_t size = CSC_PEM_MAX;

    check_load_fails("missing", ENOENT);
    check_load_fails(".", EISDIR);
    check_load_fails("/dev/zero", EINVAL);
    IS_INT(mkfifo("fifo", 0600), 0, "a FIFO");
    check_load_fails("fifo", EINVAL);
    write_text("empty", "", 0);
    IS_INT(load("empty", NULL), CSC_ERR_FORMAT, "an empty file is no key");

    IS_INT(csc_private_key_to_pem(adam, text, &size, NULL), CSC_OK, "a key");
    write_text("cut", text, size / 2);
    IS_INT(load("cut", NULL), CSC_ERR_TRUNCATED, "half a file is truncated");
    memset(text + size, '\n', sizeof(text) - size);
    write_text("long", text, CSC_PEM_MAX);
    OK(holds("long", adam, NULL), "a file of the greatest length is read");
    write_text("longer", text, CSC_PEM_MAX + 1);
    check_load_fails("longer", EFBIG);
    IS_INT(symlink("long", "link"), 0, "a symbolic link");
    OK(holds("link", adam, NULL), "is followed");
}

int main(void) {
    char folder[] = "/tmp/test_crypto_rsa_file.XXXXXX";
    static const char *const made[] = {"open", "closed", "fifo", "empty", "cut", "long", "longer", "link"};

    adam = load_key("adam.pem");
    eve = load_key("eve.pem");
    if (!OK(mkdtemp(folder) != NULL && chdir(folder) == 0, "a folder of its own"))
        return tap_done();
    test_save();
    test_replace();
    test_save_failures();
    test_load();
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        (void)unlink(made[i]);
    OK(chdir("/") == 0 && rmdir(folder) == 0, "nothing else was left in it");
    csc_private_key_free(adam);
    csc_private_key_free(eve);
    return tap_done();
}
