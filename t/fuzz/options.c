/*
 * A command line, its arguments with newlines between them, read by the table of a program that has options of every
 * kind.  What is wrong goes to stderr, so that the fuzzer closes that.
 */
#include <config.h>

#include "src/common/options.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "options";

#define ARGUMENTS_MAX 64

enum { FLAG, OTHER, VALUE, NUMBER, LONG_ONLY };

static const struct option_row rows[] = {
    {FLAG, 'f', "flag", NULL, "a flag"},
    {OTHER, 'o', "flag-other", NULL, "one whose name begins like another's"},
    {VALUE, 'v', "value", "TEXT", "what takes a value"},
    {NUMBER, 'n', "number", "N", "what takes a number"},
    {LONG_ONLY, 0, "long-only", "TEXT", "what has no letter"},
};

static const struct verb_row verbs[] = {
    {"go", "", 0, 0, "a word alone"},
    {"take", "NAME [MORE]", 1, 2, "a word with operands"},
};

static const struct options_program program = {.name = "fuzzed",
                                               .usage = "[OPTION]... [OPERAND]...",
                                               .about = "Is fuzzed.\n",
                                               .rows = rows,
                                               .count = COUNT(rows),
                                               .verbs = verbs,
                                               .verb_count = COUNT(verbs)};

/* True if TEXT lies in one of the COUNT arguments and ends with it. */
static bool is_of(const char *text, char **arguments, int count) {
    for (int i = 1; i < count; i++)
        if (text >= arguments[i] && text <= arguments[i] + strlen(arguments[i]))
            return true;
    return false;
}

static void read_all(char **arguments, int count) {
    struct options options;
    uint64_t number = 77;
    size_t verb;
    int id;

    options_begin(&options, &program, count, arguments);
    /* Each step takes at least a letter of an argument. */
    for (size_t steps = 0; (id = options_next(&options)) >= 0; steps++) {
        FUZZ_MUST(steps < 100000);
        if (id == OPTIONS_OPERAND) {
            FUZZ_MUST(is_of(options.value, arguments, count));
            if ((verb = options_find_verb(&program, options.value)) != OPTIONS_NO_VERB)
                FUZZ_MUST(options_check_verb(&program, &verbs[verb], (size_t)count) <= 0);
            continue;
        }
        FUZZ_MUST(id >= FLAG && id <= LONG_ONLY && options.row == &rows[id]);
        FUZZ_MUST((options.value != NULL) == (rows[id].argument != NULL));
        FUZZ_MUST(options.value == NULL || is_of(options.value, arguments, count));
        if (id == NUMBER && options_number(&options, 3, 5000000000, &number) == 0)
            FUZZ_MUST(number >= 3 && number <= 5000000000 && strspn(options.value, "0123456789") > 0);
    }
    FUZZ_MUST(id == OPTIONS_END || id == OPTIONS_ERROR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), name[] = "fuzzed";
    char *arguments[ARGUMENTS_MAX + 1] = {name};
    int count = 1;

    require(text != NULL, "memory");
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    for (char *at = text; count < ARGUMENTS_MAX; at++) {
        arguments[count++] = at;
        at = strchr(at, '\n');
        if (at == NULL)
            break;
        *at = '\0';
    }
    read_all(arguments, count);
    free(text);
    return 0;
}
