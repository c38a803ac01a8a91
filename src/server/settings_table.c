#include <config.h>

#include "src/server/settings_table.h"

#include "src/common/identity.h"
#include "src/server/sandbox.h"
#include "src/server/verbs.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
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

static int set_passphrase_fd(struct settings *settings, const char *value, struct diagnostic *why) {
    uint64_t number = 0;

    if (!options_parse_number(value, 0, INT_MAX, &number))
        return WRONG(why, "takes the number of a descriptor, not \"%s\"", value);
    settings->passphrase_fd = (int)number;
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

/* One of two words; *SECOND says which. */
static int set_word(bool *second, const char *value, const char *first_word, const char *second_word,
                    struct diagnostic *why) {
    if (strcmp(value, first_word) != 0 && strcmp(value, second_word) != 0)
        return WRONG(why, "takes %s or %s, not \"%s\"", first_word, second_word, value);
    *second = strcmp(value, second_word) == 0;
    return 0;
}

static int set_names(struct settings *settings, const char *value, struct diagnostic *why) {
    return set_word(&settings->any_certificate_name, value, "user", "any", why);
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
    bool off = false;

    if (set_word(&off, value, "on", "off", why) != 0)
        return -EINVAL;
    if (!off && !sandbox_is_there())
        return WRONG(why, "cannot be on: this server was built without it");
    settings->sandbox = !off;
    return 0;
}

static int set_log(struct settings *settings, const char *value, struct diagnostic *why) {
    bool syslog = false;

    if (set_word(&syslog, value, "stderr", "syslog", why) != 0)
        return -EINVAL;
    settings->log = syslog ? LOG_TARGET_SYSLOG : LOG_TARGET_STDERR;
    return 0;
}

static int set_log_format(struct settings *settings, const char *value, struct diagnostic *why) {
    bool json = false;

    if (set_word(&json, value, "text", "json", why) != 0)
        return -EINVAL;
    settings->log_format = json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
    return 0;
}

static int set_bits(struct settings *settings, const char *value, struct diagnostic *why) {
    if (!options_parse_number(value, CSC_RSA_MIN_BITS, CSC_RSA_MAX_BITS, &settings->bits) || settings->bits % 1024 != 0)
        return WRONG(why, "takes 2048, 3072 or 4096, not \"%s\"", value);
    return 0;
}

/* ---- writing --------------------------------------------------------------------------------------- */

/* VALUE "" is none. */
static void print(FILE *out, const char *name, const char *value) {
    if (value[0] == '\0')
        fprintf(out, "# %s =\n", name);
    else
        fprintf(out, "%s = %s\n", name, value);
}

static void print_listen(const struct settings *settings, const char *name, FILE *out) {
    char text[NET_ENDPOINT_SIZE] = "";

    if (settings->listen_count == 0)
        print(out, name, "");
    for (size_t i = 0; i < settings->listen_count; i++) {
        net_endpoint_text(text, sizeof(text), &settings->listen[i]);
        print(out, name, text);
    }
}

static void print_name(const struct settings *settings, const char *name, FILE *out) {
    print(out, name, settings->name);
}

static void print_passphrase_fd(const struct settings *settings, const char *name, FILE *out) {
    if (settings->passphrase_fd < 0)
        print(out, name, "");
    else
        fprintf(out, "%s = %d\n", name, settings->passphrase_fd);
}

static void print_policy(const struct settings *settings, const char *name, FILE *out) {
    if (settings->policy == REGISTRY_ALLOW)
        fprintf(out, "%s = allow %s\n", name, settings->allow_file);
    else
        print(out, name, settings->policy == REGISTRY_OPEN ? "open" : "closed");
}

static void print_names(const struct settings *settings, const char *name, FILE *out) {
    print(out, name, settings->any_certificate_name ? "any" : "user");
}

static void print_ciphers(const struct settings *settings, const char *name, FILE *out) {
    fprintf(out, "%s = ", name);
    for (size_t i = 0; i < settings->suites.count; i++)
        fprintf(out, "%s%s", i > 0 ? "," : "", suite_short_name(settings->suites.suites[i]));
    fputc('\n', out);
}

static void print_log(const struct settings *settings, const char *name, FILE *out) {
    print(out, name, settings->log == LOG_TARGET_SYSLOG ? "syslog" : "stderr");
}

static void print_log_format(const struct settings *settings, const char *name, FILE *out) {
    print(out, name, settings->log_format == LOG_FORMAT_JSON ? "json" : "text");
}

static void print_sandbox(const struct settings *settings, const char *name, FILE *out) {
    print(out, name, settings->sandbox ? "on" : "off");
}

static void print_user(const struct settings *settings, const char *name, FILE *out) {
    print(out, name, settings->user);
}

static void print_limit(const struct settings *settings, enum limit limit, const char *name, FILE *out) {
    char text[LIMITS_TEXT_SIZE] = "";

    limits_text(&settings->limits, limit, text);
    print(out, name, text);
}

/* ---- where values go ------------------------------------------------------------------------------- */

/* Where the value of an option is in the settings, and so how it is read and written.  What only says what this run is
 * to do is in no file, and never written. */
struct target {
    enum { TARGET_NONE, TARGET_PATH, TARGET_FLAG, TARGET_FUNCTIONS } kind;
    size_t offset; /* of the member of struct settings, for a path or a flag */
    int (*set)(struct settings *settings, const char *value, struct diagnostic *why);
    void (*print)(const struct settings *settings, const char *name, FILE *out);
};

/* A member of another type than the kind's does not compile. */
#define MEMBER(member)      ((struct settings *)NULL)->member
#define PATH_OFFSET(member) _Generic(&MEMBER(member), char(*)[STATE_PATH_SIZE] : offsetof(struct settings, member))
#define PATH(member)                                                                                                   \
    { .kind = TARGET_PATH, .offset = PATH_OFFSET(member) }
#define FLAG(member)                                                                                                   \
    { .kind = TARGET_FLAG, .offset = _Generic(MEMBER(member), bool : offsetof(struct settings, member)) }
#define FUNCTIONS(setter, printer)                                                                                     \
    { .kind = TARGET_FUNCTIONS, .set = (setter), .print = (printer) }

static const struct target targets[OPTION_VERSION + 1] = {
    [OPTION_LISTEN] = FUNCTIONS(set_listen, print_listen),
    [OPTION_STATE_DIR] = PATH(state_dir),
    [OPTION_NAME] = FUNCTIONS(set_name, print_name),
    [OPTION_KEY] = PATH(key),
    [OPTION_PASSPHRASE_FILE] = PATH(passphrase_file),
    [OPTION_PASSPHRASE_FD] = FUNCTIONS(set_passphrase_fd, print_passphrase_fd),
    [OPTION_REGISTER] = FUNCTIONS(set_policy, print_policy),
    [OPTION_CERTIFICATE] = PATH(certificate),
    [OPTION_CA] = PATH(ca),
    [OPTION_CRL] = PATH(crl),
    [OPTION_REQUIRE_CERTIFICATE] = FLAG(require_certificate),
    [OPTION_CERTIFICATE_NAMES] = FUNCTIONS(set_names, print_names),
    [OPTION_CIPHERS] = FUNCTIONS(set_ciphers, print_ciphers),
    [OPTION_DEBUG] = FLAG(debug),
    [OPTION_LOG] = FUNCTIONS(set_log, print_log),
    [OPTION_LOG_FILE] = PATH(log_file),
    [OPTION_LOG_FORMAT] = FUNCTIONS(set_log_format, print_log_format),
    [OPTION_USER] = FUNCTIONS(set_user, print_user),
    [OPTION_SANDBOX] = FUNCTIONS(set_sandbox, print_sandbox),
    [OPTION_CONFIG] = PATH(config),
    [OPTION_CHECK_CONFIG] = FLAG(check_config),
    [OPTION_UPGRADE] = FLAG(upgrade),
    [OPTION_BITS] = FUNCTIONS(set_bits, NULL),
    [OPTION_JSON] = FLAG(json),
    [OPTION_PRINT_FINGERPRINT] = FLAG(print_fingerprint),
};

static bool is_limit(int id) {
    return id >= OPTION_LIMITS && id < OPTION_LIMITS + LIMITS_COUNT;
}

int settings_set(struct settings *settings, int id, const char *value, struct diagnostic *why) {
    const struct target *target = &targets[id];
    void *member = (char *)settings + target->offset;

    if (is_limit(id))
        return limits_set(&settings->limits, (enum limit)(id - OPTION_LIMITS), value, why);
    switch (target->kind) {
    case TARGET_PATH:
        return set_path(member, value, why);
    case TARGET_FLAG:
        return set_flag(member, value, why);
    case TARGET_FUNCTIONS:
        return target->set(settings, value, why);
    case TARGET_NONE:
        break;
    }
    return 0;
}

void settings_print(const struct settings *settings, int id, const char *name, FILE *out) {
    const struct target *target = &targets[id];
    const void *member = (const char *)settings + target->offset;

    if (is_limit(id))
        print_limit(settings, (enum limit)(id - OPTION_LIMITS), name, out);
    else if (id >= OPTION_RUN)
        return;
    else if (target->kind == TARGET_PATH)
        print(out, name, member);
    else if (target->kind == TARGET_FLAG)
        print(out, name, *(const bool *)member ? "yes" : "no");
    else if (target->kind == TARGET_FUNCTIONS)
        target->print(settings, name, out);
}
