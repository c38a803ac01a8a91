#include <config.h>

#include "src/common/options.h"

#include "src/common/diagnostic.h"
#include "src/common/log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Where the help's sentences begin, and where a line of it ends. */
#define HELP_COLUMN 30
#define HELP_WIDTH  79

void options_begin(struct options *options, const struct options_program *program, int argc, char **argv) {
    *options = (struct options){.program = program, .arguments = argv, .count = argc, .next = argc > 0 ? 1 : 0};
}

int options_error(const struct options_program *program, const char *format, ...) {
    struct diagnostic safe = {""};
    char text[DIAGNOSTIC_SIZE] = "";
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    diagnostic_set(&safe, "%s", text);
    fprintf(stderr, "%s%s: %s; see `%s --help'\n", log_error_mark(), program->name, safe.text, program->name);
    return OPTIONS_ERROR;
}

const struct option_row *options_find(const struct options_program *program, const char *name, size_t size) {
    for (size_t i = 0; i < program->count; i++)
        if (strlen(program->rows[i].name) == size && memcmp(program->rows[i].name, name, size) == 0)
            return &program->rows[i];
    return NULL;
}

static const struct option_row *find_letter(const struct options_program *program, char letter) {
    for (size_t i = 0; i < program->count; i++)
        if (program->rows[i].letter != 0 && program->rows[i].letter == letter)
            return &program->rows[i];
    return NULL;
}

/* Takes the value of the current row: VALUE if it is not NULL, else the next argument. */
static int take_value(struct options *options, const char *value) {
    const struct option_row *row = options->row;

    if (value == NULL && options->next < options->count)
        value = options->arguments[options->next++];
    if (value == NULL)
        return options_error(options->program, "--%s needs a value: --%s %s", row->name, row->name, row->argument);
    options->value = value;
    return row->id;
}

static int next_long(struct options *options, const char *name) {
    const char *equals = strchr(name, '=');
    size_t size = equals != NULL ? (size_t)(equals - name) : strlen(name);

    options->row = options_find(options->program, name, size);
    if (options->row == NULL)
        return options_error(options->program, "there is no option --%.*s", (int)size, name);
    if (options->row->argument != NULL)
        return take_value(options, equals != NULL ? equals + 1 : NULL);
    if (equals != NULL)
        return options_error(options->program, "--%s takes no value", options->row->name);
    return options->row->id;
}

static int next_short(struct options *options) {
    char letter = *options->bundle++;
    const char *rest = *options->bundle != '\0' ? options->bundle : NULL;

    options->row = find_letter(options->program, letter);
    if (options->row == NULL)
        return options_error(options->program, "there is no option -%c", letter);
    options->bundle = options->row->argument == NULL ? rest : NULL;
    return options->row->argument != NULL ? take_value(options, rest) : options->row->id;
}

int options_next(struct options *options) {
    const char *argument = NULL;

    options->row = NULL;
    options->value = NULL;
    if (options->bundle != NULL)
        return next_short(options);
    if (options->next >= options->count)
        return OPTIONS_END;
    argument = options->arguments[options->next++];
    if (!options->operands_only && strcmp(argument, "--") == 0) {
        options->operands_only = true;
        return options_next(options);
    }
    if (options->operands_only || argument[0] != '-' || argument[1] == '\0') {
        options->value = argument;
        return OPTIONS_OPERAND;
    }
    if (argument[1] == '-')
        return next_long(options, argument + 2);
    options->bundle = argument + 1;
    return next_short(options);
}

const char *options_argument(struct options *options) {
    return options->next < options->count ? options->arguments[options->next++] : NULL;
}

bool options_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *number) {
    char *end = NULL;
    uintmax_t value = 0;

    errno = 0;
    /* strtoumax() would take white space and a sign as well. */
    if (text[0] >= '0' && text[0] <= '9')
        value = strtoumax(text, &end, 10);
    if (end == NULL || *end != '\0' || errno != 0 || value < min || value > max)
        return false;
    *number = value;
    return true;
}

int options_number(struct options *options, uint64_t min, uint64_t max, uint64_t *number) {
    if (options_parse_number(options->value, min, max, number))
        return 0;
    return options_error(options->program, "--%s takes a number from %" PRIu64 " to %" PRIu64 ", not \"%s\"",
                         options->row->name, min, max, options->value);
}

int options_descriptor(struct options *options, int *fd) {
    uint64_t number = 0;
    int error = options_number(options, 0, INT_MAX, &number);

    if (error == 0)
        *fd = (int)number;
    return error;
}

size_t options_find_verb(const struct options_program *program, const char *word) {
    for (size_t i = 0; i < program->verb_count; i++)
        if (strcmp(program->verbs[i].word, word) == 0)
            return i;
    return OPTIONS_NO_VERB;
}

int options_check_verb(const struct options_program *program, const struct verb_row *verb, size_t count) {
    if (count >= verb->least && count <= verb->most)
        return 0;
    return options_error(program, "write: %s%s%s", verb->word, verb->operands[0] != '\0' ? " " : "", verb->operands);
}

/* Prints TEXT in words from HELP_COLUMN on, the cursor being at COLUMN. */
static void print_wrapped(FILE *out, size_t column, const char *text) {
    while (*text != '\0') {
        size_t word = strcspn(text, " ");

        if (column < HELP_COLUMN) {
            fprintf(out, "%*s", (int)(HELP_COLUMN - column), "");
            column = HELP_COLUMN;
        } else if (column + 1 + word > HELP_WIDTH) {
            fprintf(out, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (column > HELP_COLUMN) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)word, text);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_row(FILE *out, const struct option_row *row) {
    char left[64] = "";
    char letter[5] = "    ";
    int size = 0;

    if (row->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    size = snprintf(left, sizeof(left), "  %s--%s%s%s", letter, row->name, row->argument != NULL ? " " : "",
                    row->argument != NULL ? row->argument : "");
    fputs(left, out);
    if (size >= HELP_COLUMN - 1) {
        fputc('\n', out);
        size = 0;
    }
    print_wrapped(out, (size_t)size, row->help);
}

static void print_verb(FILE *out, const struct verb_row *verb) {
    int size = fprintf(out, "  %s%s%s", verb->word, verb->operands[0] != '\0' ? " " : "", verb->operands);

    if (size >= HELP_COLUMN - 1) {
        fputc('\n', out);
        size = 0;
    }
    print_wrapped(out, size > 0 ? (size_t)size : 0, verb->help);
}

static int flush(FILE *out) {
    return fflush(out) != 0 || ferror(out) ? -1 : 0;
}

int options_print_help(const struct options_program *program, FILE *out) {
    fprintf(out, "Usage: %s %s\n%s\n", program->name, program->usage, program->about);
    for (size_t i = 0; i < program->count; i++)
        print_row(out, &program->rows[i]);
    if (program->verb_count > 0)
        fprintf(out, "\nCommands:\n");
    for (size_t i = 0; i < program->verb_count; i++)
        print_verb(out, &program->verbs[i]);
    return flush(out);
}

int options_print_version(const struct options_program *program, const char *version, FILE *out) {
    fprintf(out, "%s %s\n", program->name, version);
    return flush(out);
}
