/* `chatsecure keygen`, `fingerprint`, `export-key`: the user's own key. */
#include <config.h>

#include "src/client/home.h"
#include "src/client/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static enum exit_status fail(enum exit_status status, const struct diagnostic *why) {
    fprintf(stderr, "chatsecure: %s\n", why->text);
    return status;
}

static enum exit_status fail_exists(const char *path) {
    struct diagnostic why;

    diagnostic_set(&why, "there is a key in %s already, and it stays: move it away first", path);
    return fail(STATUS_USAGE, &why);
}

static enum exit_status make(struct home *home, const struct arguments *arguments) {
    const char *path = home->identity_path;
    char passphrase[PASSPHRASE_SIZE] = "";
    struct diagnostic why;
    struct stat file;
    int error;

    /* Fails before a person is asked for a passphrase. */
    if (lstat(path, &file) == 0)
        return fail_exists(path);
    if (identity_choose_passphrase(passphrase, &arguments->passphrase, arguments->interactive, &why) != 0)
        return fail(STATUS_USAGE, &why);
    error = identity_make(&home->identity, path, (unsigned)arguments->bits, passphrase[0] != '\0' ? passphrase : NULL,
                          &why);
    csc_wipe(passphrase, sizeof(passphrase));
    if (error == CSC_ERR_SYSTEM && errno == EEXIST)
        return fail_exists(path);
    return error == 0 ? STATUS_OK : fail(arguments->identity ? STATUS_USAGE : STATUS_INTERNAL, &why);
}

enum exit_status verb_keygen(const struct arguments *arguments) {
    struct home home = HOME_INIT;
    enum exit_status status = home_open(&home, arguments);

    if (status == STATUS_OK)
        status = make(&home, arguments);
    if (status == STATUS_OK) {
        fprintf(stderr, "chatsecure: made a new identity in %s\n", home.identity_path);
        printf("%s\n", home.identity.fingerprint);
        status = verb_flush();
    }
    home_close(&home);
    return status;
}

/* Prints the public key of the identity, or its fingerprint. */
static enum exit_status print_identity(const struct arguments *arguments, bool fingerprint) {
    struct home home = HOME_INIT;
    enum exit_status status = home_open(&home, arguments);

    if (status == STATUS_OK)
        status = home_load_identity(&home, arguments, false);
    if (status == STATUS_OK) {
        if (fingerprint)
            printf("%s\n", home.identity.fingerprint);
        else
            fputs(home.identity.pem, stdout);
        status = verb_flush();
    }
    home_close(&home);
    return status;
}

enum exit_status verb_fingerprint(const struct arguments *arguments) {
    return print_identity(arguments, true);
}

enum exit_status verb_export_key(const struct arguments *arguments) {
    return print_identity(arguments, false);
}
