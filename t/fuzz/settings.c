/* A configuration file: what is taken is written such that it is taken again, and is written the same. */
#include <config.h>

#include "src/server/settings_file.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "settings";

/* What SETTINGS are as a file, ended by a NUL. */
static char *print(const struct settings *settings, size_t *size) {
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    require(out != NULL && settings_file_print(settings, out) == 0 && fclose(out) == 0, "memory");
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct settings *settings = malloc(sizeof(*settings)), *again = malloc(sizeof(*again));
    char *text = malloc(size + 1), *first, *second;
    size_t first_size = 0, second_size = 0;
    struct diagnostic why = {""};

    require(settings != NULL && again != NULL && text != NULL, "memory");
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    settings_init(settings);
    settings_init(again);
    if (settings_file_parse(settings, "fuzz", text, size, &why) != 0) {
        FUZZ_MUST(strncmp(why.text, "fuzz:", 5) == 0);
    } else {
        first = print(settings, &first_size);
        second = strdup(first);
        FUZZ_MUST(second != NULL && settings_file_parse(again, "again", second, first_size, &why) == 0);
        free(second);
        second = print(again, &second_size);
        FUZZ_MUST(first_size == second_size && memcmp(first, second, first_size) == 0);
        free(first);
        free(second);
    }
    free(text);
    free(again);
    free(settings);
    return 0;
}
