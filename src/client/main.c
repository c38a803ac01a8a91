#include <config.h>

#include "src/client/run.h"
#include "src/common/log.h"
#include "src/common/process.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct arguments arguments;
    enum arguments_result result;

    process_open_standard_descriptors();
    process_protect();
    result = arguments_read(&arguments, argc, argv, isatty(STDIN_FILENO) == 1);
    switch (result) {
    case ARGUMENTS_DONE:
        return STATUS_OK;
    case ARGUMENTS_FAILED:
        fprintf(stderr, "chatsecure: cannot write to standard output\n");
        return STATUS_INTERNAL;
    case ARGUMENTS_WRONG:
        return STATUS_USAGE;
    case ARGUMENTS_RUN:
    case ARGUMENTS_VERB:
        break;
    }
    /* Without --debug, what happened is told in sentences and not in records. */
    log_set_level(arguments.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
    return (int)(result == ARGUMENTS_VERB ? verb_run(&arguments) : run_client(&arguments));
}
