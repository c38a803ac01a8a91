/* A line of input of the client: what it asks for, and for whom it is. */
#include <config.h>

#include "src/client/commands.h"
#include "src/client/recipients.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "request";

/* True if PART lies within WHOLE. */
static bool is_within(struct span part, struct span whole) {
    return part.data >= whole.data && part.data + part.size <= whole.data + whole.size;
}

static void check_message(const struct request *request, struct span line) {
    struct span list = request->to, element;
    size_t seen = 0;

    FUZZ_MUST(is_within(request->to, line) && is_within(request->body, line));
    /* The body is the rest of the line: nothing that was typed is lost on the way. */
    FUZZ_MUST(request->body.data + request->body.size == line.data + line.size);
    FUZZ_MUST(recipients_is_list(request->to));
    FUZZ_MUST(memchr(request->to.data, ':', request->to.size) == NULL);
    while (recipients_split(&list, &element)) {
        FUZZ_MUST(element.size > 0 && is_within(element, request->to));
        seen += element.size + 1;
    }
    FUZZ_MUST(seen == request->to.size + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = copy_exact(data, size);
    const struct span line = {copy, size};
    struct recipients recipients = {.count = 0};
    struct diagnostic why = {""};
    struct request request;

    request_parse(line, &request);
    FUZZ_MUST(request.type == REQUEST_NOTHING || request.type == REQUEST_COMMAND || request.type == REQUEST_MESSAGE ||
              request.type == REQUEST_UNKNOWN);
    if (request.type == REQUEST_MESSAGE) {
        struct span list = request.to, element;

        check_message(&request, line);
        /* There is no folder of that name, so that no group is found. */
        while (recipients_split(&list, &element))
            if (recipients_add(&recipients, element, "/nowhere", &why) == 0)
                FUZZ_MUST(name_is_valid(element));
        FUZZ_MUST(recipients.count <= RECIPIENTS_MAX);
        for (size_t i = 0; i < recipients.count; i++)
            for (size_t j = 0; j < i; j++)
                FUZZ_MUST(!name_equal(span_of(recipients.list[i].name), span_of(recipients.list[j].name)));
    }
    free(copy);
    return 0;
}
