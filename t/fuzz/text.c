/* A stranger's text on its way to a terminal: the first byte is the size of an array for its cut form. */
#include <config.h>

#include "proto/error.h"
#include "proto/text.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "text";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    const size_t room = 8 + (size_t)fuzz_byte(&input);
    char *text = copy_exact(input.data, input.size), *cut = malloc(room);
    struct buffer out = BUFFER_INIT(TEXT_ESCAPE_MAX(input.size)), again = BUFFER_INIT(TEXT_ESCAPE_MAX(input.size));

    FUZZ_MUST(text_escape(&out, (struct span){text, input.size}) == PROTO_OK);
    FUZZ_MUST(text_is_utf8(buffer_span(&out)));
    for (size_t i = 0; i < out.size; i++)
        FUZZ_MUST((buffer_data(&out)[i] >= 0x20 && buffer_data(&out)[i] != 0x7f) || buffer_data(&out)[i] == '\t');
    /* What is escaped has nothing left to escape. */
    FUZZ_MUST(text_escape(&again, buffer_span(&out)) == PROTO_OK);
    FUZZ_MUST(span_equal(buffer_span(&again), buffer_span(&out)));

    require(cut != NULL, "an array");
    text_escape_cut(cut, room, (struct span){text, input.size});
    FUZZ_MUST(text_is_utf8(span_of(cut)));
    FUZZ_MUST(strlen(cut) < room);
    if (out.size < room)
        FUZZ_MUST(span_equal(span_of(cut), buffer_span(&out)));
    else
        FUZZ_MUST(memcmp(cut + strlen(cut) - 3, "...", 3) == 0);
    buffer_free(&out);
    buffer_free(&again);
    free(text);
    free(cut);
    return 0;
}
