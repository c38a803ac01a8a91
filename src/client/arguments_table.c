#include <config.h>

#include "src/client/arguments_table.h"

#include "proto/name.h"
#include "src/client/recipients.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* A day: a longer wait is a mistake. */
#define TIMEOUT_MAX   86400
#define COUNT_MAX     1000000000
#define STATUS_FD_MAX 65535
#define TTL_MAX       (365 * 86400)
#define FILE_MIB_MAX  (1024 * 1024 * 1024)

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
    {OPTION_CERTIFICATE_PASSPHRASE_FILE, 0, "certificate-passphrase-file", "FILE",
     "the first line of FILE opens that key if it is encrypted, which is asked for otherwise"},
    {OPTION_CERTIFICATE_PASSPHRASE_FD, 0, "certificate-passphrase-fd", "N", "the same from the inherited descriptor N"},
    {OPTION_TOKEN, 0, "token", "URL", "the same on a PKCS#11 token, pkcs11:...; with its certificate or --certificate"},
    {OPTION_PIN_FILE, 0, "pin-file", "FILE", "the first line of FILE is the token's PIN, which is asked for otherwise"},
    {OPTION_CIPHERS, 0, "ciphers", "LIST", "cipher suites to accept, preferred first: AES-256,AES-128"},
    {OPTION_TIMEOUT, 'W', "timeout", "SEC", "how long to wait for the server and for receipts; 30"},
    {OPTION_TO, 0, "to", "LIST", "send each line, whatever it says, to LIST: NAME[,NAME...], @GROUP, @PATH/FILE"},
    {OPTION_MESSAGE, 'm', "message", "TEXT", "send TEXT, and do not read standard input; with --to"},
    {OPTION_FILE, 'f', "file", "FILE", "send what is in FILE as one message; with --to"},
    {OPTION_SINGLE, 's', "single", NULL, "send all of standard input as one message; with --to"},
    {OPTION_SEND, 0, "send", "FILE", "offer FILE to those of --to, and end when each has it, or does not want it"},
    {OPTION_DOWNLOAD_DIR, 0, "download-dir", "DIR", "put files that others send into DIR"},
    {OPTION_ACCEPT_FILES, 0, "accept-files", "WHEN",
     "take files that are offered: ask (on a terminal, the default), always (with --download-dir, else), never"},
    {OPTION_MAX_FILE_SIZE, 0, "max-file-size", "MIB", "refuse files of more mebibytes than that"},
    {OPTION_NEED, 0, "need", "N", "a line is delivered when N of its recipients have it; all of them by default"},
    {OPTION_EXEC, 0, "exec", "CMD",
     "run CMD for each message, with its text on standard input, in place of printing it"},
    {OPTION_EXEC_TIMEOUT, 0, "exec-timeout", "SEC",
     "end a CMD of --exec that runs longer; no limit if it is not given"},
    {OPTION_FROM, 0, "from", "LIST", "take messages of these only: NAME[,NAME...], @GROUP, @PATH/FILE"},
    {OPTION_OR_ELSE, 0, "or-else", "CMD", "in the end, run CMD in a shell with the lines that were not delivered"},
    {OPTION_NO_RECONNECT, 0, "no-reconnect", NULL, "end when the connection is lost, and do not make it again"},
    {OPTION_RETRY, 0, "retry", NULL, "try again also when the first connection fails, for as long as --timeout says"},
    {OPTION_SPOOL, 0, "spool", "DIR", "keep lines in DIR until they are delivered, also for later runs; with --retry"},
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
    {OPTION_COUNT, 'c', "count", "N", "receive, and end after N messages; ping: N times"},
    {OPTION_COLOR, 0, "color", "WHEN", "colour the names of senders: auto (on a terminal, the default), always, never"},
    {OPTION_BELL, 0, "bell", NULL, "on a terminal, ring the bell when a message has one's own name in it"},
    {OPTION_NO_HISTORY, 0, "no-history", NULL, "on a terminal, keep no history of messages"},
    {OPTION_SEARCH, 0, "search", "TEXT", "of the history, print the messages with TEXT in them"},
    {OPTION_DEBUG, 'd', "debug", NULL, "show on stderr what the program does; the word debug at the end does too"},
    {OPTION_COMPLETION, 0, "completion", "SHELL", "print what completes these options in SHELL: bash, zsh or fish"},
    {OPTION_HELP, 'h', "help", NULL, "print this and end"},
    {OPTION_VERSION, 'V', "version", NULL, "print the version and end"},
};

const struct options_program arguments_program = {
    .name = "chatsecure",
    .usage = "[options] [HOST[:PORT]] [debug]\n       chatsecure [options] COMMAND [ARGUMENT]...",
    .about = "Talks to others through a chatsecure-server, encrypted from end to end.\n"
             "Lines \"NAME: text\" on standard input are sent; messages come on standard output.\n"
             "The server is localhost:24723 if none is given.\n",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .verbs = verb_rows,
    .verb_count = VERB_COUNT,
    .namer = "peers",
};

/* ---- readers --------------------------------------------------------------------------------------- */

#define WRONG(...) options_error(&arguments_program, __VA_ARGS__)

static int read_name(struct arguments *arguments, struct options *options) {
    if (!name_is_valid(span_of(options->value)))
        return WRONG("\"%s\" is not a name: it begins with a letter and has at most %d of A-Z a-z 0-9 . _ -",
                     options->value, NAME_LENGTH_MAX);
    arguments->name = options->value;
    return 0;
}

static int read_passphrase_fd(struct arguments *arguments, struct options *options) {
    return options_descriptor(options, &arguments->passphrase.fd);
}

static int read_certificate_passphrase_fd(struct arguments *arguments, struct options *options) {
    return options_descriptor(options, &arguments->certificate_passphrase.fd);
}

static int read_bits(struct arguments *arguments, struct options *options) {
    if (options_number(options, CSC_RSA_MIN_BITS, CSC_RSA_MAX_BITS, &arguments->bits) != 0)
        return OPTIONS_ERROR;
    if (arguments->bits % 1024 != 0)
        return WRONG("--bits takes 2048, 3072 or 4096, not \"%s\"", options->value);
    return 0;
}

static int read_fingerprint(struct arguments *arguments, struct options *options) {
    if (!trust_fingerprint_is_valid(options->value))
        return WRONG("\"%s\" is not a fingerprint: SHA256: and 43 characters of base64", options->value);
    arguments->fingerprint = options->value;
    return 0;
}

static int read_policy(const struct options *options, bool may_ask, enum trust_policy *policy) {
    if (strcmp(options->value, "first-use") == 0)
        *policy = TRUST_FIRST_USE;
    else if (strcmp(options->value, "known") == 0)
        *policy = TRUST_KNOWN;
    else if (may_ask && strcmp(options->value, "ask") == 0)
        *policy = TRUST_ASK;
    else
        return WRONG("--%s takes %sfirst-use or known, not \"%s\"", options->row->name, may_ask ? "ask, " : "",
                     options->value);
    return 0;
}

static int read_trust(struct arguments *arguments, struct options *options) {
    return read_policy(options, true, &arguments->server_policy);
}

static int read_trust_peers(struct arguments *arguments, struct options *options) {
    return read_policy(options, false, &arguments->peer_policy);
}

static int read_certificate_names(struct arguments *arguments, struct options *options) {
    arguments->any_certificate_name = strcmp(options->value, "any") == 0;
    if (!arguments->any_certificate_name && strcmp(options->value, "user") != 0)
        return WRONG("--certificate-names takes user or any, not \"%s\"", options->value);
    return 0;
}

static int read_requirement(struct arguments *arguments, struct options *options) {
    if (strcmp(options->value, "verified") == 0)
        arguments->require_verified = true;
    else if (strcmp(options->value, "certified") == 0)
        arguments->require_certified = true;
    else
        return WRONG("--require takes verified or certified, not \"%s\"", options->value);
    return 0;
}

static int read_ciphers(struct arguments *arguments, struct options *options) {
    struct span bad;

    if (suite_list_parse(&arguments->suites, options->value, &bad))
        return 0;
    return WRONG("--ciphers takes AES-256, AES-128 or both with a comma between, not \"%.*s\"", (int)bad.size,
                 bad.data);
}

static int read_exec(struct arguments *arguments, struct options *options) {
    if (!child_split(&arguments->handler, options->value))
        return WRONG("--exec takes a command of 1 to %d words", CHILD_WORDS_MAX);
    return 0;
}

static int read_wait(struct arguments *arguments, struct options *options) {
    static const char *const words[] = {[WAIT_SENT] = "sent", [WAIT_DELIVERED] = "delivered", [WAIT_READ] = "read"};

    for (int i = WAIT_SENT; i <= WAIT_READ; i++) {
        if (strcmp(options->value, words[i]) == 0) {
            arguments->wait = (enum wait_for)i;
            return 0;
        }
    }
    return WRONG("--wait takes sent, delivered or read, not \"%s\"", options->value);
}

static int read_accept_files(struct arguments *arguments, struct options *options) {
    static const char *const words[] = {[ACCEPT_NEVER] = "never", [ACCEPT_ASK] = "ask", [ACCEPT_ALWAYS] = "always"};

    for (int i = ACCEPT_NEVER; i <= ACCEPT_ALWAYS; i++) {
        if (strcmp(options->value, words[i]) == 0) {
            arguments->accept = (enum accept)i;
            arguments->accept_is_given = true;
            return 0;
        }
    }
    return WRONG("--accept-files takes ask, always or never, not \"%s\"", options->value);
}

static int read_format(const struct options *options, bool *json) {
    *json = strcmp(options->value, "json") == 0;
    if (!*json && strcmp(options->value, "text") != 0)
        return WRONG("--%s takes text or json, not \"%s\"", options->row->name, options->value);
    return 0;
}

static int read_input(struct arguments *arguments, struct options *options) {
    return read_format(options, &arguments->json_input);
}

static int read_output(struct arguments *arguments, struct options *options) {
    return read_format(options, &arguments->json);
}

static int read_color(struct arguments *arguments, struct options *options) {
    if (strcmp(options->value, "auto") != 0 && strcmp(options->value, "always") != 0 &&
        strcmp(options->value, "never") != 0)
        return WRONG("--color takes auto, always or never, not \"%s\"", options->value);
    arguments->color = options->value;
    return 0;
}

/* ---- where values go ------------------------------------------------------------------------------- */

struct target {
    enum { TARGET_NONE, TARGET_STRING, TARGET_FLAG, TARGET_NUMBER, TARGET_READER } kind;
    size_t offset;     /* of the member of struct arguments, for the first three */
    uint64_t min, max; /* of a number */
    int (*read)(struct arguments *arguments, struct options *options);
};

/* A member of another type than the kind's does not compile. */
#define MEMBER(member) ((struct arguments *)NULL)->member
#define STRING(member)                                                                                                 \
    { .kind = TARGET_STRING, .offset = _Generic(MEMBER(member), const char * : offsetof(struct arguments, member)) }
#define FLAG(member)                                                                                                   \
    { .kind = TARGET_FLAG, .offset = _Generic(MEMBER(member), bool : offsetof(struct arguments, member)) }
#define NUMBER_OFFSET(member) _Generic(MEMBER(member), uint64_t : offsetof(struct arguments, member))
#define NUMBER(member, smallest, largest)                                                                              \
    { .kind = TARGET_NUMBER, .offset = NUMBER_OFFSET(member), .min = (smallest), .max = (largest) }
#define READER(function)                                                                                               \
    { .kind = TARGET_READER, .read = (function) }

static const struct target targets[OPTION_VERSION + 1] = {
    [OPTION_NAME] = READER(read_name),
    [OPTION_STATE_DIR] = STRING(state_dir),
    [OPTION_IDENTITY] = STRING(identity),
    [OPTION_PASSPHRASE_FILE] = STRING(passphrase.file),
    [OPTION_PASSPHRASE_FD] = READER(read_passphrase_fd),
    [OPTION_BITS] = READER(read_bits),
    [OPTION_FINGERPRINT] = READER(read_fingerprint),
    [OPTION_TRUST] = READER(read_trust),
    [OPTION_TRUST_PEERS] = READER(read_trust_peers),
    [OPTION_KNOWN_SERVERS] = STRING(known_servers),
    [OPTION_KNOWN_PEERS] = STRING(known_peers),
    [OPTION_CA] = STRING(ca),
    [OPTION_CRL] = STRING(crl),
    [OPTION_CERTIFICATE_NAMES] = READER(read_certificate_names),
    [OPTION_REQUIRE] = READER(read_requirement),
    [OPTION_CERTIFICATE] = STRING(certificate),
    [OPTION_CERTIFICATE_KEY] = STRING(certificate_key),
    [OPTION_CERTIFICATE_PASSPHRASE_FILE] = STRING(certificate_passphrase.file),
    [OPTION_CERTIFICATE_PASSPHRASE_FD] = READER(read_certificate_passphrase_fd),
    [OPTION_TOKEN] = STRING(token),
    [OPTION_PIN_FILE] = STRING(pin_file),
    [OPTION_CIPHERS] = READER(read_ciphers),
    [OPTION_TIMEOUT] = NUMBER(timeout, 1, TIMEOUT_MAX),
    [OPTION_TO] = STRING(to),
    [OPTION_MESSAGE] = STRING(message),
    [OPTION_FILE] = STRING(file),
    [OPTION_SINGLE] = FLAG(single),
    [OPTION_SEND] = STRING(send),
    [OPTION_DOWNLOAD_DIR] = STRING(download_dir),
    [OPTION_ACCEPT_FILES] = READER(read_accept_files),
    [OPTION_MAX_FILE_SIZE] = NUMBER(max_file_size, 1, FILE_MIB_MAX),
    [OPTION_NEED] = NUMBER(need, 1, RECIPIENTS_MAX),
    [OPTION_EXEC] = READER(read_exec),
    [OPTION_EXEC_TIMEOUT] = NUMBER(exec_timeout, 1, TIMEOUT_MAX),
    [OPTION_FROM] = STRING(from),
    [OPTION_OR_ELSE] = STRING(or_else),
    [OPTION_NO_RECONNECT] = FLAG(no_reconnect),
    [OPTION_RETRY] = FLAG(retry),
    [OPTION_SPOOL] = STRING(spool),
    [OPTION_WAIT_READY] = FLAG(wait_ready),
    [OPTION_LOCK_TIMEOUT] = NUMBER(lock_timeout, 0, TIMEOUT_MAX),
    [OPTION_WAIT] = READER(read_wait),
    [OPTION_TTL] = NUMBER(ttl, 1, TTL_MAX),
    [OPTION_NO_READ] = FLAG(no_read),
    [OPTION_INPUT] = READER(read_input),
    [OPTION_OUTPUT] = READER(read_output),
    [OPTION_STATUS_FD] = NUMBER(status_fd, STDERR_FILENO + 1, STATUS_FD_MAX),
    [OPTION_SIGN] = FLAG(sign),
    [OPTION_KEY] = STRING(key),
    [OPTION_RECEIVE] = FLAG(receive),
    [OPTION_COUNT] = NUMBER(count, 1, COUNT_MAX),
    [OPTION_COLOR] = READER(read_color),
    [OPTION_BELL] = FLAG(bell),
    [OPTION_NO_HISTORY] = FLAG(no_history),
    [OPTION_SEARCH] = STRING(search),
    [OPTION_DEBUG] = FLAG(debug),
};

int arguments_set(struct arguments *arguments, struct options *options) {
    const struct target *target = &targets[options->row->id];
    void *member = (char *)arguments + target->offset;

    switch (target->kind) {
    case TARGET_STRING:
        *(const char **)member = options->value;
        return 0;
    case TARGET_FLAG:
        *(bool *)member = true;
        return 0;
    case TARGET_NUMBER:
        return options_number(options, target->min, target->max, member);
    case TARGET_READER:
        return target->read(arguments, options);
    case TARGET_NONE:
        break;
    }
    return 0;
}
