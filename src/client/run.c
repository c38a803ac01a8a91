#include <config.h>

#include "src/client/client.h"
#include "src/client/credentials.h"
#include "src/client/folder.h"
#include "src/client/home.h"
#include "src/client/run.h"
#include "src/client/spool_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A command less its name: its word, and what else it takes. */
#define COMMAND_SIZE 48

/* What is open during the run, and freed after it. */
struct setting {
    struct home home;
    char groups[STATE_PATH_SIZE];
    struct recipients to, from;
    struct authorities authorities;
    struct attest *attest;
    struct spool_place spool;
    int file; /* -1: none is open */
    int folder;
};

static enum exit_status fail(enum exit_status status, const struct diagnostic *why) {
    fprintf(stderr, "chatsecure: %s\n", why->text);
    return status;
}

/* Sets what standard output and --status-fd get.  Programs that this one runs do not inherit that descriptor. */
static enum exit_status set_output(struct client_config *config, const struct arguments *arguments) {
    struct diagnostic why;

    config->json = arguments->json;
    config->json_input = arguments->json_input;
    config->status_fd = arguments->status_fd > 0 ? (int)arguments->status_fd : -1;
    if (config->status_fd < 0 || fcntl(config->status_fd, F_SETFD, FD_CLOEXEC) == 0)
        return STATUS_OK;
    diagnostic_set(&why, "--status-fd %d: %s", config->status_fd, diagnostic_errno(errno));
    return fail(STATUS_USAGE, &why);
}

/* Sets who each line is for, and where lines come from. */
static enum exit_status set_input(struct client_config *config, struct setting *setting,
                                  const struct arguments *arguments) {
    const char *file = arguments->file && strcmp(arguments->file, "-") != 0 ? arguments->file : NULL;
    struct diagnostic why;

    if (state_dir_path(setting->groups, setting->home.dir, "groups", &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    if (arguments->to && recipients_add_list(&setting->to, arguments->to, setting->groups, &why) != 0)
        return fail(STATUS_USAGE, &why);
    if (file && (setting->file = open(file, O_RDONLY | O_CLOEXEC)) < 0) {
        diagnostic_set(&why, "cannot read %s: %s", file, diagnostic_errno(errno));
        return fail(STATUS_USAGE, &why);
    }
    if (arguments->from && recipients_add_list(&setting->from, arguments->from, setting->groups, &why) != 0)
        return fail(STATUS_USAGE, &why);
    config->from = arguments->from ? &setting->from : NULL;
    config->handler = arguments->handler.words[0] ? &arguments->handler : NULL;
    config->handler_limit = arguments->exec_timeout * 1000;
    config->wait_ready = arguments->wait_ready;
    config->groups = setting->groups;
    config->to = arguments->to ? &setting->to : NULL;
    config->need = (size_t)arguments->need;
    config->message = arguments->message;
    config->whole = arguments->file || arguments->single;
    config->input_fd = arguments->message ? -1 : file ? setting->file : STDIN_FILENO;
    return STATUS_OK;
}

/* What is done with files, and where they go: at a terminal, where the program was started. */
static enum exit_status set_files(struct client_config *config, struct setting *setting,
                                  const struct arguments *arguments) {
    const char *dir = arguments->download_dir ? arguments->download_dir : ".";
    struct diagnostic why;

    config->accept = arguments->accept;
    config->folder = -1;
    config->max_file_size = arguments->max_file_size * 1024 * 1024;
    if ((config->send = arguments->send)) {
        config->message = "";
        config->input_fd = -1;
    }
    if (arguments->accept == ACCEPT_NEVER)
        return STATUS_OK;
    config->folder = setting->folder = folder_open(dir);
    if (setting->folder >= 0)
        return STATUS_OK;
    if (!arguments->download_dir) {
        config->accept = ACCEPT_NEVER;
        return STATUS_OK;
    }
    diagnostic_set(&why, "cannot open the folder %s: %s", dir, diagnostic_errno(-setting->folder));
    return fail(STATUS_USAGE, &why);
}

/* Opens the authorities, and the user's own certificate. */
static enum exit_status set_certificates(struct client_config *config, struct setting *setting,
                                         const struct arguments *arguments) {
    const struct credentials_config own = {.certificate = arguments->certificate,
                                           .key = arguments->certificate_key,
                                           .passphrase = arguments->certificate_passphrase,
                                           .token = arguments->token,
                                           .pin_file = arguments->pin_file,
                                           .name = arguments->name};
    enum exit_status status;
    struct diagnostic why;

    setting->authorities.any_name = arguments->any_certificate_name;
    if (authorities_open(&setting->authorities, arguments->ca, arguments->crl, &why) != 0)
        return fail(STATUS_USAGE, &why);
    status = credentials_load(&setting->attest, &own, &setting->home.identity, setting->home.identity_path);
    config->authorities = &setting->authorities;
    config->attest = setting->attest;
    return status;
}

/* What is no terminal, or one that does not know colours, gets them only if that was asked for. */
static bool wants_color(const struct arguments *arguments) {
    const char *refused = getenv("NO_COLOR"), *type = getenv("TERM");

    if (strcmp(arguments->color, "auto") != 0)
        return strcmp(arguments->color, "always") == 0;
    return isatty(STDOUT_FILENO) && !(refused && refused[0] != '\0') && type && type[0] != '\0' &&
           strcmp(type, "dumb") != 0;
}

/* The locale's word for its characters, as setlocale(3) would choose it. */
static bool wants_utf8(void) {
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;

    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]) && (!locale || locale[0] == '\0'); i++)
        locale = getenv(variables[i]);
    return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

/* What lines mean, and who they are for. */
static void find_way(uint8_t way[static CSC_SHA256_SIZE], const struct client_config *config,
                     const struct arguments *arguments) {
    const uint8_t flags[] = {config->to != NULL, config->json_input, config->whole, config->sign};
    const struct span to = span_of(arguments->to ? arguments->to : "");
    const struct csc_part parts[] = {{flags, sizeof(flags)}, {to.data, to.size}};

    csc_sha256(way, parts, sizeof(parts) / sizeof(parts[0]));
}

/* Where lines are kept.  Only a standard input that others may go on with can be read in part. */
static enum exit_status set_spool(struct client_config *config, struct setting *setting,
                                  const struct arguments *arguments) {
    enum exit_status status =
        spool_place_open(&setting->spool, arguments->spool, &setting->home.identity, arguments->lock_timeout * 1000);
    uint8_t way[CSC_SHA256_SIZE];

    find_way(way, config, arguments);
    if (status == STATUS_OK && !arguments->interactive && config->input_fd == STDIN_FILENO)
        status = spool_place_read(&setting->spool, arguments->spool, STDIN_FILENO, way);
    config->spool_dir = arguments->spool;
    config->spool = setting->spool.spool;
    config->intake = setting->spool.intake;
    return status;
}

/* What the options say by themselves. */
static struct client_config config_of(const struct arguments *arguments, const struct setting *setting) {
    return (struct client_config){.endpoint = arguments->endpoint,
                                  .name = arguments->name,
                                  .identity = &setting->home.identity,
                                  .suites = arguments->suites,
                                  .timeout = arguments->timeout * 1000,
                                  .ttl = arguments->ttl * 1000,
                                  .wait = arguments->wait,
                                  .no_read = arguments->no_read,
                                  .color = wants_color(arguments),
                                  .utf8 = wants_utf8(),
                                  .bell = arguments->bell,
                                  .asks = arguments->asks,
                                  .no_reconnect = arguments->no_reconnect,
                                  .retry = arguments->retry || arguments->spool,
                                  .or_else = arguments->or_else,
                                  .count = arguments->count,
                                  .sign = arguments->sign,
                                  .receive = arguments->receive || arguments->count > 0,
                                  .interactive = arguments->interactive};
}

/* Opens what CONFIG needs, into SETTING. */
static enum exit_status open_setting(struct client_config *config, struct setting *setting,
                                     const struct arguments *arguments) {
    /* Before anything else is opened and takes the descriptor's number. */
    enum exit_status status = set_output(config, arguments);

    if (status == STATUS_OK)
        status = home_open(&setting->home, arguments);
    if (arguments->interactive && !arguments->no_history)
        config->history = setting->home.dir;
    config->state = setting->home.dir;
    if (status == STATUS_OK)
        status = home_lock(&setting->home, arguments->lock_timeout * 1000);
    if (status == STATUS_OK)
        status = set_input(config, setting, arguments);
    if (status == STATUS_OK)
        status = set_files(config, setting, arguments);
    if (status == STATUS_OK)
        status = home_load_identity(&setting->home, arguments, true);
    if (status == STATUS_OK)
        status = home_set_trust(&setting->home, arguments, &config->trust);
    if (status == STATUS_OK)
        status = set_certificates(config, setting, arguments);
    if (status == STATUS_OK && arguments->spool)
        status = set_spool(config, setting, arguments);
    return status;
}

static void close_setting(struct setting *setting) {
    if (setting->file >= 0)
        close(setting->file);
    if (setting->folder >= 0)
        close(setting->folder);
    authorities_close(&setting->authorities);
    free(setting->attest);
    spool_place_close(&setting->spool);
    home_close(&setting->home);
}

enum exit_status run_client(const struct arguments *arguments) {
    struct setting setting = {.home = HOME_INIT, .spool = SPOOL_PLACE_INIT, .file = -1, .folder = -1};
    struct client_config config = config_of(arguments, &setting);
    enum exit_status status = open_setting(&config, &setting, arguments);

    if (status == STATUS_OK)
        status = client_run(&config);
    close_setting(&setting);
    return status;
}

enum exit_status run_command(const struct arguments *arguments, const char *word, const char *rest) {
    struct arguments run = *arguments;
    char line[NAME_SIZE + COMMAND_SIZE];

    if (!name_is_valid(span_of(run.operands[0]))) {
        fprintf(stderr, "chatsecure: %s: that is not a user's name\n", word);
        return STATUS_USAGE;
    }
    if (!run.name) {
        fprintf(stderr, "chatsecure: %s connects: give --name NAME, who is asking\n", word);
        return STATUS_USAGE;
    }
    if (arguments_read_server(&run, run.operand_count > 1 ? run.operands[1] : "localhost") != 0)
        return STATUS_USAGE;
    snprintf(line, sizeof(line), "%s %s %s", word, run.operands[0], rest);
    run.message = line;
    run.file = run.to = NULL;
    run.json_input = run.single = run.interactive = run.receive = false;
    run.count = 0;
    /* There is no prompt to ask at. */
    if (run.server_policy == TRUST_ASK)
        run.server_policy = TRUST_KNOWN;
    return run_client(&run);
}
