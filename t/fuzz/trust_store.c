/*
 * A file of names and fingerprints as anybody may have edited it: looked up in, listed and changed.  Whatever is in it,
 * a change touches the lines of its name alone, and one that fails touches nothing.
 */
#include <config.h>

#include "proto/name.h"
#include "src/common/trust_store.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *const fuzz_name = "trust_store";

#define NAME    "Eve"
#define NEW_KEY "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static char *path;

/* The file as it is; the caller frees it. */
static char *read_file(size_t *size) {
    FILE *file = fopen(path, "rb");
    char *data = malloc(TRUST_STORE_MAX + 4096);

    require(data != NULL && file != NULL, "a file");
    *size = fread(data, 1, TRUST_STORE_MAX + 4096, file);
    (void)fclose(file);
    return data;
}

/* Whether a line is one of NAME's. */
static bool is_of_name(struct span line) {
    size_t start = 0, size = 0;

    while (start < line.size && (line.data[start] == ' ' || line.data[start] == '\t'))
        start++;
    while (start + size < line.size && line.data[start + size] != ' ' && line.data[start + size] != '\t')
        size++;
    return name_equal((struct span){line.data + start, size}, SPAN(NAME));
}

/* Takes the next line that is not NAME's off TEXT.  False at the end. */
static bool next_other(struct span *text, struct span *line) {
    while (text->size > 0) {
        const char *end = memchr(text->data, '\n', text->size);

        *line = (struct span){text->data, end != NULL ? (size_t)(end - text->data) : text->size};
        text->data += line->size + (end != NULL);
        text->size -= line->size + (end != NULL);
        if (!is_of_name(*line))
            return true;
    }
    return false;
}

/* Compares the file with what it was. */
static void check_file(const struct fuzz_input *input, bool changed) {
    struct span before = {(const char *)input->data, input->size}, after, a, b;
    char *now = read_file(&after.size);

    after.data = now;
    if (!changed) {
        FUZZ_MUST(span_equal(before, after));
    } else {
        while (next_other(&before, &a))
            FUZZ_MUST(next_other(&after, &b) && span_equal(a, b));
        FUZZ_MUST(!next_other(&after, &b));
    }
    free(now);
}

static int visit(void *context, const struct trust_entry *entry) {
    FUZZ_MUST(trust_fingerprint_is_valid(entry->fingerprint) && entry->name[0] != '\0' && entry->line > 0);
    ++*(unsigned *)context;
    return 0;
}

static int change(unsigned what, struct diagnostic *why) {
    switch (what) {
    case 0:
        return trust_store_add(path, NAME, NEW_KEY, why);
    case 1:
        return trust_store_set(path, NAME, NEW_KEY, why);
    case 2:
        return trust_store_remove(path, NAME, why);
    default:
        return trust_store_mark_verified(path, NAME, NEW_KEY, why);
    }
}

/* Changes the file, and checks that it says then what it was told. */
static void try_change(unsigned what, const struct fuzz_input *input, int found, int listed) {
    struct trust_entry entry;
    struct diagnostic why = {""};
    int result = change(what, &why), now;

    if (found < 0)
        FUZZ_MUST(result < 0);
    check_file(input, result > 0 || (what == 0 && result == 0));
    if (result < 0)
        return;
    now = trust_store_find(path, NAME, &entry, &why);
    /* Who is not in the file has to be looked for in all of it. */
    if (what == 2)
        FUZZ_MUST(now == 0 || (now == -EBADMSG && listed == -EBADMSG));
    else
        FUZZ_MUST(now == (what == 3 ? found : 1));
    if (what <= 1)
        FUZZ_MUST(strcmp(entry.fingerprint, NEW_KEY) == 0);
    if (what == 3 && result == 1)
        FUZZ_MUST(entry.verified && strcmp(entry.fingerprint, NEW_KEY) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    const unsigned what = fuzz_byte(&input) % 4u;
    struct diagnostic why = {""};
    struct trust_entry entry;
    unsigned count = 0;
    int found, listed;

    if (path == NULL)
        path = fuzz_path("known");
    fuzz_write_file("known", input.data, input.size);
    found = trust_store_find(path, NAME, &entry, &why);
    FUZZ_MUST(found == 0 || found == 1 || found == -EBADMSG || found == -EFBIG);
    listed = trust_store_list(path, visit, &count, &why);
    FUZZ_MUST(listed == 0 || listed == -EBADMSG || listed == -EFBIG);
    if (found == 1)
        FUZZ_MUST(trust_fingerprint_is_valid(entry.fingerprint) && name_equal(span_of(entry.name), SPAN(NAME)));
    try_change(what, &input, found, listed);
    return 0;
}
