/*
 * The file of the history, written and then changed as the input says: cut, overwritten, with records that were copied
 * to another place.  What comes back was added, is whole, and comes in order and once; what nobody has touched comes
 * back.
 */
#include <config.h>

#include "src/client/history.h"
#include "src/client/sealed_key.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const fuzz_name = "history_file";

#define STEPS_MAX   200
#define ENTRIES_MAX 64
#define TEXT_MAX    512

/* Of a record; and what the largest here, and the file, have room in. */
#define RECORD_MIN  (4 + CSC_CBC_IV + CSC_CBC_BLOCK + CSC_SHA256_SIZE)
#define RECORD_MAX  (4 + CSC_CBC_IV + CSC_CBC_LENGTH(HISTORY_FORM_MAX) + CSC_SHA256_SIZE)
#define RECORD_HERE 1024
#define FILE_HERE   (1 << 18)

/* In place of the one that takes a private key: that is slow, and the spool's fuzzer has it. */
int __wrap_sealed_key_load(csc_symkey **key, const char *label, const char *path, bool make,
                           const struct identity *identity, struct diagnostic *why);

/* The record of an entry, and where it was written. */
struct added {
    size_t at, size;
    uint8_t record[RECORD_HERE];
};

static struct world {
    struct history *history; /* NULL: the file is not one any more */
    struct added added[ENTRIES_MAX];
    size_t count;
    size_t expected[ENTRIES_MAX]; /* entries that are to come, in order */
    size_t expected_count, seen;
} world;

static char *path;

int __wrap_sealed_key_load(csc_symkey **key, const char *label, const char *file, bool make,
                           const struct identity *identity, struct diagnostic *why) {
    static const uint8_t bytes[2][CSC_SYMKEY_SIZE] = {{1}, {2}};

    (void)label;
    (void)file;
    (void)make;
    (void)identity;
    (void)why;
    return csc_symkey_new(key, CSC_AES_256_CBC, bytes[0], bytes[1]) == CSC_OK ? 0 : -EIO;
}

/* The file, in memory of its own that stays until the next call. */
static struct span read_file(void) {
    static char bytes[FILE_HERE];
    FILE *file = fopen(path, "rb");
    size_t size;

    require(file != NULL, "a file");
    size = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    return (struct span){bytes, size};
}

/* The entry of NUMBER, with a TEXT of its own. */
static struct history_entry make_entry(char text[static TEXT_MAX], uint64_t number) {
    memset(text, 'a' + (int)(number % 26), TEXT_MAX);
    return (struct history_entry){.sent = number % 2 == 0,
                                  .time = number,
                                  .name = number % 3 == 0 ? SPAN("Eve") : SPAN("mallory"),
                                  .text = {text, number * 37 % TEXT_MAX},
                                  .own = SPAN("Adam"),
                                  .id = SPAN("id")};
}

/* The entry whose record is what FILE has AT, or ENTRIES_MAX. */
static size_t entry_at(struct span file, size_t at) {
    for (size_t i = 0; i < world.count; i++)
        if (world.added[i].at == at && memcmp(file.data + at, world.added[i].record, world.added[i].size) == 0)
            return i;
    return ENTRIES_MAX;
}

/* Walks along the file and notes which entries are to come.  The records that are none, or -1: the file is none. */
static int walk(void) {
    const struct span file = read_file();
    const uint8_t *bytes = (const uint8_t *)file.data;
    int damaged = 0;

    world.expected_count = world.seen = 0;
    for (size_t at = 0, size; file.size - at >= 4; at += size) {
        size_t entry;

        size = 4 + ((size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 | (size_t)bytes[at + 2] << 8 | bytes[at + 3]);
        if (size < RECORD_MIN || size > RECORD_MAX)
            return -1;
        if (size > file.size - at)
            break;
        entry = entry_at(file, at);
        if (entry < ENTRIES_MAX)
            world.expected[world.expected_count++] = entry;
        else
            damaged++;
    }
    return damaged;
}

static void open_history(void) {
    static const struct identity nobody;
    struct diagnostic why = {""};
    const bool is_one = walk() >= 0;

    history_close(world.history);
    world.history = NULL;
    FUZZ_MUST((history_open(&world.history, fuzz_folder(), &nobody, &why) == 0) == is_one);
    FUZZ_MUST(is_one || why.text[0] != '\0');
}

static void add(void) {
    struct added *added = &world.added[world.count];
    struct diagnostic why = {""};
    struct history_entry entry;
    struct span file = read_file();
    char text[TEXT_MAX];

    if (world.history == NULL || world.count == ENTRIES_MAX || file.size > FILE_HERE / 2)
        return;
    added->at = file.size;
    entry = make_entry(text, world.count);
    FUZZ_MUST(history_add(world.history, &entry, &why) == 0);
    file = read_file();
    added->size = file.size - added->at;
    FUZZ_MUST(added->size > 0 && added->size <= sizeof(added->record));
    memcpy(added->record, file.data + added->at, added->size);
    world.count++;
}

static int see(void *context, const struct history_entry *entry) {
    char text[TEXT_MAX];
    const struct history_entry want = make_entry(text, entry->time);

    (void)context;
    FUZZ_MUST(world.seen < world.expected_count && entry->time == world.expected[world.seen++]);
    FUZZ_MUST(span_equal(entry->text, want.text) && span_equal(entry->name, want.name) && entry->sent == want.sent);
    FUZZ_MUST(span_equal(entry->own, want.own) && span_equal(entry->id, want.id) && entry->signature == NULL);
    return 0;
}

static void read_all(void) {
    const struct history_query query = {.count = HISTORY_ANSWER_MAX};
    const int expected = walk();
    struct diagnostic why = {""};
    size_t damaged = 0;

    if (world.history == NULL)
        return;
    FUZZ_MUST((history_read(world.history, &query, see, NULL, &damaged, &why) == 0) == (expected >= 0));
    if (expected >= 0)
        FUZZ_MUST(world.seen == world.expected_count && damaged == (size_t)expected);
}

/* Somebody else has the file say DATA at the place AT, which it has. */
static void overwrite(size_t at, struct span data) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);

    require(fd >= 0 && pwrite(fd, data.data, data.size, (off_t)at) == (ssize_t)data.size && close(fd) == 0, "a file");
}

/* Has a record, or other bytes of the file, be in the place of another, or at the end. */
static void copy(struct fuzz_input *input) {
    const struct span file = read_file();
    const uint8_t source = fuzz_byte(input), target = fuzz_byte(input);
    size_t from = fuzz_number(input, 2) % (file.size + 1), to = file.size, size = fuzz_byte(input);

    if (source < world.count) {
        from = world.added[source].at;
        size = world.added[source].size;
    }
    if (target < world.count)
        to = world.added[target].at;
    if (from <= file.size && to <= file.size)
        overwrite(to, (struct span){file.data + from, size < file.size - from ? size : file.size - from});
}

static void step(struct fuzz_input *input) {
    const uint8_t what = fuzz_byte(input);
    const size_t size = read_file().size;
    struct fuzz_input bytes;
    size_t at;

    switch (what % 8) {
    case 0:
    case 1:
    case 2:
        add();
        break;
    case 3:
        at = fuzz_number(input, 2) % (size + 1);
        bytes = fuzz_bytes(input, 1 + fuzz_byte(input) % 16u);
        overwrite(at, (struct span){(const char *)bytes.data, bytes.size});
        open_history();
        break;
    case 4:
        copy(input);
        open_history();
        break;
    case 5:
        require(truncate(path, (off_t)(size - fuzz_number(input, 2) % (size + 1))) == 0, "a file");
        open_history();
        break;
    case 6:
        open_history();
        break;
    default:
        read_all();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};

    fuzz_reset_random();
    fuzz_write_file("history", NULL, 0);
    if (path == NULL)
        path = fuzz_path("history");
    memset(&world, 0, sizeof(world));
    open_history();
    for (unsigned steps = 0; input.size > 0 && steps < STEPS_MAX; steps++)
        step(&input);
    open_history();
    read_all();
    history_close(world.history);
    return 0;
}
