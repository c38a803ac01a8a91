#include <config.h>

#include "src/bench/arguments.h"

#include "proto/conversation.h"
#include "src/common/options.h"

#include <string.h>

#define DEFAULT_BITS    3072
#define DEFAULT_SIZE    100
#define DEFAULT_RUNS    5
#define DEFAULT_TIMEOUT 30

/* The number of a message stands in its text. */
#define SIZE_MIN 16
/* Messages a direction that a session may have, less what its handshakes take. */
#define MESSAGES_MAX UINT64_C(1000000000)
#define USERS_MAX    50000

enum {
    OPTION_SERVER,
    OPTION_SERVER_PID,
    OPTION_PROGRAM,
    OPTION_IDENTITY_DIR,
    OPTION_OPAQUE,
    OPTION_BITS,
    OPTION_PAIRS,
    OPTION_USERS,
    OPTION_WINDOW,
    OPTION_PER_WRITE,
    OPTION_MESSAGES,
    OPTION_SIZE,
    OPTION_RUNS,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_COMPLETION,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option_row rows[] = {
    {OPTION_SERVER, 's', "server", "HOST:PORT", "a server that runs already; by default one is started for the trial"},
    {OPTION_SERVER_PID, 0, "server-pid", "PID", "its process, to read from the kernel what it takes"},
    {OPTION_PROGRAM, 0, "program", "FILE", "the server to start; the installed one by default"},
    {OPTION_IDENTITY_DIR, 0, "identity-dir", "DIR", "keys to use, made there on first use; made anew by default"},
    {OPTION_OPAQUE, 'o', "opaque", NULL,
     "random bytes of the same size in the place of the end-to-end encryption, so that the clients cost little"},
    {OPTION_BITS, 'b', "bits", "N", "bits of the server's key; 3072"},
    {OPTION_PAIRS, 'p', "pairs", "N", "pairs of users; 1"},
    {OPTION_USERS, 'u', "users", "N", "users who receive, are idle, or connect at a time"},
    {OPTION_WINDOW, 'w', "window", "N", "messages of a pair on their way; 1, or as many as a write has"},
    {OPTION_PER_WRITE, 'W', "per-write", "N", "messages that are sent in one write; 1"},
    {OPTION_MESSAGES, 'm', "messages", "N", "messages of each pair, round trips, rounds or handshakes"},
    {OPTION_SIZE, 'z', "size", "BYTES", "size of a text, 16 to 32768; 100"},
    {OPTION_RUNS, 0, "runs", "N", "repetitions of which the medians are printed, in the set and of round trips; 5"},
    {OPTION_TIMEOUT, 0, "timeout", "SEC", "time without any message after which one counts as lost; 30"},
    {OPTION_JSON, 'j', "json", NULL, "print an array of objects in place of tables"},
    {OPTION_COMPLETION, 0, "completion", "SHELL", "print what completes these options in SHELL: bash, zsh or fish"},
    {OPTION_HELP, 'h', "help", NULL, "print this and end"},
    {OPTION_VERSION, 'V', "version", NULL, "print the version and end"},
};

static const struct options_program program = {
    .name = "chatsecure-bench",
    .usage = "[options] [TRIAL]",
    .about = "Measures a chatsecure-server under load, and checks that nothing is lost or out of order.\n"
             "TRIAL is throughput, round-trip, fan-out, idle, handshakes, sizes, others, or set, the\n"
             "default.\n",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

static const char *const trial_words[] = {
    [TRIAL_THROUGHPUT] = "throughput", [TRIAL_ROUND_TRIP] = "round-trip",
    [TRIAL_FAN_OUT] = "fan-out",       [TRIAL_IDLE] = "idle",
    [TRIAL_HANDSHAKES] = "handshakes", [TRIAL_SIZES] = "sizes",
    [TRIAL_OTHERS] = "others",         [TRIAL_SET] = "set",
};

static int read_trial(struct arguments *arguments, const char *word) {
    for (size_t i = 0; i < sizeof(trial_words) / sizeof(trial_words[0]); i++) {
        if (strcmp(word, trial_words[i]) == 0) {
            arguments->trial = (enum trial)i;
            return 0;
        }
    }
    return options_error(&program, "\"%s\" is not a trial", word);
}

static int read_server(struct arguments *arguments, const char *text) {
    struct diagnostic why = {""};

    if (net_parse(&arguments->server, text, NET_PORT_DEFAULT, &why) != 0)
        return options_error(&program, "%s", why.text);
    arguments->server_given = true;
    return 0;
}

static int read_bits(struct options *options, uint64_t *bits) {
    int error = options_number(options, 2048, 4096, bits);

    if (error == 0 && *bits % 8 != 0)
        error = options_error(&program, "--bits takes a multiple of 8");
    return error;
}

static int read_pid(struct options *options, pid_t *pid) {
    uint64_t number = 0;
    int error = options_number(options, 1, INT32_MAX, &number);

    if (error == 0)
        *pid = (pid_t)number;
    return error;
}

static int read_option(struct arguments *arguments, struct options *options, int id) {
    switch (id) {
    case OPTION_SERVER:
        return read_server(arguments, options->value);
    case OPTION_SERVER_PID:
        return read_pid(options, &arguments->server_pid);
    case OPTION_PROGRAM:
        arguments->program = options->value;
        return 0;
    case OPTION_IDENTITY_DIR:
        arguments->identity_dir = options->value;
        return 0;
    case OPTION_OPAQUE:
        arguments->opaque = true;
        return 0;
    case OPTION_BITS:
        return read_bits(options, &arguments->bits);
    case OPTION_PAIRS:
        return options_number(options, 1, USERS_MAX / 2, &arguments->pairs);
    case OPTION_USERS:
        return options_number(options, 1, USERS_MAX, &arguments->users);
    case OPTION_WINDOW:
        return options_number(options, 1, CONVERSATION_WINDOW, &arguments->window);
    case OPTION_PER_WRITE:
        return options_number(options, 1, CONVERSATION_WINDOW, &arguments->per_write);
    case OPTION_MESSAGES:
        return options_number(options, 1, MESSAGES_MAX, &arguments->messages);
    case OPTION_SIZE:
        return options_number(options, SIZE_MIN, MESSAGE_BODY_MAX, &arguments->size);
    case OPTION_RUNS:
        return options_number(options, 1, 99, &arguments->runs);
    case OPTION_TIMEOUT:
        return options_number(options, 1, 3600, &arguments->timeout);
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    default:
        return read_trial(arguments, options->value);
    }
}

static enum arguments_result printed(int result) {
    if (result == OPTIONS_ERROR)
        return ARGUMENTS_WRONG;
    return result == 0 ? ARGUMENTS_DONE : ARGUMENTS_FAILED;
}

enum arguments_result arguments_read(struct arguments *arguments, int argc, char **argv) {
    struct options options = {0};
    int id = 0;

    *arguments = (struct arguments){.trial = TRIAL_SET,
                                    .program = SERVER_PROGRAM,
                                    .bits = DEFAULT_BITS,
                                    .pairs = 1,
                                    .per_write = 1,
                                    .size = DEFAULT_SIZE,
                                    .runs = DEFAULT_RUNS,
                                    .timeout = DEFAULT_TIMEOUT};
    options_begin(&options, &program, argc, argv);
    while ((id = options_next(&options)) >= 0) {
        if (id == OPTION_HELP)
            return printed(options_print_help(&program, stdout));
        if (id == OPTION_COMPLETION)
            return printed(options_print_completion(&program, options.value, stdout));
        if (id == OPTION_VERSION)
            return printed(options_print_version(&program, PACKAGE_VERSION, stdout));
        if (read_option(arguments, &options, id) != 0)
            return ARGUMENTS_WRONG;
    }
    if (id == OPTIONS_ERROR)
        return ARGUMENTS_WRONG;
    if (arguments->window < arguments->per_write)
        arguments->window = arguments->per_write;
    return ARGUMENTS_RUN;
}
