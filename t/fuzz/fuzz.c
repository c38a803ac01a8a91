#include <config.h>

#include "crypto/cscrypto.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdio.h>
#include <stdlib.h>

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

struct fuzz_input fuzz_bytes(struct fuzz_input *input, size_t size) {
    struct fuzz_input taken = {input->data, size < input->size ? size : input->size};

    input->data += taken.size;
    input->size -= taken.size;
    return taken;
}
