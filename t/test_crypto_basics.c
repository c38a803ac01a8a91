/* crypto/wipe.c, random.c and error.c. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/tap.h"

#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRAWN 32

static void test_wipe(void) {
    uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const uint8_t want[8] = {1, 0, 0, 0, 0, 0, 0, 8};

    csc_wipe(bytes + 1, 6);
    IS_MEM(bytes, want, sizeof(want), "what is wiped is zero, and what is beside it is not");
    csc_wipe(NULL, 0);
}

static void test_equal(void) {
    const uint8_t a[4] = {1, 2, 3, 4}, b[4] = {1, 2, 3, 5}, c[4] = {0, 2, 3, 4};

    OK(csc_equal(a, a, sizeof(a)), "equal bytes are equal");
    OK(!csc_equal(a, b, sizeof(a)), "a difference in the last byte is seen");
    OK(!csc_equal(a, c, sizeof(a)), "and one in the first");
    OK(csc_equal(a, b, 3), "and only SIZE bytes count");
    OK(csc_equal(a, b, 0), "of which there may be none");
}

static void test_random(int (*draw)(void *, size_t), const char *name) {
    static const uint8_t zero[DRAWN];
    uint8_t a[DRAWN + 1] = {0}, b[DRAWN] = {0}, in_child[DRAWN] = {0};
    int ends[2];
    pid_t child;

    IS_INT(draw(a, DRAWN), CSC_OK, "%s draws", name);
    IS_INT(draw(b, DRAWN), CSC_OK, "%s draws again", name);
    OK(memcmp(a, b, DRAWN) != 0 && memcmp(a, zero, DRAWN) != 0, "other bytes");
    IS_INT(a[DRAWN], 0, "and no more than asked for");
    IS_INT(draw(NULL, 0), CSC_OK, "no byte is drawn");

    if (!OK(pipe(ends) == 0, "a pipe"))
        return;
    child = fork();
    if (child == 0) {
        ssize_t written = draw(b, DRAWN) == CSC_OK ? write(ends[1], b, DRAWN) : -1;

        _exit(written == DRAWN ? 0 : 1);
    }
    IS_INT(draw(b, DRAWN), CSC_OK, "the parent draws");
    IS_INT(read(ends[0], in_child, DRAWN), DRAWN, "the child has drawn");
    OK(memcmp(in_child, b, DRAWN) != 0, "what is drawn after a fork differs between parent and child");
    (void)waitpid(child, NULL, 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void test_strerror(void) {
    static const int codes[] = {
#define CSC_X(name, value, text) name,
        CSC_ERROR_LIST(CSC_X)
#undef CSC_X
    };
    const size_t count = sizeof(codes) / sizeof(codes[0]);
    unsigned bad = 0;

    IS_STR(csc_strerror(CSC_ERR_PASSWORD_WRONG), "wrong password", "a code has its text");
    IS_STR(csc_strerror(1), "unknown error", "what is no code has one too");
    IS_STR(csc_strerror(-1000), "unknown error", "and so has a negative one");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            bad += codes[i] == codes[j] || strcmp(csc_strerror(codes[i]), csc_strerror(codes[j])) == 0;
    IS_INT(bad, 0, "no two codes share a value or a text");
}

int main(void) {
    test_wipe();
    test_equal();
    test_random(csc_random_secret, "csc_random_secret");
    test_random(csc_random_nonce, "csc_random_nonce");
    test_strerror();
    return tap_done();
}
