/* What a record of the history says, as the file may have it. */
#include <config.h>

#include "src/client/history_form.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "history";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t written[HISTORY_FORM_MAX];
    char *copy = copy_exact(data, size);
    struct text_signature signature, second;
    struct history_entry entry, again;

    if (history_form_read(&entry, &signature, (const uint8_t *)copy, size)) {
        size_t length = history_form_write(written, &entry);

        /* What is taken can be written, and says the same then. */
        FUZZ_MUST(length <= sizeof(written));
        FUZZ_MUST(history_form_read(&again, &second, written, length));
        FUZZ_MUST(again.sent == entry.sent && again.time == entry.time && span_equal(again.name, entry.name) &&
                  span_equal(again.text, entry.text) && span_equal(again.own, entry.own) &&
                  span_equal(again.id, entry.id) && span_equal(again.fingerprint, entry.fingerprint));
        FUZZ_MUST((entry.signature == NULL) == (again.signature == NULL));
        FUZZ_MUST(entry.signature == NULL || memcmp(&signature, &second, sizeof(signature)) == 0);
    }
    free(copy);
    return 0;
}
