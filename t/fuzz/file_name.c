/* A peer's name for a file: what it becomes is one name in a folder, harmless to a terminal, and of its own. */
#include <config.h>

#include "proto/text.h"
#include "src/client/file_name.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>
#include <string.h>

const char *const fuzz_name = "file_name";

#define MARK "0123456789abcdef01234567"

/* What holds of any name in the folder. */
static void check(const char *name) {
    struct span rest = span_of(name);

    FUZZ_MUST(rest.size > 0 && rest.size < FILE_NAME_SIZE && strpbrk(name, "/\\") == NULL);
    while (rest.size > 0) {
        uint32_t character = 0;
        const size_t length = text_decode(rest, &character);

        FUZZ_MUST(length > 0 && text_is_safe(character));
        rest = (struct span){rest.data + length, rest.size - length};
    }
}

static void check_numbers(const char *name, unsigned number) {
    char first[FILE_NAME_SIZE], second[FILE_NAME_SIZE];

    file_name_number(first, name, number);
    file_name_number(second, name, number + 1);
    check(first);
    check(second);
    FUZZ_MUST(strcmp(first, second) != 0 && strchr(".-~ ", first[0]) == NULL);
    file_name_number(first, name, 0);
    FUZZ_MUST(strcmp(first, name) == 0);
}

static void check_part(const char *name) {
    static const char behind[] = "." MARK ".part";
    char part[FILE_NAME_SIZE];

    file_name_part(part, name, MARK);
    check(part);
    FUZZ_MUST(part[0] == '.' && strlen(part) > sizeof(behind));
    FUZZ_MUST(strcmp(part + strlen(part) - strlen(behind), behind) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    const unsigned number = (unsigned)fuzz_number(&input, 2) % 10000;
    char *copy = copy_exact(input.data, input.size);
    char name[FILE_NAME_SIZE], again[FILE_NAME_SIZE];

    memset(name, 'x', sizeof(name));
    file_name_make_safe(name, (struct span){copy, input.size});
    check(name);
    FUZZ_MUST(strchr(".-~ ", name[0]) == NULL);
    /* What a program calls its own file travels as it is. */
    file_name_make_safe(again, span_of(name));
    FUZZ_MUST(strcmp(name, again) == 0);
    check_numbers(name, number);
    check_part(name);
    free(copy);
    return 0;
}
