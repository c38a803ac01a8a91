/* Gives a fuzzer the files named, or else its seeds: all of t/fuzz/corpus/NAME.  That it comes back is the test. */
#include <config.h>

#include "t/fuzz/fuzz.h"
#include "t/tap.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1 << 20)

static void replay(const char *path, const char *name) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX), *exact = NULL;
    size_t size;

    if (file == NULL || data == NULL)
        goto out;
    size = fread(data, 1, INPUT_MAX, file);
    /* In memory of just its size, so that a sanitizer sees what is read beyond it. */
    exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        goto out;
    memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
out:
    OK(exact != NULL, "%s", name);
    if (file != NULL)
        fclose(file);
    free(data);
    free(exact);
}

static int is_seed(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv) {
    const char *top = getenv("top_srcdir");
    struct dirent **entries = NULL;
    char folder[4096], path[8192];
    int count;

    for (int i = 1; i < argc; i++)
        replay(argv[i], argv[i]);
    if (argc > 1)
        return tap_done();
    (void)snprintf(folder, sizeof(folder), "%s/t/fuzz/corpus/%s", top ? top : ".", fuzz_name);
    count = scandir(folder, &entries, is_seed, alphasort);
    OK(count > 0, "there are seeds");
    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        replay(path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return tap_done();
}
