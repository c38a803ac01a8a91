#include <config.h>

#include "src/client/home.h"
#include "src/common/clock.h"
#include "src/common/file_lock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

int home_given_file(char out[static STATE_PATH_SIZE], const char *given, struct diagnostic *why) {
    int error = strlen(given) < STATE_PATH_SIZE ? 0 : -ENAMETOOLONG;

    if (error == 0 && access(given, R_OK) != 0)
        error = -errno;
    if (error == 0)
        memcpy(out, given, strlen(given) + 1);
    else
        diagnostic_set(why, "cannot read %s: %s", given, diagnostic_errno(-error));
    return error;
}

static enum exit_status find_file(char out[static STATE_PATH_SIZE], const char *given, const struct home *home,
                                  const char *name) {
    struct diagnostic why;

    if (given)
        return home_given_file(out, given, &why) == 0 ? STATUS_OK : fail(STATUS_USAGE, &why);
    return state_dir_path(out, home->dir, name, &why) == 0 ? STATUS_OK : fail(STATUS_INTERNAL, &why);
}

/* Appends TEXT as a word of a shell.  False if it does not fit. */
static bool append_word(char *out, size_t size, const char *text) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+,:@%";
    const bool quoted = text[0] == '\0' || text[strspn(text, plain)] != '\0';
    size_t used = strlen(out);

    used += (size_t)snprintf(out + used, size - used, quoted ? " '" : " ");
    for (; *text != '\0' && used + 6 < size; text++)
        used += (size_t)snprintf(out + used, size - used, *text == '\'' ? "'\\''" : "%c", *text);
    if (quoted)
        snprintf(out + used, size - used, "'");
    return *text == '\0';
}

static void set_command(struct trust *trust, const struct arguments *arguments) {
    static const char name[] = "chatsecure";
    char command[TRUST_COMMAND_SIZE] = "chatsecure --state-dir";

    memcpy(trust->command, name, sizeof(name));
    if (arguments->state_dir && append_word(command, sizeof(command), arguments->state_dir))
        memcpy(trust->command, command, sizeof(command));
}

enum exit_status home_set_trust(const struct home *home, const struct arguments *arguments, struct trust *trust) {
    enum exit_status status;

    trust->server_policy = arguments->known_servers ? TRUST_KNOWN : arguments->server_policy;
    trust->peer_policy = arguments->known_peers ? TRUST_KNOWN : arguments->peer_policy;
    trust->servers_fixed = arguments->known_servers != NULL;
    trust->peers_fixed = arguments->known_peers != NULL;
    trust->require_verified = arguments->require_verified;
    trust->require_certified = arguments->require_certified;
    trust->pin = arguments->fingerprint;
    set_command(trust, arguments);
    status = find_file(trust->servers_path, arguments->known_servers, home, "known_servers");
    return status == STATUS_OK ? find_file(trust->peers_path, arguments->known_peers, home, "known_peers") : status;
}

/* How often a lock that is not free is tried again: file_lock_take() has no time-out. */
#define LOCK_RETRY_MS 50

enum exit_status home_lock_folder(int *lock, const char *dir, const char *file, const char *option, uint64_t wait) {
    uint64_t until = clock_monotonic_ms() + wait;
    char path[STATE_PATH_SIZE];
    struct diagnostic why;

    if (state_dir_path(path, dir, file, &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    while ((*lock = file_lock_take(path, false, &why)) == -EAGAIN && clock_monotonic_ms() < until)
        poll(NULL, 0, LOCK_RETRY_MS);
    if (*lock == -EAGAIN)
        diagnostic_set(&why,
                       "the %s %s is in use by another chatsecure: give --%s another one, or --lock-timeout to wait "
                       "for it",
                       strcmp(option, "state-dir") == 0 ? "state directory" : option, dir, option);
    if (*lock < 0)
        return fail(*lock == -EAGAIN ? STATUS_STATE_IN_USE : STATUS_INTERNAL, &why);
    return STATUS_OK;
}

/* Two processes with one identity would receive each other's messages. */
enum exit_status home_lock(struct home *home, uint64_t wait) {
    return home_lock_folder(&home->lock, home->dir, "lock", "state-dir", wait);
}

/* What is wrong with a file that was named, or with a passphrase, is the caller's fault; all else is this machine's. */
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
