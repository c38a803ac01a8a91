/* `chatsecure-server keygen`, `fingerprint`, `export-key`: the server's own key. */
#include <config.h>

#include "src/common/identity.h"
#include "src/server/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum server_exit fail_exists(const char *path) {
    struct diagnostic why;

    diagnostic_set(&why, "there is a key in %s already, and it stays: move it away first", path);
    return verb_fail(SERVER_EXIT_FAILED, &why);
}

static enum server_exit make(struct identity *identity, const char *path, const struct settings *settings) {
    const struct passphrase_source source = settings_passphrase(settings);
    char passphrase[PASSPHRASE_SIZE] = "";
    struct diagnostic why = {""};
    struct stat file;
    int error = 0;

    /* Fails before a person is asked for a passphrase. */
    if (lstat(path, &file) == 0)
        return fail_exists(path);
    if (identity_choose_passphrase(passphrase, &source, isatty(STDIN_FILENO) == 1, &why) != 0)
        return verb_fail(SERVER_EXIT_FAILED, &why);
    error = identity_make(identity, path, (unsigned)settings->bits, passphrase[0] != '\0' ? passphrase : NULL, &why);
    csc_wipe(passphrase, sizeof(passphrase));
    if (error == CSC_ERR_SYSTEM && errno == EEXIST)
        return fail_exists(path);
    return error == 0 ? SERVER_EXIT_OK : verb_fail(SERVER_EXIT_FAILED, &why);
}

enum server_exit verb_keygen(const struct settings *settings) {
    struct identity identity = {0};
    char path[STATE_PATH_SIZE] = "";
    struct diagnostic why = {""};
    enum server_exit status = SERVER_EXIT_OK;

    if (settings_key_path(settings, path, true, &why) != 0)
        return verb_fail(SERVER_EXIT_FAILED, &why);
    status = make(&identity, path, settings);
    if (status == SERVER_EXIT_OK) {
        fprintf(stderr, "chatsecure-server: made a new key in %s\n", path);
        printf("%s\n", identity.fingerprint);
        status = verb_flush();
    }
    identity_free(&identity);
    return status;
}

static int load(struct identity *identity, const struct settings *settings, struct diagnostic *why) {
    const struct passphrase_source source = settings_passphrase(settings);
    char path[STATE_PATH_SIZE] = "";

    if (settings_key_path(settings, path, false, why) != 0)
        return -1;
    return identity_load(identity, path, &source, why);
}

enum server_exit verb_fingerprint(const struct settings *settings) {
    struct identity identity = {0};
    struct diagnostic why = {""};
    enum server_exit status = SERVER_EXIT_OK;

    if (load(&identity, settings, &why) != 0)
        return verb_fail(SERVER_EXIT_FAILED, &why);
    printf("%s\n", identity.fingerprint);
    status = verb_flush();
    identity_free(&identity);
    return status;
}

enum server_exit verb_export_key(const struct settings *settings) {
    struct identity identity = {0};
    struct diagnostic why = {""};
    enum server_exit status = SERVER_EXIT_OK;

    if (load(&identity, settings, &why) != 0)
        return verb_fail(SERVER_EXIT_FAILED, &why);
    fputs(identity.pem, stdout);
    status = verb_flush();
    identity_free(&identity);
    return status;
}
