#include <config.h>

#include "src/client/arguments.h"

#include <errno.h>
#include <stdio.h>

#define VERB_X(function, word, operands, least, most, help) {word, operands, least, most, help},
const struct verb_row verb_rows[VERB_COUNT] = {VERB_TABLE(VERB_X)};
#undef VERB_X

enum exit_status verb_run(const struct arguments *arguments) {
#define VERB_X(function, word, operands, least, most, help) function,
    static enum exit_status (*const functions[])(const struct arguments *) = {VERB_TABLE(VERB_X)};
#undef VERB_X

    return functions[arguments->verb](arguments);
}

enum exit_status verb_flush(void) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return STATUS_OK;
    fprintf(stderr, "chatsecure: cannot write to standard output: %s\n", diagnostic_errno(errno));
    return STATUS_INTERNAL;
}
