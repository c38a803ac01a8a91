#include <config.h>

#include "src/client/arguments.h"
#include "src/client/arguments_table.h"
#include "src/common/identity.h"

#include <string.h>

#define TIMEOUT_DEFAULT 30

/* The operands; there is room for one more than is ever legal, so that one too many is noticed. */
struct operands {
    const char *words[1 + VERB_OPERANDS_MAX + 1];
    size_t count;
};

int arguments_read_server(struct arguments *arguments, const char *text) {
    struct diagnostic why;

    if (net_parse(&arguments->endpoint, text, NET_PORT_DEFAULT, &why) != 0)
        return options_error(&arguments_program, "%s", why.text);
    if (arguments->endpoint.host[0] == '\0' || arguments->endpoint.port == 0)
        return options_error(&arguments_program, "\"%s\" is no server to connect to: write HOST or HOST:PORT", text);
    return 0;
}

/* HOST[:PORT], then the word "debug"; a host of that name is written debug:24723. */
static int read_operands(struct arguments *arguments, const char *const *operands, size_t count) {
    if (count > 0 && strcmp(operands[count - 1], "debug") == 0) {
        arguments->debug = true;
        count--;
    }
    if (count > 1)
        return options_error(&arguments_program, "\"%s\" is one argument too many", operands[1]);
    return arguments_read_server(arguments, count > 0 ? operands[0] : "localhost");
}

/* COMMAND, then what it takes; a host of that name is written with its port. */
static int read_verb(struct arguments *arguments, const char *const *operands, size_t count) {
    if (options_check_verb(&arguments_program, &verb_rows[arguments->verb], count) != 0)
        return OPTIONS_ERROR;
    memcpy(arguments->operands, operands, count * sizeof(operands[0]));
    arguments->operand_count = count;
    return 0;
}

/* Checks the options for a single message. */
static int check_message(const struct arguments *arguments) {
    int sources = (arguments->message != NULL) + (arguments->file != NULL) + arguments->single;

    if (sources > 1)
        return options_error(&arguments_program, "--message, --file and --single exclude each other");
    if (sources > 0 && arguments->json_input)
        return options_error(&arguments_program, "--input json is for lines, and there is one message only");
    if (sources > 0 && !arguments->to)
        return options_error(&arguments_program, "nobody was named for the message: give --to NAME");
    return 0;
}

/* Checks the options for a file to send, which takes the place of all lines, and those for files from peers. */
static int check_files(struct arguments *arguments) {
    const bool asks = arguments->interactive || arguments->json_input;

    if (arguments->send && !arguments->to)
        return options_error(&arguments_program, "nobody was named for the file: give --to NAME");
    if (arguments->send && (arguments->message || arguments->file || arguments->single || arguments->json_input))
        return options_error(&arguments_program, "--send excludes --message, --file, --single and --input json");
    if (arguments->send && (arguments->need > 0 || arguments->spool))
        return options_error(&arguments_program, "--need and --spool are for lines, and --send is for a file");
    if (arguments->send && (arguments->ttl > 0 || arguments->or_else || arguments->sign))
        return options_error(&arguments_program, "--ttl, --or-else and --sign are for lines, and --send is for a file");
    if (!arguments->accept_is_given)
        arguments->accept = arguments->interactive    ? ACCEPT_ASK
                            : arguments->download_dir ? ACCEPT_ALWAYS
                                                      : ACCEPT_NEVER;
    if (arguments->accept != ACCEPT_NEVER && !arguments->download_dir && !arguments->interactive)
        return options_error(&arguments_program, "there is nowhere to put files: give --download-dir DIR");
    if (arguments->accept == ACCEPT_ASK && !asks)
        return options_error(&arguments_program, "there is nobody to ask about files: --accept-files ask is for a "
                                                 "terminal or --input json");
    return 0;
}

/* Checks the options about certificates, which need or exclude each other. */
static int check_certificates(const struct arguments *arguments) {
    if (arguments->certificate_key && arguments->token)
        return options_error(&arguments_program,
                             "the certificate's key is in a file or on a token: give --certificate-key or "
                             "--token");
    if (arguments->certificate && !arguments->certificate_key && !arguments->token)
        return options_error(&arguments_program, "--certificate needs its key: --certificate-key FILE or --token URL");
    if (arguments->certificate_key && !arguments->certificate)
        return options_error(&arguments_program, "--certificate-key needs --certificate FILE");
    if (passphrase_is_given(&arguments->certificate_passphrase) && !arguments->certificate_key)
        return options_error(&arguments_program, "--certificate-passphrase-... is for --certificate-key FILE");
    if (arguments->pin_file && !arguments->token)
        return options_error(&arguments_program, "--pin-file is for --token URL");
    if ((arguments->certificate || arguments->token) && !arguments->name)
        return options_error(&arguments_program, "the certificate's owner signs the name: give --name NAME");
    return 0;
}

/* Checks what depends on several options, and derives what follows from them. */
static int check_run(struct arguments *arguments) {
    if (check_message(arguments) != 0 || check_certificates(arguments) != 0)
        return OPTIONS_ERROR;
    if (arguments->exec_timeout > 0 && !arguments->handler.words[0])
        return options_error(&arguments_program, "--exec-timeout is for the program of --exec CMD");
    if (arguments->spool && arguments->wait == WAIT_SENT)
        return options_error(&arguments_program, "--spool keeps lines until they are delivered, and --wait sent does "
                                                 "not wait for that");
    arguments->interactive = arguments->interactive && !arguments->send && !arguments->message && !arguments->file &&
                             !arguments->single && !arguments->json && !arguments->json_input;
    if (check_files(arguments) != 0)
        return OPTIONS_ERROR;
    if (!arguments->name && !arguments->interactive)
        return options_error(&arguments_program,
                             "no name was given, and there is no terminal to ask at: give --name NAME");
    /* Standard output has events, and nothing else. */
    arguments->handler.to_stderr = arguments->json;
    arguments->handler.grouped = arguments->exec_timeout > 0;
    /* No question is ever asked off a terminal. */
    if (!arguments->interactive && arguments->server_policy == TRUST_ASK)
        arguments->server_policy = TRUST_KNOWN;
    return 0;
}

static enum arguments_result printed(int result) {
    if (result == OPTIONS_ERROR)
        return ARGUMENTS_WRONG;
    return result == 0 ? ARGUMENTS_DONE : ARGUMENTS_FAILED;
}

/* Reads the options, and collects the OPERANDS.  ARGUMENTS_RUN, unless something was wrong, or printed in place of a
 * run. */
static enum arguments_result read_options(struct arguments *arguments, int argc, char **argv,
                                          struct operands *operands) {
    struct options options;
    int id;

    options_begin(&options, &arguments_program, argc, argv);
    while ((id = options_next(&options)) >= 0) {
        if (id == OPTION_HELP)
            return printed(options_print_help(&arguments_program, stdout));
        if (id == OPTION_COMPLETION)
            return printed(options_print_completion(&arguments_program, options.value, stdout));
        if (id == OPTION_VERSION)
            return printed(options_print_version(&arguments_program, PACKAGE_VERSION, stdout));
        if (id == OPTIONS_OPERAND && operands->count < sizeof(operands->words) / sizeof(operands->words[0]))
            operands->words[operands->count++] = options.value;
        else if (id != OPTIONS_OPERAND && arguments_set(arguments, &options) != 0)
            return ARGUMENTS_WRONG;
    }
    return id == OPTIONS_ERROR ? ARGUMENTS_WRONG : ARGUMENTS_RUN;
}

enum arguments_result arguments_read(struct arguments *arguments, int argc, char **argv, bool terminal) {
    struct operands operands = {.count = 0};
    enum arguments_result result;

    *arguments = (struct arguments){.verb = OPTIONS_NO_VERB,
                                    .passphrase = PASSPHRASE_SOURCE_NONE,
                                    .certificate_passphrase = PASSPHRASE_SOURCE_NONE,
                                    .bits = IDENTITY_BITS,
                                    .interactive = terminal,
                                    .server_policy = terminal ? TRUST_ASK : TRUST_KNOWN,
                                    .peer_policy = TRUST_FIRST_USE,
                                    .suites = SUITE_LIST_ALL,
                                    .wait = WAIT_DELIVERED,
                                    .color = "auto",
                                    .timeout = TIMEOUT_DEFAULT};
    result = read_options(arguments, argc, argv, &operands);
    if (result != ARGUMENTS_RUN)
        return result;
    if (operands.count > 0)
        arguments->verb = options_find_verb(&arguments_program, operands.words[0]);
    if (arguments->verb != OPTIONS_NO_VERB)
        return read_verb(arguments, operands.words + 1, operands.count - 1) == 0 ? ARGUMENTS_VERB : ARGUMENTS_WRONG;
    if (read_operands(arguments, operands.words, operands.count) != 0 || check_run(arguments) != 0)
        return ARGUMENTS_WRONG;
    return ARGUMENTS_RUN;
}
