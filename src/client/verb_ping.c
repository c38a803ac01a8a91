/* `chatsecure ping`: a run of the client whose only line is that command. */
#include <config.h>

#include "src/client/pinging.h"
#include "src/client/run.h"

#include <inttypes.h>
#include <stdio.h>

enum exit_status verb_ping(const struct arguments *arguments) {
    struct arguments run = *arguments;
    char count[24];

    snprintf(count, sizeof(count), "%" PRIu64, run.count > 0 ? run.count : PINGING_MAX);
    /* No peer can have the user's own name, so with it as --from no message is accepted that would be lost here. */
    run.from = run.name;
    return run_command(&run, "ping", count);
}
