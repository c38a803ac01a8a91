#include <config.h>

#include "src/server/verbs.h"

#include "src/common/log.h"

#include <errno.h>
#include <stdio.h>

#define VERB_X(function, word, operands, least, most, help) {word, operands, least, most, help},
const struct verb_row verb_rows[VERB_COUNT] = {VERB_TABLE(VERB_X)};
#undef VERB_X

enum server_exit verb_run(const struct settings *settings) {
#define VERB_X(function, word, operands, least, most, help) function,
    static enum server_exit (*const functions[])(const struct settings *) = {VERB_TABLE(VERB_X)};
#undef VERB_X

    return functions[settings->verb](settings);
}

enum server_exit verb_fail(enum server_exit status, const struct diagnostic *why) {
    fprintf(stderr, "%schatsecure-server: %s\n", log_error_mark(), why->text);
    return status;
}

enum server_exit verb_flush(void) {
    struct diagnostic why;

    if (fflush(stdout) == 0 && !ferror(stdout))
        return SERVER_EXIT_OK;
    diagnostic_set(&why, "cannot write to standard output: %s", diagnostic_errno(errno));
    return verb_fail(SERVER_EXIT_FAILED, &why);
}
