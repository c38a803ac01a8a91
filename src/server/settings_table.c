#include <config.h>

#include "src/server/settings_table.h"

#include "src/common/identity.h"
#include "src/server/sandbox.h"
#include "src/server/verbs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define LIMIT_ROW(id, member, unit, name, argument, smallest, largest, standard, help)                                 \
    {OPTION_LIMITS + LIMIT_##id, 0, name, argument, help " (default " standard ")"},

static const struct option_row option_rows[] = {
    {OPTION_CONFIG, 0, "config", "FILE", "the configuration file; /dev/null: none"},
    {OPTION_CHECK_CONFIG, 0, "check-config", NULL,
     "print what is in force of the configuration file and the command line, as a configuration file, and exit"},
    {OPTION_LISTEN, 'l', "listen", "HOST:PORT",
     "accept connections there; may be given several times; port 0 is any free one (default [::]:24723 and "
     "0.0.0.0:24723)"},
    {OPTION_STATE_DIR, 0, "state-dir", "DIR", "where the server's key and its registry are kept, made if need be"},
    {OPTION_NAME, 'n', "name", "NAME", "the server's name (default: the name of the host)"},
    {OPTION_KEY, 0, "key", "FILE", "the server's RSA private key in PEM, in place of the one in the state directory"},
    {OPTION_PASSPHRASE_FILE, 0, "passphrase-file", "FILE", "the first line of FILE opens an encrypted key"},
    {OPTION_PASSPHRASE_FD, 0, "passphrase-fd", "N", "the same from the inherited descriptor N"},
    {OPTION_REGISTER, 0, "register", "POLICY",
     "who may come: open, anybody (the default); closed, names that are in the registry; allow FILE, the names and "
     "keys of FILE"},
    {OPTION_CERTIFICATE, 0, "certificate", "FILE", "the server's certificates in PEM, its own first, to show clients"},
    {OPTION_CA, 0, "ca", "FILE", "the authorities that certify clients, in PEM"},
    {OPTION_CRL, 0, "crl", "FILE", "lists of certificates that those authorities have revoked, in PEM"},
    {OPTION_REQUIRE_CERTIFICATE, 0, "require-certificate", NULL, "refuse clients without a valid certificate"},
    {OPTION_CERTIFICATE_NAMES, 0, "certificate-names", "POLICY",
     "whose certificate a client may show: user, one that names it (the default), or any"},
    {OPTION_CIPHERS, 0, "ciphers", "LIST", "cipher suites accepted, preferred first (default AES-256,AES-128)"},
    {OPTION_BITS, 0, "bits", "N", "keygen: the size of the key, 2048, 3072 (the default) or 4096"},
    {OPTION_JSON, 0, "json", NULL, "users: print a JSON object a line"},
    {OPTION_DEBUG, 'd', "debug", NULL, "log each message's type and size, and what the relay sees of it"},
    {OPTION_LOG, 0, "log", "TARGET", "where the log goes: stderr (the default) or syslog"},
    {OPTION_LOG_FILE, 0, "log-file", "FILE", "a file that the log goes to in place of that, opened anew at SIGHUP"},
    {OPTION_LOG_FORMAT, 0, "log-format", "FORMAT", "how records are written: text (the default) or json"},
    {OPTION_PRINT_FINGERPRINT, 0, "print-fingerprint", NULL, "print the fingerprint of the server's key and exit"},
    {OPTION_SANDBOX, 0, "sandbox", "STATE",
     "whether to give up system calls that are not needed: on (the default where it was built in) or off"},
    {OPTION_UPGRADE, 0, "upgrade", NULL, "the same as the command upgrade"},
    {OPTION_USER, 0, "user", "NAME[:GROUP]", "become that user once the addresses are there; needs root"},
    {OPTION_COMPLETION, 0, "completion", "SHELL", "print what completes these options in SHELL: bash, zsh or fish"},
    {OPTION_HELP, 'h', "help", NULL, "print this help and exit"},
    {OPTION_VERSION, 'V', "version", NULL, "print the version and exit"},
    LIMITS(LIMIT_ROW) /* of limits.h */
};

const struct options_program settings_program = {
    .name = "chatsecure-server",
    .usage = "[OPTION]...\n       chatsecure-server [OPTION]... COMMAND [ARGUMENT]...",
    .about = "The relay of ChatSecure: carries end-to-end encrypted messages between clients.\n",
    .rows = option_rows,
    .count = sizeof(option_rows) / sizeof(option_rows[0]),
    .verbs = verb_rows,
    .verb_count = VERB_COUNT,
};

/* ---- reading --------------------------------------------------------------------------------------- */

#define WRONG(why, ...) (diagnostic_set((why), __VA_ARGS__), -EINVAL)

static int set_path(char out[static STATE_PATH_SIZE], const char *value, struct diagnostic *why) {
    const size_t size = strlen(value);

    if (size == 0)
        return WRONG(why, "needs a path");
    if (size >= STATE_PATH_SIZE)
        return WRONG(why, "takes a path of less than %d bytes", STATE_PATH_SIZE);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)value[i] < ' ' || value[i] == '\x7f')
            return WRONG(why, "takes a path without control characters, not \"%s\"", value);
    memcpy(out, value, size + 1);
    return 0;
}

static int set_flag(bool *flag, const char *value, struct diagnostic *why) {
    if (value != NULL && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        return WRONG(why, "takes yes or no, not \"%s\"", value);
    *flag = value == NULL || strcmp(value, "yes") == 0;
    return 0;
}

static int set_listen(struct settings *settings, const char *value, struct diagnostic *why) {
    struct diagnostic what = {""};

    if (settings->listen_count == SETTINGS_LISTEN_MAX)
        return WRONG(why, "may be given %d times", SETTINGS_LISTEN_MAX);
    if (net_parse(&settings->listen[settings->listen_count], value, NET_PORT_DEFAULT, &what) != 0)
        return WRONG(why, "takes an address: %s", what.text);
    settings->listen_count++;
    return 0;
}

static int set_name(struct settings *settings, const char *value, struct diagnostic *why) {
    if (!name_is_valid(span_of(value)))
        return WRONG(why, "takes a letter, then up to %d of letters, digits, `.', `_' and `-': \"%s\" is not a name",
                     NAME_LENGTH_MAX - 1, value);
    name_copy(settings->name, span_of(value));
    return 0;
}

static int set_descriptor(int *fd, const char *value, struct diagnostic *why) {
    uint64_t number = 0;

    if (!options_parse_number(value, 0, INT_MAX, &number))
        return WRONG(why, "takes the number of a descriptor, not \"%s\"", value);
    *fd = (int)number;
    return 0;
}

/* "open", "closed", or "allow" and a file behind a colon or a blank. */
static int set_policy(struct settings *settings, const char *value, struct diagnostic *why) {
    static const char allow[] = "allow";
    const char *rest = value + sizeof(allow) - 1;

    if (strcmp(value, "open") == 0 || strcmp(value, "closed") == 0) {
        settings->policy = value[0] == 'o' ? REGISTRY_OPEN : REGISTRY_CLOSED;
        settings->allow_file[0] = '\0';
        return 0;
    }
    if (strncmp(value, allow, sizeof(allow) - 1) != 0 || strchr(": ", *rest) == NULL)
        return WRONG(why, "takes open, closed or allow FILE, not \"%s\"", value);
    if (rest[0] == '\0' || rest[1] == '\0')
        return WRONG(why, "allow needs a file: allow FILE");
    settings->policy = REGISTRY_ALLOW;
    return set_path(settings->allow_file, rest + 1, why);
}

static int set_names(struct settings *settings, const char *value, struct diagnostic *why) {
    if (strcmp(value, "any") != 0 && strcmp(value, "user") != 0)
        return WRONG(why, "takes user or any, not \"%s\"", value);
    settings->any_certificate_name = value[0] == 'a';
    return 0;
}

static int set_ciphers(struct settings *settings, const char *value, struct diagnostic *why) {
    struct span bad = {NULL, 0};

    if (!suite_list_parse(&settings->suites, value, &bad))
        return WRONG(why, "takes suites: \"%.*s\" is not a suite; there are %s and %s", (int)bad.size, bad.data,
                     suite_short_name(SUITE_AES_256), suite_short_name(SUITE_AES_128));
    return 0;
}

static int set_user(struct settings *settings, const char *value, struct diagnostic *why) {
    const size_t size = strlen(value);
    const char *colon = strchr(value, ':');

    if (size >= SETTINGS_USER_SIZE || size == 0 || colon == value || (colon != NULL && colon[1] == '\0') ||
        strcspn(value, " \t\n\r") != size)
        return WRONG(why, "takes NAME or NAME:GROUP, not \"%s\"", value);
    memcpy(settings->user, value, size + 1);
    return 0;
}

static int set_sandbox(struct settings *settings, const char *value, struct diagnostic *why) {
    if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
        return WRONG(why, "takes on or off, not \"%s\"", value);
    if (strcmp(value, "on") == 0 && !sandbox_is_there())
        return WRONG(why, "cannot be on: this server was built without it");
    settings->sandbox = strcmp(value, "on") == 0;
    return 0;
}

static int set_log(struct settings *settings, const char *value, struct diagnostic *why) {
    if (strcmp(value, "stderr") != 0 && strcmp(value, "syslog") != 0)
        return WRONG(why, "takes stderr or syslog, not \"%s\"", value);
    settings->log = strcmp(value, "syslog") == 0 ? LOG_TARGET_SYSLOG : LOG_TARGET_STDERR;
    return 0;
}

static int set_log_format(struct settings *settings, const char *value, struct diagnostic *why) {
    if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0)
        return WRONG(why, "takes text or json, not \"%s\"", value);
    settings->log_format = value[0] == 'j' ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
    return 0;
}

static int set_bits(struct settings *settings, const char *value, struct diagnostic *why) {
    if (!options_parse_number(value, CSC_RSA_MIN_BITS, CSC_RSA_MAX_BITS, &settings->bits) || settings->bits % 1024 != 0)
        return WRONG(why, "takes 2048, 3072 or 4096, not \"%s\"", value);
    return 0;
}

int settings_set(struct settings *settings, int id, const char *value, struct diagnostic *why) {
    if (id >= OPTION_LIMITS && id < OPTION_LIMITS + LIMITS_COUNT)
        return limits_set(&settings->limits, (enum limit)(id - OPTION_LIMITS), value, why);
    switch ((enum option)id) {
    case OPTION_LISTEN:
        return set_listen(settings, value, why);
    case OPTION_STATE_DIR:
        return set_path(settings->state_dir, value, why);
    case OPTION_NAME:
        return set_name(settings, value, why);
    case OPTION_KEY:
        return set_path(settings->key, value, why);
    case OPTION_PASSPHRASE_FILE:
        return set_path(settings->passphrase_file, value, why);
    case OPTION_PASSPHRASE_FD:
        return set_descriptor(&settings->passphrase_fd, value, why);
    case OPTION_REGISTER:
        return set_policy(settings, value, why);
    case OPTION_CERTIFICATE:
        return set_path(settings->certificate, value, why);
    case OPTION_CA:
        return set_path(settings->ca, value, why);
    case OPTION_CRL:
        return set_path(settings->crl, value, why);
    case OPTION_REQUIRE_CERTIFICATE:
        return set_flag(&settings->require_certificate, value, why);
    case OPTION_CERTIFICATE_NAMES:
        return set_names(settings, value, why);
    case OPTION_CIPHERS:
        return set_ciphers(settings, value, why);
    case OPTION_DEBUG:
        return set_flag(&settings->debug, value, why);
    case OPTION_LOG:
        return set_log(settings, value, why);
    case OPTION_LOG_FILE:
        return set_path(settings->log_file, value, why);
    case OPTION_LOG_FORMAT:
        return set_log_format(settings, value, why);
    case OPTION_SANDBOX:
        return set_sandbox(settings, value, why);
    case OPTION_USER:
        return set_user(settings, value, why);
    case OPTION_CONFIG:
        return set_path(settings->config, value, why);
    case OPTION_CHECK_CONFIG:
        return set_flag(&settings->check_config, value, why);
    case OPTION_UPGRADE:
        return set_flag(&settings->upgrade, value, why);
    case OPTION_BITS:
        return set_bits(settings, value, why);
    case OPTION_JSON:
        return set_flag(&settings->json, value, why);
    case OPTION_PRINT_FINGERPRINT:
        return set_flag(&settings->print_fingerprint, value, why);
    default: /* --help and --version, which set nothing */
        return 0;
    }
}

/* ---- writing --------------------------------------------------------------------------------------- */

/* VALUE "" is none. */
static void print(FILE *out, const char *name, const char *value) {
    if (value[0] == '\0')
        fprintf(out, "# %s =\n", name);
    else
        fprintf(out, "%s = %s\n", name, value);
}

static void print_flag(FILE *out, const char *name, bool flag) {
    print(out, name, flag ? "yes" : "no");
}

static void print_listen(const struct settings *settings, const char *name, FILE *out) {
    char text[NET_HOST_SIZE + 16] = "";

    if (settings->listen_count == 0)
        print(out, name, "");
    for (size_t i = 0; i < settings->listen_count; i++) {
        net_endpoint_text(text, sizeof(text), &settings->listen[i]);
        print(out, name, text);
    }
}

static void print_descriptor(FILE *out, const char *name, int fd) {
    if (fd < 0)
        print(out, name, "");
    else
        fprintf(out, "%s = %d\n", name, fd);
}

static void print_policy(const struct settings *settings, const char *name, FILE *out) {
    if (settings->policy == REGISTRY_ALLOW)
        fprintf(out, "%s = allow %s\n", name, settings->allow_file);
    else
        print(out, name, settings->policy == REGISTRY_OPEN ? "open" : "closed");
}

static void print_ciphers(const struct settings *settings, const char *name, FILE *out) {
    fprintf(out, "%s = ", name);
    for (size_t i = 0; i < settings->suites.count; i++)
        fprintf(out, "%s%s", i > 0 ? "," : "", suite_short_name(settings->suites.suites[i]));
    fputc('\n', out);
}

static void print_limit(const struct settings *settings, enum limit limit, const char *name, FILE *out) {
    char text[LIMITS_TEXT_SIZE] = "";

    limits_text(&settings->limits, limit, text);
    print(out, name, text);
}

void settings_print(const struct settings *settings, int id, const char *name, FILE *out) {
    if (id >= OPTION_LIMITS && id < OPTION_LIMITS + LIMITS_COUNT) {
        print_limit(settings, (enum limit)(id - OPTION_LIMITS), name, out);
        return;
    }
    switch ((enum option)id) {
    case OPTION_LISTEN:
        print_listen(settings, name, out);
        break;
    case OPTION_STATE_DIR:
        print(out, name, settings->state_dir);
        break;
    case OPTION_NAME:
        print(out, name, settings->name);
        break;
    case OPTION_KEY:
        print(out, name, settings->key);
        break;
    case OPTION_PASSPHRASE_FILE:
        print(out, name, settings->passphrase_file);
        break;
    case OPTION_PASSPHRASE_FD:
        print_descriptor(out, name, settings->passphrase_fd);
        break;
    case OPTION_REGISTER:
        print_policy(settings, name, out);
        break;
    case OPTION_CERTIFICATE:
        print(out, name, settings->certificate);
        break;
    case OPTION_CA:
        print(out, name, settings->ca);
        break;
    case OPTION_CRL:
        print(out, name, settings->crl);
        break;
    case OPTION_REQUIRE_CERTIFICATE:
        print_flag(out, name, settings->require_certificate);
        break;
    case OPTION_CERTIFICATE_NAMES:
        print(out, name, settings->any_certificate_name ? "any" : "user");
        break;
    case OPTION_CIPHERS:
        print_ciphers(settings, name, out);
        break;
    case OPTION_DEBUG:
        print_flag(out, name, settings->debug);
        break;
    case OPTION_LOG:
        print(out, name, settings->log == LOG_TARGET_SYSLOG ? "syslog" : "stderr");
        break;
    case OPTION_LOG_FILE:
        print(out, name, settings->log_file);
        break;
    case OPTION_LOG_FORMAT:
        print(out, name, settings->log_format == LOG_FORMAT_JSON ? "json" : "text");
        break;
    case OPTION_SANDBOX:
        print(out, name, settings->sandbox ? "on" : "off");
        break;
    case OPTION_USER:
        print(out, name, settings->user);
        break;
    default: /* of a run, and in no file */
        break;
    }
}
