/* `chatsecure-server users`, `user add`, `user remove`, `user block`, `user unblock`: the registry. */
#include <config.h>

#include "proto/error.h"
#include "src/common/trust_store.h"
#include "src/server/control.h"
#include "src/server/registry_file.h"
#include "src/server/verbs.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The registry of the settings' state directory. */
struct opened {
    char dir[STATE_PATH_SIZE];
    struct registry_file *file;
};

static int open_registry(struct opened *opened, const struct settings *settings, enum registry_file_mode mode,
                         struct diagnostic *why) {
    char path[STATE_PATH_SIZE] = "";
    struct stat status = {0};

    if (settings_state_dir(settings, opened->dir, why) != 0 ||
        state_dir_path(path, opened->dir, REGISTRY_FILE, why) != 0)
        return -1;
    if (mode == REGISTRY_FILE_EXISTING && stat(path, &status) != 0) {
        diagnostic_set(why, "there is no registry in %s: is that the server's --state-dir?", opened->dir);
        return -1;
    }
    /* It may not be another user's folder, whose links may lead anywhere. */
    if (state_dir_make(opened->dir, why) != 0)
        return -1;
    return registry_file_open(&opened->file, path, mode, why);
}

/* The key of a name that was blocked before anybody had it: a hash that no key has. */
#define NOBODY "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static bool is_nobodys(const struct registry_row *row) {
    return strcmp(row->fingerprint, NOBODY) == 0;
}

/* ---- users ---------------------------------------------------------------------------------- */

/* "2026-03-01T12:00:00Z", or "" for never. */
static const char *format_time(char out[static 32], uint64_t seconds) {
    const time_t time = (time_t)seconds;
    struct tm utc = {0};

    out[0] = '\0';
    if (seconds > 0 && gmtime_r(&time, &utc) != NULL && strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        out[0] = '\0';
    return out;
}

static int print_row(void *context, const struct registry_row *row, struct diagnostic *why) {
    char first[32] = "", last[32] = "";

    (void)context;
    (void)why;
    format_time(first, row->first_seen);
    format_time(last, row->last_seen);
    printf("%-16s %-50s %-7s %-20s %s\n", row->name, is_nobodys(row) ? "-" : row->fingerprint,
           name_state_word(row->state), first[0] != '\0' ? first : "-", last[0] != '\0' ? last : "-");
    return 0;
}

static void print_json_time(const char *member, uint64_t seconds) {
    char text[32] = "";

    if (format_time(text, seconds)[0] != '\0')
        printf(",\"%s\":\"%s\"", member, text);
    else
        printf(",\"%s\":null", member);
}

/* Nothing in a row needs to be escaped: registry_file has checked it. */
static int print_json(void *context, const struct registry_row *row, struct diagnostic *why) {
    (void)context;
    (void)why;
    printf("{\"name\":\"%s\",\"fingerprint\":", row->name);
    if (is_nobodys(row))
        printf("null");
    else
        printf("\"%s\"", row->fingerprint);
    printf(",\"state\":\"%s\"", name_state_word(row->state));
    print_json_time("first_seen", row->first_seen);
    print_json_time("last_seen", row->last_seen);
    printf("}\n");
    return 0;
}

enum server_exit verb_users(const struct settings *settings) {
    struct opened opened = {.file = NULL};
    struct buffer nothing = BUFFER_INIT(CONTROL_ANSWER_MAX);
    struct diagnostic why = {""};
    enum server_exit status = SERVER_EXIT_OK;

    if (open_registry(&opened, settings, REGISTRY_FILE_EXISTING, &why) != 0)
        return verb_fail(SERVER_EXIT_FAILED, &why);
    /* What cannot be brought up to date can be shown. */
    if (control_ask(opened.dir, "flush", &nothing, &why) < 0)
        fprintf(stderr, "chatsecure-server: the times may be old: %s\n", why.text);
    if (registry_file_each(opened.file, settings->json ? print_json : print_row, NULL, &why) != 0)
        status = verb_fail(SERVER_EXIT_FAILED, &why);
    if (verb_flush() != SERVER_EXIT_OK)
        status = SERVER_EXIT_FAILED;
    registry_file_close(opened.file);
    buffer_free(&nothing);
    return status;
}

/* ---- user ... ------------------------------------------------------------------------------- */

/* Changes a row in a transaction that has begun: 1, 0 if the name is not there, or negative with WHY. */
typedef int change(struct registry_file *file, struct span name, const char *fingerprint, struct diagnostic *why);

static int add(struct registry_file *file, struct span name, const char *fingerprint, struct diagnostic *why) {
    return registry_file_assign(file, name, fingerprint, why) == 0 ? 1 : -1;
}

static int remove_name(struct registry_file *file, struct span name, const char *fingerprint, struct diagnostic *why) {
    (void)fingerprint;
    return registry_file_remove(file, name, why);
}

static int block(struct registry_file *file, struct span name, const char *fingerprint, struct diagnostic *why) {
    const int known = registry_file_set_state(file, name, NAME_BLOCKED, why);

    (void)fingerprint;
    if (known != 0)
        return known;
    return registry_file_assign(file, name, NOBODY, why) == 0 ? registry_file_set_state(file, name, NAME_BLOCKED, why)
                                                              : -1;
}

static int unblock(struct registry_file *file, struct span name, const char *fingerprint, struct diagnostic *why) {
    struct registry_row row;
    const int found = registry_file_find(file, name, &row, why);

    (void)fingerprint;
    if (found != 1)
        return found;
    return is_nobodys(&row) ? registry_file_remove(file, name, why)
                            : registry_file_set_state(file, name, NAME_ACTIVE, why);
}

static const struct action {
    const char *word;
    size_t operands; /* with the word */
    enum registry_file_mode mode;
    change *change;
} actions[] = {
    {"add", 3, REGISTRY_FILE_CREATE, add},
    {"remove", 2, REGISTRY_FILE_EXISTING, remove_name},
    {"block", 2, REGISTRY_FILE_EXISTING, block},
    {"unblock", 2, REGISTRY_FILE_EXISTING, unblock},
};

/* The action that SETTINGS ask for, or NULL after a message. */
static const struct action *find_action(const struct settings *settings) {
    const char *const *operands = settings->operands;

    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].word, operands[0]) != 0 || actions[i].operands != settings->operand_count)
            continue;
        if (!name_is_valid(span_of(operands[1]))) {
            options_error(&settings_program, "\"%s\" is not a name", operands[1]);
            return NULL;
        }
        if (actions[i].operands > 2 && !trust_fingerprint_is_valid(operands[2])) {
            options_error(&settings_program, "\"%s\" is not a fingerprint: SHA256: and 43 characters of base64",
                          operands[2]);
            return NULL;
        }
        return &actions[i];
    }
    options_error(&settings_program, "write: user %s", verb_rows[settings->verb].operands);
    return NULL;
}

static enum server_exit change_registry(const struct action *action, struct registry_file *file,
                                        const struct settings *settings) {
    struct diagnostic why = {""};
    int changed = registry_file_begin(file, &why);

    if (changed == 0)
        changed = action->change(file, span_of(settings->operands[1]), settings->operands[2], &why);
    if (changed == 0) {
        diagnostic_set(&why, "there is no %s in the registry", settings->operands[1]);
        registry_file_rollback(file);
        return verb_fail(SERVER_EXIT_NO_USER, &why);
    }
    if (changed < 0 || registry_file_commit(file, &why) != 0) {
        registry_file_rollback(file);
        return verb_fail(SERVER_EXIT_FAILED, &why);
    }
    return SERVER_EXIT_OK;
}

/* Has a running server follow.  When this returns it has. */
static enum server_exit tell_server(const char *dir, const char *name) {
    char request[NAME_SIZE + 8] = "";
    struct buffer nothing = BUFFER_INIT(CONTROL_ANSWER_MAX);
    struct diagnostic why = {""};
    enum server_exit status = SERVER_EXIT_OK;

    snprintf(request, sizeof(request), "user %s", name);
    if (control_ask(dir, request, &nothing, &why) < 0) {
        fprintf(stderr, "chatsecure-server: the registry is changed, but the running server did not follow: %s\n",
                why.text);
        status = SERVER_EXIT_FAILED;
    }
    buffer_free(&nothing);
    return status;
}

enum server_exit verb_user(const struct settings *settings) {
    const struct action *action = find_action(settings);
    struct opened opened = {.file = NULL};
    struct diagnostic why = {""};
    enum server_exit status = SERVER_EXIT_OK;

    if (action == NULL)
        return SERVER_EXIT_USAGE;
    if (open_registry(&opened, settings, action->mode, &why) != 0)
        return verb_fail(SERVER_EXIT_FAILED, &why);
    status = change_registry(action, opened.file, settings);
    registry_file_close(opened.file);
    return status == SERVER_EXIT_OK ? tell_server(opened.dir, settings->operands[1]) : status;
}
