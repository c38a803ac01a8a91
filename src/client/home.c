#include <config.h>

#include "src/client/home.h"
#include "src/common/file_lock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum exit_status fail(enum exit_status status, const struct diagnostic *why) {
    fprintf(stderr, "chatsecure: %s\n", why->text);
    return status;
}

int home_find(struct home *home, const struct arguments *arguments, struct diagnostic *why) {
    if (!arguments->state_dir)
        return state_dir_default(home->dir, "chatsecure", why);
    if (strlen(arguments->state_dir) >= sizeof(home->dir)) {
        diagnostic_set(why, "the path of the state directory is too long");
        return -ENAMETOOLONG;
    }
    snprintf(home->dir, sizeof(home->dir), "%s", arguments->state_dir);
    return 0;
}

static int find_identity(struct home *home, const struct arguments *arguments, struct diagnostic *why) {
    if (!arguments->identity)
        return state_dir_path(home->identity_path, home->dir, IDENTITY_FILE, why);
    if (strlen(arguments->identity) >= sizeof(home->identity_path)) {
        diagnostic_set(why, "the path of the identity is too long");
        return -ENAMETOOLONG;
    }
    snprintf(home->identity_path, sizeof(home->identity_path), "%s", arguments->identity);
    return 0;
}

enum exit_status home_open(struct home *home, const struct arguments *arguments) {
    struct diagnostic why;
    int error = home_find(home, arguments, &why);

    if (error == 0)
        error = state_dir_make(home->dir, &why);
    if (error == 0)
        error = find_identity(home, arguments, &why);
    return error == 0 ? STATUS_OK : fail(STATUS_INTERNAL, &why);
}

/* Two processes would use one identity behind each other's back. */
enum exit_status home_lock(struct home *home) {
    char path[STATE_PATH_SIZE];
    struct diagnostic why;

    if (state_dir_path(path, home->dir, "lock", &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    home->lock = file_lock_take(path, false, &why);
    if (home->lock == -EAGAIN)
        diagnostic_set(&why, "the state directory %s is in use by another chatsecure: give --state-dir another one",
                       home->dir);
    if (home->lock < 0)
        return fail(home->lock == -EAGAIN ? STATUS_STATE_IN_USE : STATUS_INTERNAL, &why);
    return STATUS_OK;
}

/* A file that was named, and a passphrase, are the caller's; all else is this machine's trouble. */
static enum exit_status status_of(const struct arguments *arguments, int error) {
    if (arguments->identity || error == CSC_ERR_PASSWORD_NEEDED || error == CSC_ERR_PASSWORD_WRONG)
        return STATUS_USAGE;
    return STATUS_INTERNAL;
}

enum exit_status home_load_identity(struct home *home, const struct arguments *arguments, bool make) {
    struct diagnostic why;
    int error;

    if (arguments->identity || !make)
        error = identity_load(&home->identity, home->identity_path, &arguments->passphrase, &why);
    else
        error = identity_load_or_make(&home->identity, home->identity_path, &arguments->passphrase, &why);
    if (error != 0)
        return fail(status_of(arguments, error), &why);
    if (home->identity.made)
        fprintf(stderr, "chatsecure: made a new identity, %s, in %s\n", home->identity.fingerprint,
                home->identity_path);
    return STATUS_OK;
}

void home_close(struct home *home) {
    identity_free(&home->identity);
    file_lock_release(home->lock);
}
