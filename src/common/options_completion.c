#include <config.h>

#include "src/common/options.h"

#include <ctype.h>
#include <string.h>

/* What a value is, as the help calls it: all that shells can complete are files and folders. */
static bool is_file(const struct option_row *row) {
    return row->argument && (strcmp(row->argument, "FILE") == 0 || strcmp(row->argument, "DIR") == 0);
}

/* Prints TEXT with a backslash in front of each of SPECIAL. */
static void print_escaped(FILE *out, const char *text, const char *special) {
    for (; *text != '\0'; text++) {
        if (strchr(special, *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* Prints TEXT as it stands between single quotes of a POSIX shell, with a backslash in front of each of SPECIAL. */
static void print_quoted(FILE *out, const char *text, const char *special) {
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fprintf(out, "%s%c", strchr(special, *text) ? "\\" : "", *text);
    }
}

/* The name of a function for the program: letters and '_'. */
static void print_function(FILE *out, const char *name) {
    fputc('_', out);
    for (; *name != '\0'; name++)
        fputc(isalnum((unsigned char)*name) ? *name : '_', out);
}

/* The verbs, with a space between any two. */
static void print_verbs(FILE *out, const struct options_program *program) {
    for (size_t i = 0; i < program->verb_count; i++)
        fprintf(out, "%s%s", i > 0 ? " " : "", program->verbs[i].word);
}

/* The verbs whose first operand is a name, with SEPARATOR between any two. */
static void print_namers(FILE *out, const struct options_program *program, const char *separator) {
    const char *before = "";

    for (size_t i = 0; i < program->verb_count; i++) {
        const char *operands = program->verbs[i].operands;

        if (strncmp(operands, "NAME", 4) != 0 && strncmp(operands, "[NAME]", 6) != 0)
            continue;
        fprintf(out, "%s%s", before, program->verbs[i].word);
        before = separator;
    }
}

/* A function of a POSIX shell that prints the names there are.  Shells expand words that they complete with, so it lets
 * nothing else through. */
static void print_names_function(FILE *out, const struct options_program *program) {
    print_function(out, program->name);
    fprintf(out, "_names() {\n    %s %s 2>/dev/null | sed -n 's/^\\([A-Za-z][A-Za-z0-9._-]*\\) .*/\\1/p'\n}\n",
            program->name, program->namer);
}

/* ---- bash -------------------------------------------------------------------------------------------------------- */

/* The options whose values are files, or else those with other values, as a pattern of `case`. */
static void print_bash_pattern(FILE *out, const struct options_program *program, bool files) {
    const char *bar = "";

    for (size_t i = 0; i < program->count; i++) {
        const struct option_row *row = &program->rows[i];

        if (!row->argument || is_file(row) != files)
            continue;
        fprintf(out, "%s--%s", bar, row->name);
        if (row->letter != 0)
            fprintf(out, "|-%c", row->letter);
        bar = "|";
    }
    /* A pattern must not be empty. */
    fputs(*bar == '\0' ? "''" : "", out);
}

/* A name behind a verb that takes one. */
static void print_bash_names(FILE *out, const struct options_program *program) {
    if (!program->namer)
        return;
    print_namers(out, program, "|");
    fputs(") COMPREPLY=($(compgen -W \"$(", out);
    print_function(out, program->name);
    fputs("_names)\" -- \"$word\")); return ;;\n    ", out);
}

static void print_bash(FILE *out, const struct options_program *program) {
    if (program->namer)
        print_names_function(out, program);
    print_function(out, program->name);
    fputs("() {\n    local word=\"${COMP_WORDS[COMP_CWORD]}\"\n    COMPREPLY=()\n"
          "    case \"${COMP_WORDS[COMP_CWORD - 1]}\" in\n    ",
          out);
    print_bash_pattern(out, program, true);
    fputs(") compopt -o default 2>/dev/null; return ;;\n    ", out);
    print_bash_pattern(out, program, false);
    fputs(") return ;;\n    ", out);
    print_bash_names(out, program);
    fputs("esac\n    case \"$word\" in\n    -*) COMPREPLY=($(compgen -W '", out);
    for (size_t i = 0; i < program->count; i++)
        fprintf(out, "%s--%s", i > 0 ? " " : "", program->rows[i].name);
    fputs("' -- \"$word\")) ;;\n    *) COMPREPLY=($(compgen -W '", out);
    print_verbs(out, program);
    fputs("' -- \"$word\")) ;;\n    esac\n}\ncomplete -F ", out);
    print_function(out, program->name);
    fprintf(out, " %s\n", program->name);
}

/* ---- zsh --------------------------------------------------------------------------------------------------------- */

static void print_zsh_row(FILE *out, const struct option_row *row) {
    if (row->letter != 0)
        fprintf(out, "'(-%c --%s)'{-%c,--%s}", row->letter, row->name, row->letter, row->name);
    else
        fprintf(out, "--%s", row->name);
    fputs("'[", out);
    print_quoted(out, row->help, "[]:\\");
    fputc(']', out);
    if (row->argument) {
        fputc(':', out);
        print_quoted(out, row->argument, ":\\");
        fputs(is_file(row) ? ":_files" : ": ", out);
    }
    fputs("' \\\n        ", out);
}

/* A function that completes an operand behind the first. */
static void print_zsh_operand(FILE *out, const struct options_program *program) {
    print_names_function(out, program);
    print_function(out, program->name);
    fputs("_operand() {\n    case \"$words[CURRENT-1]\" in\n    ", out);
    print_namers(out, program, "|");
    fputs(") compadd -- ${(f)\"$(", out);
    print_function(out, program->name);
    fputs("_names)\"} ;;\n    *) _files ;;\n    esac\n}\n", out);
}

static void print_zsh(FILE *out, const struct options_program *program) {
    if (program->namer)
        print_zsh_operand(out, program);
    print_function(out, program->name);
    fputs("() {\n    _arguments -s \\\n        ", out);
    for (size_t i = 0; i < program->count; i++)
        print_zsh_row(out, &program->rows[i]);
    fputs("'1:operand:(", out);
    print_verbs(out, program);
    fputs(")' '*:operand:", out);
    if (program->namer) {
        print_function(out, program->name);
        fputs("_operand'\n}\ncompdef ", out);
    } else {
        fputs("_files'\n}\ncompdef ", out);
    }
    print_function(out, program->name);
    fprintf(out, " %s\n", program->name);
}

/* ---- fish -------------------------------------------------------------------------------------------------------- */

static void print_fish(FILE *out, const struct options_program *program) {
    for (size_t i = 0; i < program->count; i++) {
        const struct option_row *row = &program->rows[i];

        fprintf(out, "complete -c %s -l %s", program->name, row->name);
        if (row->letter != 0)
            fprintf(out, " -s %c", row->letter);
        fprintf(out, "%s -d '", is_file(row) ? " -r -F" : row->argument ? " -x" : " -f");
        print_escaped(out, row->help, "'\\");
        fputs("'\n", out);
    }
    for (size_t i = 0; i < program->verb_count; i++) {
        fprintf(out, "complete -c %s -n __fish_use_subcommand -f -a %s -d '", program->name, program->verbs[i].word);
        print_escaped(out, program->verbs[i].help, "'\\");
        fputs("'\n", out);
    }
    if (program->namer) {
        fprintf(out, "complete -c %s -n '__fish_seen_subcommand_from ", program->name);
        print_namers(out, program, " ");
        fprintf(out, "' -f -a '(%s %s 2>/dev/null | string match -r \"^[A-Za-z][A-Za-z0-9._-]*\")'\n", program->name,
                program->namer);
    }
}

int options_print_completion(const struct options_program *program, const char *shell, FILE *out) {
    if (strcmp(shell, "bash") == 0)
        print_bash(out, program);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(out, program);
    else if (strcmp(shell, "fish") == 0)
        print_fish(out, program);
    else
        return options_error(program, "--completion takes bash, zsh or fish, not \"%s\"", shell);
    return fflush(out) != 0 || ferror(out) ? -1 : 0;
}
