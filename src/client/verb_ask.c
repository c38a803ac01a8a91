/* `chatsecure ask`: a run of the client whose only line is a question. */
#include <config.h>

#include "src/client/commands.h"
#include "src/client/run.h"

#include <stdio.h>

enum exit_status verb_ask(const struct arguments *arguments) {
    struct arguments run = *arguments;
    struct request request;
    char to[NAME_SIZE];

    request_parse(span_of(run.operands[0]), &request);
    if (request.type != REQUEST_MESSAGE || !name_is_valid(request.to)) {
        fprintf(stderr, "chatsecure: ask: write the question as one argument, \"NAME: question\"\n");
        return STATUS_USAGE;
    }
    if (!run.name) {
        fprintf(stderr, "chatsecure: ask connects: give --name NAME, who is asking\n");
        return STATUS_USAGE;
    }
    if (arguments_read_server(&run, run.operand_count > 1 ? run.operands[1] : "localhost") != 0)
        return STATUS_USAGE;
    name_copy(to, request.to);
    /* The body ends where the argument does. */
    run.message = request.body.data;
    run.to = run.from = to;
    run.asks = true;
    run.file = NULL;
    run.handler.words[0] = NULL;
    run.json = run.json_input = run.single = run.interactive = run.receive = false;
    run.count = run.need = 0;
    run.wait = WAIT_DELIVERED;
    /* There is no prompt to ask at. */
    if (run.server_policy == TRUST_ASK)
        run.server_policy = TRUST_KNOWN;
    return run_client(&run);
}
