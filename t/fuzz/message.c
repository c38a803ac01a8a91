/* Lines from the wire, cut up as the first byte says, read in every place and every way. */
#include <config.h>

#include "proto/error.h"
#include "proto/line.h"
#include "proto/message.h"
#include "t/agreement.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "message";

static const enum message_place places[] = {PLACE_LINE_TO_SERVER, PLACE_LINE_TO_CLIENT, PLACE_TO_SERVER,
                                            PLACE_TO_CLIENT, PLACE_INNER};

static void look_at_chain(const struct certificates *certificates) {
    csc_chain *chain = NULL;
    size_t total = 0;

    FUZZ_MUST(certificates->count > 0 && certificates->count <= CSC_CHAIN_MAX);
    for (size_t i = 0; i < certificates->count; i++)
        total += certificates->sizes[i];
    FUZZ_MUST(total <= CSC_CHAIN_BYTES);
    if (certificates_chain(certificates, &chain) == CSC_OK)
        FUZZ_MUST(csc_chain_count(chain) == certificates->count);
    csc_chain_free(chain);
}

/* Looks at all that a message may hold. */
static void look(const struct message *message) {
    FUZZ_MUST(message->type <= MESSAGE_UNKNOWN_INNER && message_type_name(message->type) != NULL);
    FUZZ_MUST(message->ciphers.count <= SUITE_COUNT && message->secret_size <= sizeof(message->secret));
    FUZZ_MUST(message->body.size <= MESSAGE_BODY_MAX && message->key.size <= CSC_PEM_MAX);
    FUZZ_MUST(message->offer.size == 0 || message->offer.size == CSC_BASE64_LENGTH(MESSAGE_NONCE_SIZE));
    if (message->chain != NULL)
        look_at_chain(message->chain);
    if (message->attest != NULL) {
        FUZZ_MUST(message->attest->statement_size <= ATTEST_STATEMENT_MAX);
        FUZZ_MUST(message->attest->signature_size <= CSC_SIGNATURE_MAX);
        look_at_chain(&message->attest->chain);
    }
    FUZZ_MUST(message->src.size == 0 || name_is_valid(message->src));
    FUZZ_MUST(message->dst.size == 0 || name_is_valid(message->dst));
    for (size_t i = 0; i < message_count(message); i++) {
        if (message->type == MESSAGE_RECEIPT)
            FUZZ_MUST(message_id_is_valid(message_receipt_id(message, i)));
        else
            FUZZ_MUST(name_is_valid(message_list_entry(message, i).name));
    }
}

static void read_line(const char *line, size_t size) {
    bool accepted;

    FUZZ_MUST(json_agrees(line, size, &accepted));
    FUZZ_MUST(message_disagreement(line, size) == NULL);
    for (size_t i = 0; i < COUNT(places); i++) {
        struct message message;
        int error = message_parse(&message, places[i], line, size);

        FUZZ_MUST(error == PROTO_OK || error == PROTO_E_MEMBER || error == PROTO_E_TYPE || error == PROTO_E_STATE ||
                  error == PROTO_E_VERSION || error == PROTO_E_NAME || error == PROTO_E_SUITE || error == PROTO_E_JSON);
        FUZZ_MUST(error == PROTO_E_JSON || accepted);
        if (error == PROTO_OK)
            look(&message);
        message_free(&message);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct line_reader reader = LINE_READER_INIT;
    struct fuzz_input input = {data, size};
    const size_t piece = (size_t)fuzz_byte(&input) + 1;

    while (input.size > 0) {
        struct fuzz_input taken = fuzz_bytes(&input, piece > 250 ? LINE_MAX_SESSION : piece);
        char *line = NULL;
        size_t length = 0;
        int result;

        if (buffer_append(&reader.input, taken.data, taken.size) != PROTO_OK)
            break;
        while ((result = line_next(&reader, LINE_MAX_SESSION, &line, &length)) == 1) {
            FUZZ_MUST(length > 0 && length < LINE_MAX_SESSION && memchr(line, '\n', length) == NULL);
            read_line(line, length);
        }
        if (result < 0)
            break;
    }
    line_reader_free(&reader);
    return 0;
}
