/* src/common/options.c */
#include <config.h>

#include "src/common/options.h"
#include "t/tap.h"

#include <string.h>
#include <unistd.h>

enum { VERBOSE, NAME, COUNT, QUIET };

static const struct option_row rows[] = {
    {VERBOSE, 'v', "verbose", NULL, "say more"},
    {NAME, 'n', "name", "NAME", "the name"},
    {COUNT, 0, "count", "N", "how many"},
    {QUIET, 'q', "quiet", NULL,
     "a sentence that is so long that it has to be continued on another line of the help, and then on one more"},
};
static const struct verb_row verbs[] = {
    {"stop", "", 0, 0, "end it"},
    {"put", "WHAT [WHERE]", 1, 2, "move it"},
};
static const struct options_program program = {"prog", "[OPTION]...", "It does.\n", rows, 4, verbs, 2, NULL};

/* Parses the words of LINE and writes what was found to OUT: "v", "n=x", operands as "(x)", and "!" for an error. */
static void parse(char *out, size_t size, const char *line) {
    char words[200] = "";
    char *arguments[20] = {(char *)"prog"};
    int count = 1;
    struct options options;
    int id = 0;
    size_t used = 0;

    snprintf(words, sizeof(words), "%s", line);
    for (char *word = words; word[0] != '\0' && count < 19; count++) {
        arguments[count] = word;
        word += strcspn(word, " ");
        if (*word == ' ')
            *word++ = '\0';
    }
    options_begin(&options, &program, count, arguments);
    while ((id = options_next(&options)) >= 0) {
        if (id == OPTIONS_OPERAND)
            used += (size_t)snprintf(out + used, size - used, "(%s)", options.value);
        else
            used += (size_t)snprintf(out + used, size - used, "%.1s%s%s ", options.row->name,
                                     options.value != NULL ? "=" : "", options.value != NULL ? options.value : "");
    }
    snprintf(out + used, size - used, "%s", id == OPTIONS_ERROR ? "!" : "");
}

static void test_parse(void) {
    static const struct {
        const char *line, *want;
    } cases[] = {
        {"", ""},
        {"-v", "v "},
        {"--verbose", "v "},
        {"-vq", "v q "},
        {"-n x", "n=x "},
        {"-nx", "n=x "},
        {"-vnx", "v n=x "},
        {"-vn x -q", "v n=x q "},
        {"--name x", "n=x "},
        {"--name=x", "n=x "},
        {"--name=", "n= "},
        {"--name=a=b", "n=a=b "},
        {"--name --verbose", "n=--verbose "},
        {"-n -v", "n=-v "},
        {"a -v b", "(a)v (b)"},
        {"-v -- -v --name", "v (-v)(--name)"},
        {"-- --", "(--)"},
        {"-", "(-)"},
        {"-x", "!"},
        {"-vx", "v !"},
        {"--verb", "!"},
        {"--verbose=1", "!"},
        {"--name", "!"},
        {"-n", "!"},
        {"--=x", "!"},
        {"---", "!"},
    };
    char got[200];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parse(got, sizeof(got), cases[i].line);
        IS_STR(got, cases[i].want, "\"%s\"", cases[i].line);
    }
}

static int number(const char *text, uint64_t *value) {
    char *arguments[] = {(char *)"prog", (char *)"--count", (char *)text};
    struct options options;

    options_begin(&options, &program, 3, arguments);
    return options_next(&options) == COUNT ? options_number(&options, 5, 4000000000, value) : -9;
}

static void test_number(void) {
    static const char *const wrong[] = {"4",  "4000000001", "",     "-5",  "+5",
                                        " 5", "5 ",         "0x10", "5.0", "99999999999999999999999"};
    uint64_t value = 77;

    IS_INT(number("5", &value), 0, "the smallest number");
    IS_INT(value, 5, "is taken");
    IS_INT(number("4000000000", &value), 0, "the largest number");
    IS_INT(value, 4000000000, "is taken");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        IS_INT(number(wrong[i], &value), OPTIONS_ERROR, "\"%s\" is no number from 5 to 4000000000", wrong[i]);
    IS_INT(value, 4000000000, "an error leaves the value alone");
}

static void test_verbs(void) {
    IS_INT(options_find_verb(&program, "stop"), 0, "the first verb");
    IS_INT(options_find_verb(&program, "put"), 1, "the second");
    OK(options_find_verb(&program, "pu") == OPTIONS_NO_VERB, "verbs are not abbreviated");
    OK(options_find_verb(&program, "put:1") == OPTIONS_NO_VERB, "a word that is none");
    IS_INT(options_check_verb(&program, &verbs[0], 0), 0, "no operand where there is none");
    IS_INT(options_check_verb(&program, &verbs[0], 1), OPTIONS_ERROR, "one too many");
    IS_INT(options_check_verb(&program, &verbs[1], 0), OPTIONS_ERROR, "one too few");
    IS_INT(options_check_verb(&program, &verbs[1], 2), 0, "as many as there may be");
}

static void test_help(void) {
    char text[2000] = "";
    FILE *file = tmpfile();

    if (!OK(file != NULL, "a file for the help"))
        return;
    IS_INT(options_print_help(&program, file), 0, "the help is printed");
    rewind(file);
    OK(fread(text, 1, sizeof(text) - 1, file) > 0, "and can be read");
    IS_STR(text,
           "Usage: prog [OPTION]...\n"
           "It does.\n"
           "\n"
           "  -v, --verbose               say more\n"
           "  -n, --name NAME             the name\n"
           "      --count N               how many\n"
           "  -q, --quiet                 a sentence that is so long that it has to be\n"
           "                              continued on another line of the help, and then\n"
           "                              on one more\n"
           "\n"
           "Commands:\n"
           "  stop                        end it\n"
           "  put WHAT [WHERE]            move it\n",
           "it is made from the table");
    fclose(file);
}

int main(void) {
    /* What is wrong goes to stderr, which is not what is looked at here. */
    if (freopen("/dev/null", "w", stderr) == NULL)
        tap_diag("stderr stays as it is");
    test_parse();
    test_number();
    test_verbs();
    test_help();
    return tap_done();
}
