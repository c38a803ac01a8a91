#include <config.h>

#include "src/server/settings.h"

#include "src/common/identity.h"
#include "src/server/verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PONG_WITHIN_MIN_MS 1000

enum option {
    OPTION_LISTEN,
    OPTION_STATE_DIR,
    OPTION_NAME,
    OPTION_KEY,
    OPTION_PASSPHRASE_FILE,
    OPTION_PASSPHRASE_FD,
    OPTION_REGISTER,
    OPTION_CERTIFICATE,
    OPTION_CA,
    OPTION_CRL,
    OPTION_REQUIRE_CERTIFICATE,
    OPTION_CERTIFICATE_NAMES,
    OPTION_CIPHERS,
    OPTION_BITS,
    OPTION_JSON,
    OPTION_DEBUG,
    OPTION_PRINT_FINGERPRINT,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_LIMITS /* the first of LIMITS_COUNT */
};

#define LIMIT_ROW(id, member, unit, name, argument, smallest, largest, standard, help)                                 \
    {OPTION_LIMITS + LIMIT_##id, 0, name, argument, help " (default " standard ")"},

static const struct option_row option_rows[] = {
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
     "keys "
     "of FILE"},
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
    {OPTION_PRINT_FINGERPRINT, 0, "print-fingerprint", NULL, "print the fingerprint of the server's key and exit"},
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

static int read_listen(struct settings *settings, const char *value) {
    struct diagnostic why = {""};

    if (settings->listen_count == SETTINGS_LISTEN_MAX)
        return options_error(&settings_program, "--listen may be given %d times", SETTINGS_LISTEN_MAX);
    if (net_parse(&settings->listen[settings->listen_count], value, NET_PORT_DEFAULT, &why) != 0)
        return options_error(&settings_program, "--listen: %s", why.text);
    settings->listen_count++;
    return 0;
}

static int read_name(struct settings *settings, const char *value) {
    if (!name_is_valid(span_of(value)))
        return options_error(&settings_program,
                             "\"%s\" is not a name: a letter, then up to %d of letters, digits, `.', `_' and `-'",
                             value, NAME_LENGTH_MAX - 1);
    name_copy(settings->name, span_of(value));
    return 0;
}

/* "open", "closed", or "allow" with a file: in the same argument behind a colon or a blank, or in the next one. */
static int read_policy(struct settings *settings, struct options *options) {
    static const char allow[] = "allow";
    const char *value = options->value;
    const char *rest = value + sizeof(allow) - 1;

    settings->allow_file = NULL;
    if (strcmp(value, "open") == 0) {
        settings->policy = REGISTRY_OPEN;
        return 0;
    }
    if (strcmp(value, "closed") == 0) {
        settings->policy = REGISTRY_CLOSED;
        return 0;
    }
    settings->policy = REGISTRY_ALLOW;
    if (strcmp(value, allow) == 0)
        settings->allow_file = options_argument(options);
    else if (strncmp(value, allow, sizeof(allow) - 1) == 0 && (*rest == ':' || *rest == ' '))
        settings->allow_file = rest + 1;
    else
        return options_error(&settings_program, "--register takes open, closed or allow FILE, not \"%s\"", value);
    if (settings->allow_file == NULL || settings->allow_file[0] == '\0')
        return options_error(&settings_program, "--register allow needs a file: --register allow FILE");
    return 0;
}

static int read_bits(struct settings *settings, struct options *options) {
    if (options_number(options, CSC_RSA_MIN_BITS, CSC_RSA_MAX_BITS, &settings->bits) != 0)
        return OPTIONS_ERROR;
    if (settings->bits % 1024 != 0)
        return options_error(&settings_program, "--bits takes 2048, 3072 or 4096, not \"%s\"", options->value);
    return 0;
}

static int read_names(struct settings *settings, const char *value) {
    settings->any_certificate_name = strcmp(value, "any") == 0;
    if (!settings->any_certificate_name && strcmp(value, "user") != 0)
        return options_error(&settings_program, "--certificate-names takes user or any, not \"%s\"", value);
    return 0;
}

static int read_ciphers(struct settings *settings, const char *value) {
    struct span bad = {NULL, 0};

    if (!suite_list_parse(&settings->suites, value, &bad))
        return options_error(&settings_program, "--ciphers: \"%.*s\" is not a suite; there are %s and %s",
                             (int)bad.size, bad.data, suite_short_name(SUITE_AES_256), suite_short_name(SUITE_AES_128));
    return 0;
}

static int read_limit(struct settings *settings, enum limit limit, const char *value) {
    struct diagnostic why = {""};

    return limits_set(&settings->limits, limit, value, &why) == 0 ? 0
                                                                  : options_error(&settings_program, "%s", why.text);
}

static int read_option(struct settings *settings, struct options *options, int id) {
    if (id >= OPTION_LIMITS && id < OPTION_LIMITS + LIMITS_COUNT)
        return read_limit(settings, (enum limit)(id - OPTION_LIMITS), options->value);
    switch (id) {
    case OPTION_LISTEN:
        return read_listen(settings, options->value);
    case OPTION_STATE_DIR:
        settings->state_dir = options->value;
        return 0;
    case OPTION_NAME:
        return read_name(settings, options->value);
    case OPTION_KEY:
        settings->key = options->value;
        return 0;
    case OPTION_PASSPHRASE_FILE:
        settings->passphrase.file = options->value;
        return 0;
    case OPTION_PASSPHRASE_FD:
        return options_descriptor(options, &settings->passphrase.fd);
    case OPTION_REGISTER:
        return read_policy(settings, options);
    case OPTION_CERTIFICATE:
        settings->certificate = options->value;
        return 0;
    case OPTION_CA:
        settings->ca = options->value;
        return 0;
    case OPTION_CRL:
        settings->crl = options->value;
        return 0;
    case OPTION_REQUIRE_CERTIFICATE:
        settings->require_certificate = true;
        return 0;
    case OPTION_CERTIFICATE_NAMES:
        return read_names(settings, options->value);
    case OPTION_CIPHERS:
        return read_ciphers(settings, options->value);
    case OPTION_BITS:
        return read_bits(settings, options);
    case OPTION_JSON:
        settings->json = true;
        return 0;
    case OPTION_DEBUG:
        settings->debug = true;
        return 0;
    default:
        settings->print_fingerprint = true;
        return 0;
    }
}

/* Nothing, or a verb and what it takes. */
static int read_operands(struct settings *settings, const char *const *operands, size_t count) {
    if (count == 0)
        return 0;
    settings->verb = options_find_verb(&settings_program, operands[0]);
    if (settings->verb == OPTIONS_NO_VERB)
        return options_error(&settings_program, "\"%s\" is not a command", operands[0]);
    if (options_check_verb(&settings_program, &verb_rows[settings->verb], count - 1) != 0)
        return OPTIONS_ERROR;
    settings->operand_count = count - 1;
    memcpy(settings->operands, operands + 1, settings->operand_count * sizeof(operands[0]));
    return 0;
}

/* Who certifies people is for the operator to say: what a system trusts certifies servers. */
static int check_certificates(const struct settings *settings) {
    if (settings->require_certificate && settings->ca == NULL)
        return options_error(&settings_program,
                             "--require-certificate needs --ca FILE, the authorities that certify clients");
    if (!settings->require_certificate && (settings->ca != NULL || settings->crl != NULL))
        return options_error(&settings_program, "--ca and --crl are about clients: give --require-certificate too");
    return 0;
}

int settings_read(struct settings *settings, int argc, char **argv) {
    struct options options = {0};
    const char *operands[1 + VERB_OPERANDS_MAX + 1] = {0};
    size_t count = 0;
    int id = 0;

    *settings = (struct settings){
        .verb = OPTIONS_NO_VERB,
        .passphrase = PASSPHRASE_SOURCE_NONE,
        .bits = IDENTITY_BITS,
        .suites = SUITE_LIST_ALL,
    };
    limits_init(&settings->limits);
    default_name(settings->name);
    options_begin(&options, &settings_program, argc, argv);
    while ((id = options_next(&options)) >= 0) {
        if (id == OPTION_HELP)
            return options_print_help(&settings_program, stdout) == 0 ? SERVER_EXIT_OK : SERVER_EXIT_FAILED;
        if (id == OPTION_VERSION)
            return options_print_version(&settings_program, PACKAGE_VERSION, stdout) == 0 ? SERVER_EXIT_OK
                                                                                          : SERVER_EXIT_FAILED;
        if (id == OPTIONS_OPERAND && count < sizeof(operands) / sizeof(operands[0]))
            operands[count++] = options.value;
        else if (id != OPTIONS_OPERAND && read_option(settings, &options, id) != 0)
            return SERVER_EXIT_USAGE;
    }
    if (id == OPTIONS_ERROR || read_operands(settings, operands, count) != 0 || check_certificates(settings) != 0)
        return SERVER_EXIT_USAGE;
    return -1;
}

uint64_t settings_pong_within(const struct settings *settings) {
    uint64_t third = settings->limits.ping_after / 3;

    return third > PONG_WITHIN_MIN_MS ? third : PONG_WITHIN_MIN_MS;
}

int settings_state_dir(const struct settings *settings, char out[static STATE_PATH_SIZE], struct diagnostic *why) {
    const char *path = settings->state_dir;
    size_t size = 0;

    if (path == NULL)
        path = getenv("STATE_DIRECTORY");
    if (path == NULL && geteuid() == 0)
        path = "/var/lib/chatsecure";
    if (path == NULL)
        return state_dir_default(out, settings_program.name, why);
    /* systemd gives a list when the unit names several. */
    size = path == settings->state_dir ? strlen(path) : strcspn(path, ":");
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

    if (settings->key != NULL && strlen(settings->key) < STATE_PATH_SIZE) {
        memcpy(out, settings->key, strlen(settings->key) + 1);
        return 0;
    }
    if (settings->key != NULL) {
        diagnostic_set(why, "the path of the key is too long");
        return -ENAMETOOLONG;
    }
    if (settings_state_dir(settings, dir, why) != 0 || (make && state_dir_make(dir, why) != 0))
        return -1;
    return state_dir_path(out, dir, IDENTITY_FILE, why);
}
