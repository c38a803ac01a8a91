#include <config.h>

#include "proto/name.h"
#include "src/client/arguments.h"
#include "src/client/recipients.h"
#include "src/common/identity.h"

#include <string.h>
#include <unistd.h>

/* A day: a longer wait is a mistake. */
#define TIMEOUT_MAX     86400
#define TIMEOUT_DEFAULT 30
#define COUNT_MAX       1000000000
#define STATUS_FD_MAX   65535
#define TTL_MAX         (365 * 86400)

enum {
    OPTION_NAME,
    OPTION_STATE_DIR,
    OPTION_IDENTITY,
    OPTION_PASSPHRASE_FILE,
    OPTION_PASSPHRASE_FD,
    OPTION_BITS,
    OPTION_FINGERPRINT,
    OPTION_TRUST,
    OPTION_TRUST_PEERS,
    OPTION_KNOWN_SERVERS,
    OPTION_KNOWN_PEERS,
    OPTION_CA,
    OPTION_CRL,
    OPTION_CERTIFICATE_NAMES,
    OPTION_REQUIRE,
    OPTION_CERTIFICATE,
    OPTION_CERTIFICATE_KEY,
    OPTION_TOKEN,
    OPTION_PIN_FILE,
    OPTION_CIPHERS,
    OPTION_TIMEOUT,
    OPTION_TO,
    OPTION_MESSAGE,
    OPTION_FILE,
    OPTION_SINGLE,
    OPTION_NEED,
    OPTION_EXEC,
    OPTION_FROM,
    OPTION_OR_ELSE,
    OPTION_NO_RECONNECT,
    OPTION_WAIT_READY,
    OPTION_LOCK_TIMEOUT,
    OPTION_WAIT,
    OPTION_TTL,
    OPTION_NO_READ,
    OPTION_INPUT,
    OPTION_OUTPUT,
    OPTION_STATUS_FD,
    OPTION_SIGN,
    OPTION_KEY,
    OPTION_RECEIVE,
    OPTION_COUNT,
    OPTION_COLOR,
    OPTION_BELL,
    OPTION_NO_HISTORY,
    OPTION_DEBUG,
    OPTION_COMPLETION,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option_row rows[] = {
    {OPTION_NAME, 'n', "name", "NAME", "the name to be known by; asked for on a terminal if it is not given"},
    {OPTION_STATE_DIR, 0, "state-dir", "DIR",
     "where identity, known_servers and known_peers are; $XDG_STATE_HOME/chatsecure if it is not given"},
    {OPTION_IDENTITY, 0, "identity", "FILE", "the private key to use; DIR/identity.pem, made on first use, by default"},
    {OPTION_PASSPHRASE_FILE, 0, "passphrase-file", "FILE", "the first line of FILE opens an encrypted identity"},
    {OPTION_PASSPHRASE_FD, 0, "passphrase-fd", "N", "the same from the inherited descriptor N"},
    {OPTION_BITS, 0, "bits", "N", "keygen: the size of the key, 2048, 3072 (the default) or 4096"},
    {OPTION_FINGERPRINT, 0, "fingerprint", "FPR", "the fingerprint that the server's key must have"},
    {OPTION_TRUST, 0, "trust", "POLICY",
     "an unknown server: ask, first-use or known (no unknown one); ask on a terminal, else known"},
    {OPTION_TRUST_PEERS, 0, "trust-peers", "POLICY", "an unknown peer: first-use, the default, or known"},
    {OPTION_KNOWN_SERVERS, 0, "known-servers", "FILE", "the servers to trust, and no others; FILE is only read"},
    {OPTION_KNOWN_PEERS, 0, "known-peers", "FILE", "the peers to trust, and no others; FILE is only read"},
    {OPTION_CA, 0, "ca", "FILE", "the authorities to believe, in PEM; for servers the system's by default"},
    {OPTION_CRL, 0, "crl", "FILE", "lists of certificates that authorities have revoked, in PEM"},
    {OPTION_CERTIFICATE_NAMES, 0, "certificate-names", "POLICY",
     "whose certificate a peer may show: user, one that names it (the default), or any"},
    {OPTION_REQUIRE, 0, "require", "WHAT",
     "verified: send only to peers that are; certified: have nothing to do with peers without a valid certificate"},
    {OPTION_CERTIFICATE, 0, "certificate", "FILE", "the user's certificates in PEM, the own one first, to show others"},
    {OPTION_CERTIFICATE_KEY, 0, "certificate-key", "FILE", "the private key of --certificate, needed once"},
    {OPTION_TOKEN, 0, "token", "URL", "the same on a PKCS#11 token, pkcs11:...; with its certificate or --certificate"},
    {OPTION_PIN_FILE, 0, "pin-file", "FILE", "the first line of FILE is the token's PIN, which is asked for otherwise"},
    {OPTION_CIPHERS, 0, "ciphers", "LIST", "cipher suites to accept, preferred first: AES-256,AES-128"},
    {OPTION_TIMEOUT, 'W', "timeout", "SEC", "how long to wait for the server and for receipts; 30"},
    {OPTION_TO, 0, "to", "LIST", "send each line, whatever it says, to LIST: NAME[,NAME...], @GROUP, @PATH/FILE"},
    {OPTION_MESSAGE, 'm', "message", "TEXT", "send TEXT, and do not read standard input; with --to"},
    {OPTION_FILE, 'f', "file", "FILE", "send what is in FILE as one message; with --to"},
    {OPTION_SINGLE, 's', "single", NULL, "send all of standard input as one message; with --to"},
    {OPTION_NEED, 0, "need", "N", "a line is delivered when N of its recipients have it; all of them by default"},
    {OPTION_EXEC, 0, "exec", "CMD",
     "run CMD for each message, with its text on standard input, in place of printing it"},
    {OPTION_FROM, 0, "from", "LIST", "take messages of these only: NAME[,NAME...], @GROUP, @PATH/FILE"},
    {OPTION_OR_ELSE, 0, "or-else", "CMD", "in the end, run CMD in a shell with the lines that were not delivered"},
    {OPTION_NO_RECONNECT, 0, "no-reconnect", NULL, "end when the connection is lost, and do not make it again"},
    {OPTION_WAIT_READY, 0, "wait-ready", NULL, "end as soon as the name is registered"},
    {OPTION_LOCK_TIMEOUT, 0, "lock-timeout", "SEC", "how long to wait for another that uses the state directory; 0"},
    {OPTION_WAIT, 0, "wait", "STATE", "what a message must be in the end: sent, delivered, the default, or read"},
    {OPTION_TTL, 0, "ttl", "SEC", "a message that is not delivered so long after it was read expires"},
    {OPTION_NO_READ, 0, "no-read", NULL, "on a terminal, do not tell senders that their messages were shown"},
    {OPTION_INPUT, 'i', "input", "FORMAT", "what lines of input are: text, the default, or json"},
    {OPTION_OUTPUT, 'o', "output", "FORMAT", "what standard output has: text, the default, or json, an event a line"},
    {OPTION_STATUS_FD, 0, "status-fd", "N", "write what becomes of each message to descriptor N, as lines of JSON"},
    {OPTION_SIGN, 0, "sign", NULL, "sign what is sent, so that its receivers can prove who wrote it"},
    {OPTION_KEY, 0, "key", "FILE", "verify-message: the public key that must have signed, in PEM"},
    {OPTION_RECEIVE, 0, "receive", NULL, "stay after the end of input, until killed"},
    {OPTION_COUNT, 'C', "count", "N", "receive, and end after N messages"},
    {OPTION_COLOR, 0, "color", "WHEN", "colour the names of senders: auto (on a terminal, the default), always, never"},
    {OPTION_BELL, 0, "bell", NULL, "on a terminal, ring the bell when a message has one's own name in it"},
    {OPTION_NO_HISTORY, 0, "no-history", NULL, "on a terminal, keep no history of messages"},
    {OPTION_DEBUG, 'd', "debug", NULL, "show on stderr what the program does; the word debug at the end does too"},
    {OPTION_COMPLETION, 0, "completion", "SHELL", "print what completes these options in SHELL: bash, zsh or fish"},
    {OPTION_HELP, 'h', "help", NULL, "print this and end"},
    {OPTION_VERSION, 'V', "version", NULL, "print the version and end"},
};

static const struct options_program program = {
    .name = "chatsecure",
    .usage = "[options] [HOST[:PORT]] [debug]\n       chatsecure [options] COMMAND [ARGUMENT]...",
    .about = "Talks to others through a chatsecure-server, encrypted from end to end.\n"
             "Lines \"NAME: text\" on standard input are sent; messages come on standard output.\n"
             "The server is localhost:24723 if none is given.\n",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .verbs = verb_rows,
    .verb_count = VERB_COUNT,
};

static int read_policy(const char *option, const char *value, bool may_ask, enum trust_policy *policy) {
    if (strcmp(value, "first-use") == 0)
        *policy = TRUST_FIRST_USE;
    else if (strcmp(value, "known") == 0)
        *policy = TRUST_KNOWN;
    else if (may_ask && strcmp(value, "ask") == 0)
        *policy = TRUST_ASK;
    else
        return options_error(&program, "--%s takes %sfirst-use or known, not \"%s\"", option, may_ask ? "ask, " : "",
                             value);
    return 0;
}

static int read_suites(const char *value, struct suite_list *suites) {
    struct span bad;

    if (suite_list_parse(suites, value, &bad))
        return 0;
    return options_error(&program, "--ciphers takes AES-256, AES-128 or both with a comma between, not \"%.*s\"",
                         (int)bad.size, bad.data);
}

static int read_name(struct arguments *arguments, const char *value) {
    if (!name_is_valid(span_of(value)))
        return options_error(&program,
                             "\"%s\" is not a name: it begins with a letter and has at most %d of A-Z a-z "
                             "0-9 . _ -",
                             value, NAME_LENGTH_MAX);
    arguments->name = value;
    return 0;
}

static int read_fingerprint(struct arguments *arguments, const char *value) {
    if (!trust_fingerprint_is_valid(value))
        return options_error(&program, "\"%s\" is not a fingerprint: SHA256: and 43 characters of base64", value);
    arguments->fingerprint = value;
    return 0;
}

static int read_bits(struct arguments *arguments, struct options *options) {
    if (options_number(options, CSC_RSA_MIN_BITS, CSC_RSA_MAX_BITS, &arguments->bits) != 0)
        return OPTIONS_ERROR;
    if (arguments->bits % 1024 != 0)
        return options_error(&program, "--bits takes 2048, 3072 or 4096, not \"%s\"", options->value);
    return 0;
}

static int read_wait(struct arguments *arguments, const char *value) {
    static const char *const words[] = {[WAIT_SENT] = "sent", [WAIT_DELIVERED] = "delivered", [WAIT_READ] = "read"};

    for (int i = WAIT_SENT; i <= WAIT_READ; i++) {
        if (strcmp(value, words[i]) == 0) {
            arguments->wait = (enum wait_for)i;
            return 0;
        }
    }
    return options_error(&program, "--wait takes sent, delivered or read, not \"%s\"", value);
}

static int read_format(const char *option, const char *value, bool *json) {
    *json = strcmp(value, "json") == 0;
    if (!*json && strcmp(value, "text") != 0)
        return options_error(&program, "--%s takes text or json, not \"%s\"", option, value);
    return 0;
}

static int read_color(struct arguments *arguments, const char *value) {
    if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 && strcmp(value, "never") != 0)
        return options_error(&program, "--color takes auto, always or never, not \"%s\"", value);
    arguments->color = value;
    return 0;
}

static int read_names(struct arguments *arguments, const char *value) {
    arguments->any_certificate_name = strcmp(value, "any") == 0;
    if (!arguments->any_certificate_name && strcmp(value, "user") != 0)
        return options_error(&program, "--certificate-names takes user or any, not \"%s\"", value);
    return 0;
}

static int read_requirement(struct arguments *arguments, const char *value) {
    if (strcmp(value, "verified") == 0)
        arguments->require_verified = true;
    else if (strcmp(value, "certified") == 0)
        arguments->require_certified = true;
    else
        return options_error(&program, "--require takes verified or certified, not \"%s\"", value);
    return 0;
}

static void read_certificate_option(struct arguments *arguments, int id, const char *value) {
    switch (id) {
    case OPTION_CA:
        arguments->ca = value;
        break;
    case OPTION_CRL:
        arguments->crl = value;
        break;
    case OPTION_CERTIFICATE:
        arguments->certificate = value;
        break;
    case OPTION_CERTIFICATE_KEY:
        arguments->certificate_key = value;
        break;
    case OPTION_TOKEN:
        arguments->token = value;
        break;
    default:
        arguments->pin_file = value;
        break;
    }
}

static int read_option(struct arguments *arguments, struct options *options, int id) {
    switch (id) {
    case OPTION_NAME:
        return read_name(arguments, options->value);
    case OPTION_STATE_DIR:
        arguments->state_dir = options->value;
        break;
    case OPTION_IDENTITY:
        arguments->identity = options->value;
        break;
    case OPTION_PASSPHRASE_FILE:
        arguments->passphrase.file = options->value;
        break;
    case OPTION_PASSPHRASE_FD:
        return options_descriptor(options, &arguments->passphrase.fd);
    case OPTION_BITS:
        return read_bits(arguments, options);
    case OPTION_FINGERPRINT:
        return read_fingerprint(arguments, options->value);
    case OPTION_TRUST:
        return read_policy("trust", options->value, true, &arguments->server_policy);
    case OPTION_TRUST_PEERS:
        return read_policy("trust-peers", options->value, false, &arguments->peer_policy);
    case OPTION_KNOWN_SERVERS:
        arguments->known_servers = options->value;
        break;
    case OPTION_KNOWN_PEERS:
        arguments->known_peers = options->value;
        break;
    case OPTION_CERTIFICATE_NAMES:
        return read_names(arguments, options->value);
    case OPTION_REQUIRE:
        return read_requirement(arguments, options->value);
    case OPTION_CA:
    case OPTION_CRL:
    case OPTION_CERTIFICATE:
    case OPTION_CERTIFICATE_KEY:
    case OPTION_TOKEN:
    case OPTION_PIN_FILE:
        read_certificate_option(arguments, id, options->value);
        break;
    case OPTION_CIPHERS:
        return read_suites(options->value, &arguments->suites);
    case OPTION_TIMEOUT:
        return options_number(options, 1, TIMEOUT_MAX, &arguments->timeout);
    case OPTION_TO:
        arguments->to = options->value;
        break;
    case OPTION_MESSAGE:
        arguments->message = options->value;
        break;
    case OPTION_FILE:
        arguments->file = options->value;
        break;
    case OPTION_SINGLE:
        arguments->single = true;
        break;
    case OPTION_NEED:
        return options_number(options, 1, RECIPIENTS_MAX, &arguments->need);
    case OPTION_EXEC:
        if (!child_split(&arguments->handler, options->value))
            return options_error(&program, "--exec takes a command of 1 to %d words", CHILD_WORDS_MAX);
        break;
    case OPTION_FROM:
        arguments->from = options->value;
        break;
    case OPTION_OR_ELSE:
        arguments->or_else = options->value;
        break;
    case OPTION_NO_RECONNECT:
        arguments->no_reconnect = true;
        break;
    case OPTION_WAIT_READY:
        arguments->wait_ready = true;
        break;
    case OPTION_LOCK_TIMEOUT:
        return options_number(options, 0, TIMEOUT_MAX, &arguments->lock_timeout);
    case OPTION_WAIT:
        return read_wait(arguments, options->value);
    case OPTION_TTL:
        return options_number(options, 1, TTL_MAX, &arguments->ttl);
    case OPTION_COLOR:
        return read_color(arguments, options->value);
    case OPTION_BELL:
        arguments->bell = true;
        break;
    case OPTION_NO_HISTORY:
        arguments->no_history = true;
        break;
    case OPTION_NO_READ:
        arguments->no_read = true;
        break;
    case OPTION_INPUT:
        return read_format("input", options->value, &arguments->json_input);
    case OPTION_OUTPUT:
        return read_format("output", options->value, &arguments->json);
    case OPTION_STATUS_FD:
        return options_number(options, STDERR_FILENO + 1, STATUS_FD_MAX, &arguments->status_fd);
    case OPTION_KEY:
        arguments->key = options->value;
        break;
    case OPTION_SIGN:
        arguments->sign = true;
        break;
    case OPTION_RECEIVE:
        arguments->receive = true;
        break;
    case OPTION_COUNT:
        return options_number(options, 1, COUNT_MAX, &arguments->count);
    default:
        arguments->debug = true;
        break;
    }
    return 0;
}

int arguments_read_server(struct arguments *arguments, const char *text) {
    struct diagnostic why;

    if (net_parse(&arguments->endpoint, text, NET_PORT_DEFAULT, &why) != 0)
        return options_error(&program, "%s", why.text);
    if (arguments->endpoint.host[0] == '\0' || arguments->endpoint.port == 0)
        return options_error(&program, "\"%s\" is no server to connect to: write HOST or HOST:PORT", text);
    return 0;
}

/* HOST[:PORT], then the word "debug"; a host of that name is written debug:24723. */
static int read_operands(struct arguments *arguments, const char *const *operands, size_t count) {
    if (count > 0 && strcmp(operands[count - 1], "debug") == 0) {
        arguments->debug = true;
        count--;
    }
    if (count > 1)
        return options_error(&program, "\"%s\" is one argument too many", operands[1]);
    return arguments_read_server(arguments, count > 0 ? operands[0] : "localhost");
}

/* Where the one message comes from, if there is only one. */
static int check_message(const struct arguments *arguments) {
    int sources = (arguments->message != NULL) + (arguments->file != NULL) + arguments->single;

    if (sources > 1)
        return options_error(&program, "--message, --file and --single exclude each other");
    if (sources > 0 && arguments->json_input)
        return options_error(&program, "--input json is for lines, and there is one message only");
    if (sources > 0 && !arguments->to)
        return options_error(&program, "nobody was named for the message: give --to NAME");
    return 0;
}

/* COMMAND, then what it takes; a host of that name is written with its port. */
static int read_verb(struct arguments *arguments, const char *const *operands, size_t count) {
    if (options_check_verb(&program, &verb_rows[arguments->verb], count) != 0)
        return OPTIONS_ERROR;
    memcpy(arguments->operands, operands, count * sizeof(operands[0]));
    arguments->operand_count = count;
    return 0;
}

/* What the options about certificates want of each other. */
static int check_certificates(const struct arguments *arguments) {
    if (arguments->certificate_key && arguments->token)
        return options_error(&program, "the certificate's key is in a file or on a token: give --certificate-key or "
                                       "--token");
    if (arguments->certificate && !arguments->certificate_key && !arguments->token)
        return options_error(&program, "--certificate needs its key: --certificate-key FILE or --token URL");
    if (arguments->certificate_key && !arguments->certificate)
        return options_error(&program, "--certificate-key needs --certificate FILE");
    if (arguments->pin_file && !arguments->token)
        return options_error(&program, "--pin-file is for --token URL");
    if ((arguments->certificate || arguments->token) && !arguments->name)
        return options_error(&program, "the certificate's owner signs the name: give --name NAME");
    return 0;
}

static enum arguments_result printed(int result) {
    if (result == OPTIONS_ERROR)
        return ARGUMENTS_WRONG;
    return result == 0 ? ARGUMENTS_DONE : ARGUMENTS_FAILED;
}

enum arguments_result arguments_read(struct arguments *arguments, int argc, char **argv, bool terminal) {
    struct options options;
    const char *operands[1 + VERB_OPERANDS_MAX + 1] = {0};
    size_t count = 0;
    int id;

    *arguments = (struct arguments){.verb = OPTIONS_NO_VERB,
                                    .passphrase = PASSPHRASE_SOURCE_NONE,
                                    .bits = IDENTITY_BITS,
                                    .interactive = terminal,
                                    .server_policy = terminal ? TRUST_ASK : TRUST_KNOWN,
                                    .peer_policy = TRUST_FIRST_USE,
                                    .suites = SUITE_LIST_ALL,
                                    .wait = WAIT_DELIVERED,
                                    .color = "auto",
                                    .timeout = TIMEOUT_DEFAULT};
    options_begin(&options, &program, argc, argv);
    while ((id = options_next(&options)) >= 0) {
        if (id == OPTION_HELP)
            return printed(options_print_help(&program, stdout));
        if (id == OPTION_COMPLETION)
            return printed(options_print_completion(&program, options.value, stdout));
        if (id == OPTION_VERSION)
            return printed(options_print_version(&program, PACKAGE_VERSION, stdout));
        if (id == OPTIONS_OPERAND && count < sizeof(operands) / sizeof(operands[0]))
            operands[count++] = options.value;
        else if (id != OPTIONS_OPERAND && read_option(arguments, &options, id) != 0)
            return ARGUMENTS_WRONG;
    }
    if (id == OPTIONS_ERROR)
        return ARGUMENTS_WRONG;
    if (count > 0)
        arguments->verb = options_find_verb(&program, operands[0]);
    if (arguments->verb != OPTIONS_NO_VERB)
        return read_verb(arguments, operands + 1, count - 1) == 0 ? ARGUMENTS_VERB : ARGUMENTS_WRONG;
    if (read_operands(arguments, operands, count) != 0 || check_message(arguments) != 0 ||
        check_certificates(arguments) != 0)
        return ARGUMENTS_WRONG;
    arguments->interactive = terminal && !arguments->message && !arguments->file && !arguments->single &&
                             !arguments->json && !arguments->json_input;
    if (!arguments->name && !arguments->interactive) {
        options_error(&program, "no name was given, and there is no terminal to ask at: give --name NAME");
        return ARGUMENTS_WRONG;
    }
    /* Standard output has events, and nothing else. */
    arguments->handler.to_stderr = arguments->json;
    /* No question is ever asked off a terminal. */
    if (!arguments->interactive && arguments->server_policy == TRUST_ASK)
        arguments->server_policy = TRUST_KNOWN;
    return ARGUMENTS_RUN;
}
