/*
 * options: the command line of a program, from a table.
 *
 * The table is the one place where an option is declared: the parser and `--help` are made from it.  So are verbs,
 * the words that a program may take in place of its usual operands.
 * What shells need to complete it is made from the table too (options_completion.c).
 * Understood are `--name`, `--name VALUE`, `--name=VALUE`, `-x`, `-x VALUE`, `-xVALUE`, bundles of
 * short options `-xyz`, and `--`, behind which everything is an operand.  Options and operands may be
 * mixed; long names are not abbreviated.
 * What is wrong is said on stderr, with what to do, and the program ends with OPTIONS_EXIT_USAGE.
 * Single owner.
 *
 *     struct options options;
 *     options_begin(&options, &program, argc, argv);
 *     while ((id = options_next(&options)) >= 0)
 *         switch (id) { case OPTION_LISTEN: ... options.value ... }
 *     if (id == OPTIONS_ERROR)
 *         return OPTIONS_EXIT_USAGE;
 */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OPTIONS_EXIT_USAGE 1

struct option_row {
    int id;               /* 0 or more: what options_next() returns */
    char letter;          /* 0: none */
    const char *name;     /* without "--" */
    const char *argument; /* what its value is called in the help, NULL: it takes none */
    const char *help;     /* a sentence or more, wrapped when it is printed */
};

/* A word in front of the operands that says what to do with them. */
struct verb_row {
    const char *word;
    const char *operands; /* what they are called in the help, "" for none */
    unsigned least, most; /* how many there may be */
    const char *help;
};

struct options_program {
    const char *name;  /* as in messages and the usage line */
    const char *usage; /* what follows the name in the usage line */
    const char *about; /* a line or more for the top of the help, ended by "\n" */
    const struct option_row *rows;
    size_t count;
    const struct verb_row *verbs; /* NULL: it has none */
    size_t verb_count;
    const char *namer; /* the verb that prints the names there are, each first in a line of its own; NULL: none does */
};

/* What options_find_verb() gives for a word that is none. */
#define OPTIONS_NO_VERB SIZE_MAX

enum { OPTIONS_END = -1, OPTIONS_ERROR = -2, OPTIONS_OPERAND = INT32_MAX };

struct options {
    const struct options_program *program;
    const struct option_row *row; /* of the option last returned */
    const char *value;            /* its value or NULL; the operand after OPTIONS_OPERAND */
    char **arguments;
    int count, next;
    const char *bundle; /* the rest of a bundle of short options, or NULL */
    bool operands_only; /* "--" was seen */
};

/* PROGRAM and ARGV are borrowed. */
void options_begin(struct options *options, const struct options_program *program, int argc, char **argv);

/* The next option's id, OPTIONS_OPERAND, OPTIONS_END, or OPTIONS_ERROR after a message. */
int options_next(struct options *options);

/* The next argument, whatever it looks like, as one more value of the current option; NULL if there is none. */
const char *options_argument(struct options *options);

/* The row of the option that is called NAME, of SIZE bytes and without "--", or NULL. */
const struct option_row *options_find(const struct options_program *program, const char *name, size_t size);

/* Reads TEXT as a decimal number from MIN to MAX.  False if it is none: blanks and signs are not legal. */
bool options_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
    __attribute__((warn_unused_result));

/* The value of the current option as a decimal number from MIN to MAX.  0, or OPTIONS_ERROR after a message. */
int options_number(struct options *options, uint64_t min, uint64_t max, uint64_t *number)
    __attribute__((warn_unused_result));

/* The value of the current option as the number of a descriptor.  0, or OPTIONS_ERROR after a message. */
int options_descriptor(struct options *options, int *fd) __attribute__((warn_unused_result));

/* The index of the verb WORD, or OPTIONS_NO_VERB. */
size_t options_find_verb(const struct options_program *program, const char *word);

/* Whether VERB takes COUNT operands.  0, or OPTIONS_ERROR after a message. */
int options_check_verb(const struct options_program *program, const struct verb_row *verb, size_t count)
    __attribute__((warn_unused_result));

/* Says on stderr what is wrong with the command line, as "program: ...; see `program --help'".  Returns OPTIONS_ERROR.
 */
int options_error(const struct options_program *program, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints the help, or the name and VERSION, and flushes.  0, or -1 if OUT could not be written. */
int options_print_help(const struct options_program *program, FILE *out) __attribute__((warn_unused_result));
int options_print_version(const struct options_program *program, const char *version, FILE *out)
    __attribute__((warn_unused_result));

/* The same for a script that completes the options and verbs in SHELL: "bash", "zsh" or "fish".  OPTIONS_ERROR after a
 * message if that is none of them. */
int options_print_completion(const struct options_program *program, const char *shell, FILE *out)
    __attribute__((warn_unused_result));

#endif
