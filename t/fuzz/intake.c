/*
 * What is left of standard input, as anything may have left it: the input says what the file has, and then what is
 * read, added and forgotten while programs start again.  From then on nothing is lost, doubled or changed.
 */
#include <config.h>

#include "src/client/intake.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const fuzz_name = "intake";

#define BLANK 0xff

static const char magic[MAPPED_FILE_MAGIC_SIZE] = "chatsecure input 1\n";

/* The file. */
struct area {
    uint64_t base, used;
    uint8_t bytes[INTAKE_SIZE];
};

struct held {
    char magic[MAPPED_FILE_MAGIC_SIZE];
    uint64_t device, inode;
    uint8_t way[CSC_SHA256_SIZE];
    uint64_t current;
    struct area areas[2];
};

/* What there should be, and where it begins. */
static struct model {
    struct intake *intake;
    uint64_t base;
    size_t size;
    char bytes[INTAKE_SIZE];
} model;

static int pipe_fds[2];

static void write_area(struct area *area, struct fuzz_input *input) {
    const uint8_t what = fuzz_byte(input);
    struct fuzz_input bytes;
    size_t at;

    memset(area->bytes, BLANK, sizeof(area->bytes));
    area->base = fuzz_number(input, what & 1 ? 8 : 2);
    area->used = fuzz_number(input, what & 2 ? 8 : 3);
    at = what & 4 ? INTAKE_SIZE - 256 : 0;
    bytes = fuzz_bytes(input, fuzz_byte(input));
    if (bytes.size > 0)
        memcpy(area->bytes + at, bytes.data, bytes.size);
}

static void write_held(struct fuzz_input *input) {
    static struct held held;
    const uint8_t what = fuzz_byte(input);

    memcpy(held.magic, magic, sizeof(magic));
    held.magic[0] = what % 16 == 1 ? '?' : magic[0];
    held.inode = what & 64;
    held.current = what & 128 ? UINT64_MAX : what;
    write_area(&held.areas[0], input);
    write_area(&held.areas[1], input);
    fuzz_write_file("spool.input", &held, sizeof(held) - (what % 16 == 2));
}

/* What is there is what should be. */
static void check(void) {
    const struct span rest = intake_rest(model.intake);

    FUZZ_MUST(span_equal(rest, (struct span){model.bytes, model.size}));
    FUZZ_MUST(intake_position(model.intake) == model.base + model.size);
}

/* Opens what is there at POSITION, which MODEL is after this, if it has not been like it before. */
static void open_intake(uint64_t position, bool is_first) {
    struct diagnostic why = {""};
    struct span rest;

    if (intake_open(&model.intake, fuzz_folder(), pipe_fds[0], position, &why) != 0) {
        FUZZ_MUST(is_first && why.text[0] != '\0');
        return;
    }
    if (!is_first)
        return;
    rest = intake_rest(model.intake);
    FUZZ_MUST(rest.size <= INTAKE_SIZE);
    model.size = rest.size;
    model.base = intake_position(model.intake) - rest.size;
    memcpy(model.bytes, rest.data, rest.size);
}

static void forget(uint64_t position) {
    size_t gone = 0;

    if (position > model.base)
        gone = position - model.base < model.size ? (size_t)(position - model.base) : model.size;
    model.base += gone;
    model.size -= gone;
    memmove(model.bytes, model.bytes + gone, model.size);
    if (model.size == 0)
        model.base = position;
}

static void note(const char *text, size_t size) {
    memcpy(model.bytes + model.size, text, size);
    model.size += size;
}

/* Has COUNT bytes be read from the pipe, in two steps if there is room for more. */
static void read_some(const char *text, size_t size) {
    const size_t room = INTAKE_SIZE - model.size, first = size < room ? size / 2 : 0;
    char rest[512];

    require(write(pipe_fds[1], text, size) == (ssize_t)size, "a pipe");
    FUZZ_MUST(intake_read(model.intake, first) == (ssize_t)first);
    FUZZ_MUST(intake_read(model.intake, size) == (ssize_t)(size < room ? size - first : room));
    note(text, size < room ? size : room);
    require(size <= room || read(pipe_fds[0], rest, sizeof(rest)) > 0, "an empty pipe");
}

static void step(struct fuzz_input *input) {
    const uint8_t what = fuzz_byte(input);
    /* No text has what a blank is. */
    char text[256];
    const size_t size = what & 64 ? sizeof(text) : fuzz_byte(input) + 1u;
    uint64_t position = model.base + (fuzz_number(input, 2) % (model.size + 2));

    memset(text, fuzz_byte(input) & 127, size);
    switch (what % 4) {
    case 0:
        read_some(text, size);
        break;
    case 1:
        intake_add(model.intake, (struct span){text, size});
        if (size <= INTAKE_SIZE - model.size)
            note(text, size);
        break;
    case 2:
        position = what & 32 ? fuzz_number(input, 8) : position;
        intake_forget(model.intake, position);
        forget(position);
        break;
    default:
        intake_close(model.intake);
        open_intake(position, false);
        forget(position);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t way[CSC_SHA256_SIZE] = {1}, other[CSC_SHA256_SIZE] = {2};
    struct fuzz_input input = {data, size};

    if (pipe_fds[1] == 0)
        require(pipe(pipe_fds) == 0 && fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) == 0, "a pipe");
    model.intake = NULL;
    write_held(&input);
    open_intake(fuzz_number(&input, fuzz_byte(&input) % 9u), true);
    while (model.intake != NULL && input.size > 0) {
        step(&input);
        check();
    }
    if (model.intake != NULL && model.size == 0)
        FUZZ_MUST(intake_bind(model.intake, way) && intake_bind(model.intake, other));
    intake_close(model.intake);
    return 0;
}
