#include <config.h>

#include "crypto/cscrypto.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int __wrap_csc_random_secret(void *out, size_t size);
int __wrap_csc_random_nonce(void *out, size_t size);

static struct prng prng;

void fuzz_reset_random(void) {
    prng.state = 1;
}

int __wrap_csc_random_secret(void *out, size_t size) {
    uint8_t *bytes = out;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)prng_next(&prng);
    return CSC_OK;
}

int __wrap_csc_random_nonce(void *out, size_t size) {
    return __wrap_csc_random_secret(out, size);
}

void fuzz_must(int holds, const char *condition, const char *file, int line) {
    if (holds)
        return;
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
    abort();
}

uint8_t fuzz_byte(struct fuzz_input *input) {
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

uint64_t fuzz_number(struct fuzz_input *input, size_t size) {
    uint64_t number = 0;

    while (size-- > 0)
        number = number << 8 | fuzz_byte(input);
    return number;
}

struct fuzz_input fuzz_bytes(struct fuzz_input *input, size_t size) {
    struct fuzz_input taken = {input->data, size < input->size ? size : input->size};

    input->data += taken.size;
    input->size -= taken.size;
    return taken;
}

static char folder[] = "/tmp/fuzz.XXXXXX";
static bool folder_is_there;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_folder(void) {
    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void) {
    if (!folder_is_there) {
        require(mkdtemp(folder) != NULL && atexit(remove_folder) == 0, "a folder");
        folder_is_there = true;
    }
    return folder;
}

char *fuzz_path(const char *name) {
    char *path = NULL;

    require(asprintf(&path, "%s/%s", fuzz_folder(), name) > 0, "memory");
    return path;
}

void fuzz_write_file(const char *name, const void *data, size_t size) {
    char *path = fuzz_path(name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    require(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0, "a file");
    free(path);
}
