/*
 * What a killed program has left of the text for standard output, as anything may have left it: the input says what the
 * file has, and whether it holds.  What comes out is a part of it with its end, to whatever is written; and what is
 * laid down after it comes out whole.
 */
#include <config.h>

#include "crypto/cscrypto.h"
#include "src/client/handing.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const fuzz_name = "handing";

static const char magic[MAPPED_FILE_MAGIC_SIZE] = "chatsecure handing 1\n";

/* The file. */
static struct laid {
    char magic[MAPPED_FILE_MAGIC_SIZE];
    uint64_t size, count, form, device, inode;
    int64_t origin;
    uint64_t current;
    struct {
        off_t base, place;
    } progress[2];
    uint8_t check[CSC_SHA256_SIZE];
    struct handing_message messages[HANDING_MESSAGES_MAX];
    char text[HANDING_MAX];
} laid;

/* What the text is written to. */
enum kind { PIPE, PLAIN, NULL_DEVICE, KINDS };
static int outputs[KINDS], pipe_end;
static struct received *received;

static void begin(void) {
    struct diagnostic why = {""};
    char *path = fuzz_path("output");
    int fds[2];

    require(received_open(&received, fuzz_folder(), true, &why) == 0 && pipe(fds) == 0, "a ring and a pipe");
    require(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0, "no waiting");
    pipe_end = fds[0];
    outputs[PIPE] = fds[1];
    outputs[PLAIN] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    outputs[NULL_DEVICE] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    require(outputs[PLAIN] >= 0 && outputs[NULL_DEVICE] >= 0, "files");
    free(path);
}

/* A number that is likely to be right. */
static uint64_t number(struct fuzz_input *input, uint64_t likely) {
    const uint8_t what = fuzz_byte(input);

    return what % 4 == 0 ? likely : what % 4 == 1 ? likely - 1 + what / 4u : fuzz_number(input, 1 + what / 32u);
}

static void write_messages(struct fuzz_input *input) {
    for (size_t i = 0; i < laid.count && i < HANDING_MESSAGES_MAX; i++) {
        laid.messages[i].end = (uint32_t)number(input, laid.size);
        laid.messages[i].digest[0] = fuzz_byte(input);
    }
}

static void write_laid(struct fuzz_input *input, const struct stat *output) {
    const struct fuzz_input text = fuzz_bytes(input, fuzz_number(input, 2) % 2048);

    memset(&laid, 0, sizeof(laid));
    memcpy(laid.magic, magic, sizeof(magic));
    memcpy(laid.text, text.data, text.size);
    laid.size = number(input, text.size);
    laid.count = number(input, 1);
    laid.device = number(input, (uint64_t)output->st_dev);
    laid.inode = number(input, (uint64_t)output->st_ino);
    laid.origin = (int64_t)number(input, UINT64_MAX);
    laid.current = number(input, 0);
    for (int i = 0; i < 2; i++) {
        laid.progress[i].base = (off_t)number(input, 0);
        laid.progress[i].place = (off_t)number(input, 0);
    }
    write_messages(input);
    if (laid.size <= HANDING_MAX && laid.count <= HANDING_MESSAGES_MAX)
        csc_sha256(laid.check,
                   (const struct csc_part[]){{&laid.size, sizeof(laid.size)},
                                             {laid.messages, laid.count * sizeof(laid.messages[0])},
                                             {laid.text, laid.size}},
                   3);
    fuzz_write_file("handing", &laid, sizeof(laid));
}

/* Takes SIZE bytes out of what was written to KIND, if it can be read, and compares them. */
static void check_written(enum kind kind, const char *want, size_t size, off_t at) {
    static char got[HANDING_MAX];

    if (kind == PIPE)
        FUZZ_MUST(read(pipe_end, got, size) == (ssize_t)size && memcmp(got, want, size) == 0);
    else if (kind == PLAIN)
        FUZZ_MUST(pread(outputs[PLAIN], got, size, at) == (ssize_t)size && memcmp(got, want, size) == 0);
}

/* Writes the rest in pieces. */
static void write_rest(struct handing *handing, enum kind kind, struct fuzz_input *input) {
    static char copy[HANDING_MAX];
    struct span rest = handing_rest(handing);

    while (rest.size > 0) {
        const size_t piece = 1 + (fuzz_number(input, 2) | 255) % rest.size;
        const off_t at = kind == PLAIN ? lseek(outputs[PLAIN], 0, SEEK_CUR) : 0;
        ssize_t done;

        memcpy(copy, rest.data, piece);
        done = handing_write(handing, piece);
        FUZZ_MUST(done > 0 && (size_t)done <= piece);
        check_written(kind, copy, (size_t)done, at);
        FUZZ_MUST(handing_rest(handing).size == rest.size - (size_t)done);
        rest = handing_rest(handing);
    }
}

/* Lays a text of two messages down, and writes it. */
static void lay_and_write(struct handing *handing, enum kind kind, struct fuzz_input *input) {
    static char text[HANDING_MAX];
    const size_t size = 2 + fuzz_number(input, 2);
    const struct handing_message messages[] = {{1, {fuzz_byte(input)}}, {(uint32_t)size, {fuzz_byte(input)}}};

    memset(text, 'x', size);
    handing_lay(handing, (struct span){text, size}, messages, 2);
    FUZZ_MUST(span_equal(handing_rest(handing), (struct span){text, size}));
    FUZZ_MUST(handing_has(handing, messages[0].digest) && handing_has(handing, messages[1].digest));
    write_rest(handing, kind, input);
    FUZZ_MUST(received_has(received, messages[0].digest) && received_has(received, messages[1].digest));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    const uint8_t what = fuzz_byte(&input);
    const enum kind kind = what % KINDS;
    struct handing *handing = NULL;
    struct diagnostic why = {""};
    struct stat output;
    struct span rest;

    if (received == NULL)
        begin();
    require(ftruncate(outputs[PLAIN], 0) == 0 && lseek(outputs[PLAIN], 0, SEEK_SET) == 0, "an empty file");
    require(pwrite(outputs[PLAIN], data, size, 0) == (ssize_t)size, "a file with something");
    require(fstat(outputs[kind], &output) == 0, "an output");
    write_laid(&input, &output);
    FUZZ_MUST(handing_open(&handing, fuzz_folder(), outputs[kind], received, false, &why) == 0);
    rest = handing_rest(handing);
    FUZZ_MUST(rest.size <= laid.size);
    FUZZ_MUST(rest.size == 0 || memcmp(rest.data, laid.text + laid.size - rest.size, rest.size) == 0);
    if (what & 64)
        handing_set_form(handing, laid.form);
    write_rest(handing, kind, &input);
    for (unsigned i = 0; i < 4 && input.size > 0; i++)
        lay_and_write(handing, kind, &input);
    handing_close(handing);
    return 0;
}
