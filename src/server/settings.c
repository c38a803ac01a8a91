#include <config.h>

#include "src/server/settings.h"

#include "src/common/identity.h"
#include "src/server/sandbox.h"
#include "src/server/settings_file.h"
#include "src/server/settings_table.h"
#include "src/server/verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PONG_WITHIN_MIN_MS 1000

/* "allow FILE" */
#define POLICY_SIZE (STATE_PATH_SIZE + 16)

/* The command line is gone through twice: what it says about the file to read first stands below what it says itself.
 */
enum pass { PASS_EARLY, PASS_LATE };

struct command_line {
    const char *operands[1 + VERB_OPERANDS_MAX + 1];
    size_t count;
    bool listens; /* it has --listen, in place of those of the file */
};

/* The host's name as far as it makes a valid name. */
static void default_name(char out[static NAME_SIZE]) {
    char host[256] = "";
    size_t size = 0;

    if (gethostname(host, sizeof(host) - 1) == 0)
        size = strcspn(host, ".");
    if (size > NAME_LENGTH_MAX)
        size = NAME_LENGTH_MAX;
    if (name_is_valid((struct span){host, size}))
        name_copy(out, (struct span){host, size});
    else
        name_copy(out, SPAN("chatsecure"));
}

void settings_init(struct settings *settings) {
    *settings = (struct settings){
        .verb = OPTIONS_NO_VERB,
        .passphrase_fd = -1,
        .bits = IDENTITY_BITS,
        .suites = SUITE_LIST_ALL,
        .sandbox = sandbox_is_there(),
    };
    limits_init(&settings->limits);
    default_name(settings->name);
}

/* ---- the command line -------------------------------------------------------------------------------- */

/* Whether option ID is one that has to be known before the file is read. */
static bool is_early(int id) {
    return id == OPTION_CONFIG || id == OPTION_CHECK_CONFIG;
}

static int take_option(struct settings *settings, struct command_line *line, struct options *options, int id,
                       enum pass pass) {
    char policy[POLICY_SIZE] = "";
    struct diagnostic why = {""};
    const char *value = options->value;

    /* The one option whose value may be two arguments. */
    if (id == OPTION_REGISTER && strcmp(value, "allow") == 0) {
        const char *file = options_argument(options);

        snprintf(policy, sizeof(policy), "allow %s", file != NULL ? file : "");
        value = policy;
    }
    if (is_early(id) != (pass == PASS_EARLY))
        return 0;
    if (id == OPTION_LISTEN && !line->listens) {
        line->listens = true;
        settings->listen_count = 0;
    }
    if (settings_set(settings, id, value, &why) == 0)
        return 0;
    return options_error(&settings_program, "--%s %s", options->row->name, why.text);
}

static int print_completion(const char *shell) {
    int result = options_print_completion(&settings_program, shell, stdout);

    return result == 0 ? SERVER_EXIT_OK : result == OPTIONS_ERROR ? SERVER_EXIT_USAGE : SERVER_EXIT_FAILED;
}

/* -1, or the status to exit with. */
static int take_arguments(struct settings *settings, struct command_line *line, enum pass pass) {
    const size_t room = sizeof(line->operands) / sizeof(line->operands[0]);
    struct options options = {0};
    int id = 0;

    *line = (struct command_line){.count = 0};
    options_begin(&options, &settings_program, settings->argc, settings->argv);
    while ((id = options_next(&options)) >= 0) {
        if (id == OPTION_HELP)
            return options_print_help(&settings_program, stdout) == 0 ? SERVER_EXIT_OK : SERVER_EXIT_FAILED;
        if (id == OPTION_COMPLETION)
            return print_completion(options.value);
        if (id == OPTION_VERSION)
            return options_print_version(&settings_program, PACKAGE_VERSION, stdout) == 0 ? SERVER_EXIT_OK
                                                                                          : SERVER_EXIT_FAILED;
        if (id == OPTIONS_OPERAND && line->count < room)
            line->operands[line->count++] = options.value;
        else if (id != OPTIONS_OPERAND && take_option(settings, line, &options, id, pass) != 0)
            return SERVER_EXIT_USAGE;
    }
    return id == OPTIONS_ERROR ? SERVER_EXIT_USAGE : -1;
}

/* Nothing, or a verb and what it takes. */
static int take_operands(struct settings *settings, const struct command_line *line) {
    if (settings->upgrade && line->count > 0)
        return options_error(&settings_program, "--upgrade is a command: give no other");
    if (settings->upgrade)
        settings->verb = VERB_ID_verb_upgrade;
    if (line->count == 0)
        return 0;
    settings->verb = options_find_verb(&settings_program, line->operands[0]);
    if (settings->verb == OPTIONS_NO_VERB)
        return options_error(&settings_program, "\"%s\" is not a command", line->operands[0]);
    if (options_check_verb(&settings_program, &verb_rows[settings->verb], line->count - 1) != 0)
        return OPTIONS_ERROR;
    settings->operand_count = line->count - 1;
    memcpy(settings->operands, line->operands + 1, settings->operand_count * sizeof(line->operands[0]));
    return 0;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

/* Reads the file that is named, or else the standard one, which MUST be there or may be. */
static int read_file(struct settings *settings, bool must, struct diagnostic *why) {
    const bool named = settings->config[0] != '\0';
    const int error = settings_file_read(settings, named ? settings->config : settings->standard_config, why);

    settings->configured = error == 0;
    return error > 0 && !named && !must ? 0 : error;
}

/* Who certifies people is for the operator to say: what a system trusts certifies servers. */
static int check(const struct settings *settings, struct diagnostic *why) {
    if (settings->require_certificate && settings->ca[0] == '\0')
        diagnostic_set(why, "--require-certificate needs --ca FILE, the authorities that certify clients");
    else if (!settings->require_certificate && (settings->ca[0] != '\0' || settings->crl[0] != '\0'))
        diagnostic_set(why, "--ca and --crl are about clients: give --require-certificate too");
    else
        return 0;
    return -1;
}

static int wrong(const struct diagnostic *why) {
    options_error(&settings_program, "%s", why->text);
    return SERVER_EXIT_USAGE;
}

static void begin(struct settings *settings, int argc, char **argv, const char *standard_config) {
    settings_init(settings);
    settings->argc = argc;
    settings->argv = argv;
    settings->standard_config = standard_config;
    settings->of_root = geteuid() == 0;
}

int settings_read(struct settings *settings, int argc, char **argv, const char *standard_config) {
    struct command_line line;
    struct diagnostic why = {""};
    int status, error;

    begin(settings, argc, argv, standard_config);
    if ((status = take_arguments(settings, &line, PASS_EARLY)) >= 0)
        return status;
    error = read_file(settings, false, &why);
    if (error != 0) {
        status = wrong(&why);
        return error == -ENOMEM ? SERVER_EXIT_FAILED : status;
    }
    if ((status = take_arguments(settings, &line, PASS_LATE)) >= 0)
        return status;
    if (take_operands(settings, &line) != 0)
        return SERVER_EXIT_USAGE;
    if (check(settings, &why) != 0)
        return wrong(&why);
    if (settings->check_config)
        return settings_file_print(settings, stdout) == 0 ? SERVER_EXIT_OK : SERVER_EXIT_FAILED;
    return -1;
}

int settings_read_again(struct settings *fresh, const struct settings *old, struct diagnostic *why) {
    struct command_line line;

    /* The command line was right before, and is the same. */
    begin(fresh, old->argc, old->argv, old->standard_config);
    if (take_arguments(fresh, &line, PASS_EARLY) >= 0 || read_file(fresh, old->configured, why) != 0 ||
        take_arguments(fresh, &line, PASS_LATE) >= 0)
        return -1;
    return check(fresh, why);
}

/* ---- what follows from it ---------------------------------------------------------------------------- */

uint64_t settings_pong_within(const struct limits *limits) {
    const uint64_t third = limits->ping_after / 3;

    return third > PONG_WITHIN_MIN_MS ? third : PONG_WITHIN_MIN_MS;
}

struct passphrase_source settings_passphrase(const struct settings *settings) {
    return (struct passphrase_source){
        .file = settings->passphrase_file[0] != '\0' ? settings->passphrase_file : NULL,
        .fd = settings->passphrase_fd,
    };
}

int settings_state_dir(const struct settings *settings, char out[static STATE_PATH_SIZE], struct diagnostic *why) {
    const char *path = getenv("STATE_DIRECTORY");
    size_t size = 0;

    if (settings->state_dir[0] != '\0') {
        memcpy(out, settings->state_dir, sizeof(settings->state_dir));
        return 0;
    }
    if (path == NULL && settings->of_root)
        path = SETTINGS_STATE_DIR_OF_ROOT;
    if (path == NULL)
        return state_dir_default(out, settings_program.name, why);
    /* systemd gives a list when the unit names several. */
    size = strcspn(path, ":");
    if (size == 0 || size >= STATE_PATH_SIZE) {
        diagnostic_set(why, "the path of the state directory is empty or too long");
        return -ENAMETOOLONG;
    }
    memcpy(out, path, size);
    out[size] = '\0';
    return 0;
}

int settings_key_path(const struct settings *settings, char out[static STATE_PATH_SIZE], bool make,
                      struct diagnostic *why) {
    char dir[STATE_PATH_SIZE] = "";

    if (settings->key[0] != '\0') {
        memcpy(out, settings->key, sizeof(settings->key));
        return 0;
    }
    if (settings_state_dir(settings, dir, why) != 0 || (make && state_dir_make(dir, why) != 0))
        return -1;
    return state_dir_path(out, dir, IDENTITY_FILE, why);
}
