/* `chatsecure whois`: a run of the client whose only line is that command. */
#include <config.h>

#include "proto/name.h"
#include "src/client/run.h"

#include <stdio.h>

enum exit_status verb_whois(const struct arguments *arguments) {
    struct arguments run = *arguments;
    char line[NAME_SIZE + 16] = "";

    if (!name_is_valid(span_of(run.operands[0]))) {
        fprintf(stderr, "chatsecure: whois: that is not a user's name\n");
        return STATUS_USAGE;
    }
    if (!run.name) {
        fprintf(stderr, "chatsecure: whois connects: give --name NAME, who is asking\n");
        return STATUS_USAGE;
    }
    if (arguments_read_server(&run, run.operand_count > 1 ? run.operands[1] : "localhost") != 0)
        return STATUS_USAGE;
    snprintf(line, sizeof(line), "whois %s", run.operands[0]);
    run.message = line;
    run.file = run.to = NULL;
    run.json_input = run.single = run.interactive = run.receive = false;
    run.count = 0;
    /* There is no prompt to ask at. */
    if (run.server_policy == TRUST_ASK)
        run.server_policy = TRUST_KNOWN;
    return run_client(&run);
}
