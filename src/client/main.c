#include <config.h>

#include "src/client/arguments.h"
#include "src/client/client.h"
#include "src/common/file_lock.h"
#include "src/common/log.h"
#include "src/common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What must be held and freed around the run. */
struct setting {
    char dir[STATE_PATH_SIZE];
    char path[STATE_PATH_SIZE];
    char groups[STATE_PATH_SIZE];
    struct identity identity;
    struct recipients to;
    int lock;
    int file; /* -1: none is open */
};

static enum exit_status fail(enum exit_status status, const struct diagnostic *why) {
    fprintf(stderr, "chatsecure: %s\n", why->text);
    return status;
}

/* One process a state directory: two would note keys and use one identity behind each other's back. */
static enum exit_status take_state_dir(struct setting *setting, const struct arguments *arguments) {
    struct diagnostic why;
    int error = 0;

    if (!arguments->state_dir)
        error = state_dir_default(setting->dir, "chatsecure", &why);
    else if (strlen(arguments->state_dir) >= sizeof(setting->dir)) {
        diagnostic_set(&why, "the path of the state directory is too long");
        error = -ENAMETOOLONG;
    } else
        snprintf(setting->dir, sizeof(setting->dir), "%s", arguments->state_dir);
    if (error == 0)
        error = state_dir_make(setting->dir, &why);
    if (error == 0)
        error = state_dir_path(setting->path, setting->dir, "lock", &why);
    if (error != 0)
        return fail(STATUS_INTERNAL, &why);
    setting->lock = file_lock_take(setting->path, false, &why);
    if (setting->lock == -EAGAIN)
        diagnostic_set(&why, "the state directory %s is in use by another chatsecure: give --state-dir another one",
                       setting->dir);
    if (setting->lock < 0)
        return fail(setting->lock == -EAGAIN ? STATUS_STATE_IN_USE : STATUS_INTERNAL, &why);
    return STATUS_OK;
}

static enum exit_status take_identity(struct setting *setting, const struct arguments *arguments) {
    struct diagnostic why;

    if (arguments->identity) {
        if (identity_load(&setting->identity, arguments->identity, NULL, &why) != 0)
            return fail(STATUS_USAGE, &why);
        return STATUS_OK;
    }
    if (state_dir_path(setting->path, setting->dir, IDENTITY_FILE, &why) != 0 ||
        identity_load_or_make(&setting->identity, setting->path, &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    if (setting->identity.made)
        fprintf(stderr, "chatsecure: made a new identity, %s, in %s\n", setting->identity.fingerprint, setting->path);
    return STATUS_OK;
}

/* Who each line is for, and where the lines come from. */
static enum exit_status set_input(struct client_config *config, struct setting *setting,
                                  const struct arguments *arguments) {
    const char *file = arguments->file && strcmp(arguments->file, "-") != 0 ? arguments->file : NULL;
    struct diagnostic why;

    if (state_dir_path(setting->groups, setting->dir, "groups", &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    if (arguments->to && recipients_add_list(&setting->to, arguments->to, setting->groups, &why) != 0)
        return fail(STATUS_USAGE, &why);
    if (file && (setting->file = open(file, O_RDONLY | O_CLOEXEC)) < 0) {
        diagnostic_set(&why, "cannot read %s: %s", file, diagnostic_errno(errno));
        return fail(STATUS_USAGE, &why);
    }
    config->groups = setting->groups;
    config->to = arguments->to ? &setting->to : NULL;
    config->need = (size_t)arguments->need;
    config->message = arguments->message;
    config->whole = arguments->file || arguments->single;
    config->input_fd = arguments->message ? -1 : file ? setting->file : STDIN_FILENO;
    return STATUS_OK;
}

static enum exit_status set_trust(struct trust *trust, const struct setting *setting,
                                  const struct arguments *arguments) {
    struct diagnostic why;

    trust->server_policy = arguments->server_policy;
    trust->peer_policy = arguments->peer_policy;
    trust->pin = arguments->fingerprint;
    if (state_dir_path(trust->servers_path, setting->dir, "known_servers", &why) != 0 ||
        state_dir_path(trust->peers_path, setting->dir, "known_peers", &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    return STATUS_OK;
}

static enum exit_status run(const struct arguments *arguments) {
    struct setting setting = {.lock = -1, .file = -1};
    struct client_config config = {.endpoint = arguments->endpoint,
                                   .name = arguments->name,
                                   .identity = &setting.identity,
                                   .suites = arguments->suites,
                                   .timeout = arguments->timeout * 1000,
                                   .count = arguments->count,
                                   .receive = arguments->receive || arguments->count > 0,
                                   .interactive = arguments->interactive};
    enum exit_status status = take_state_dir(&setting, arguments);

    if (status == STATUS_OK)
        status = set_input(&config, &setting, arguments);
    if (status == STATUS_OK)
        status = take_identity(&setting, arguments);
    if (status == STATUS_OK)
        status = set_trust(&config.trust, &setting, arguments);
    if (status == STATUS_OK)
        status = client_run(&config);
    identity_free(&setting.identity);
    if (setting.file >= 0)
        close(setting.file);
    file_lock_release(setting.lock);
    return status;
}

int main(int argc, char **argv) {
    struct arguments arguments;

    process_open_standard_descriptors();
    process_protect();
    switch (arguments_read(&arguments, argc, argv, isatty(STDIN_FILENO) == 1)) {
    case ARGUMENTS_DONE:
        return STATUS_OK;
    case ARGUMENTS_FAILED:
        fprintf(stderr, "chatsecure: cannot write to standard output\n");
        return STATUS_INTERNAL;
    case ARGUMENTS_WRONG:
        return STATUS_USAGE;
    case ARGUMENTS_RUN:
        break;
    }
    /* Without --debug, what happened is told in sentences and not in records. */
    log_set_level(arguments.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
    return (int)run(&arguments);
}
