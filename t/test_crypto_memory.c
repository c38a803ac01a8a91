/*
 * Each allocation of libcscrypto's own fails in its turn: the function says CSC_ERR_MEMORY, and nothing is leaked or
 * left behind.  The linker puts the functions below in place of malloc() and calloc() in the library's objects.
 */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More allocations than any of the functions makes. */
#define MANY 50

/* The allocation that fails, counted down; 0 when none does. */
static unsigned until_failure;

static bool fails_now(void) {
    return until_failure > 0 && --until_failure == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_malloc(size_t size) {
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails_now() ? NULL : __real_calloc(count, size);
}

static csc_private_key *key;
static char public_pem[1024], private_pem[CSC_PEM_MAX];
static size_t public_size = sizeof(public_pem), private_size = sizeof(private_pem);
static char folder[] = "/tmp/test_crypto_memory.XXXXXX";

static int read_public(void) {
    csc_public_key *made = NULL;
    int rc = csc_public_key_from_pem(&made, public_pem, public_size);

    csc_public_key_free(made);
    return rc;
}

static int read_private(void) {
    csc_private_key *made = NULL;
    int rc = csc_private_key_from_pem(&made, private_pem, private_size, NULL);

    csc_private_key_free(made);
    return rc;
}

static int load(void) {
    csc_private_key *made = NULL;
    int rc = csc_private_key_load(&made, "key", NULL);

    csc_private_key_free(made);
    return rc;
}

static int save(void) {
    return csc_private_key_save(key, "key", NULL, true);
}

static int take_public(void) {
    csc_public_key *made = NULL;
    int rc = csc_private_key_public(key, &made);

    csc_public_key_free(made);
    return rc;
}

static int make_symkey(void) {
    const uint8_t bytes[CSC_SYMKEY_SIZE] = {0};
    csc_symkey *made = NULL;
    int rc = csc_symkey_new(&made, CSC_AES_256_CBC, bytes, bytes);

    csc_symkey_free(made);
    return rc;
}

/* The first functions leave nothing; save() leaves the key that load() reads. */
static const struct {
    const char *name;
    int (*run)(void);
    unsigned allocations;
} cases[] = {
    {"csc_public_key_from_pem", read_public, 2}, {"csc_private_key_from_pem", read_private, 2},
    {"csc_private_key_public", take_public, 1},  {"csc_symkey_new", make_symkey, 1},
    {"csc_private_key_save", save, 2},           {"csc_private_key_load", load, 3},
};

static void sweep(size_t i) {
    unsigned failed = 0, other = 0;

    for (unsigned n = 1; n < MANY; n++) {
        int rc;

        until_failure = n;
        rc = cases[i].run();
        if (until_failure > 0)
            break;
        failed++;
        other += rc != CSC_ERR_MEMORY;
        if (cases[i].run == save)
            other += access("key", F_OK) == 0;
    }
    until_failure = 0;
    IS_INT(failed, cases[i].allocations, "%s allocates as often as is known", cases[i].name);
    IS_INT(other, 0, "and each failure is CSC_ERR_MEMORY");
    IS_INT(cases[i].run(), CSC_OK, "and then it works");
}

int main(void) {
    csc_public_key *pub;

    key = load_key("adam.pem");
    pub = public_of(key);
    if (!IS_INT(csc_public_key_to_pem(pub, public_pem, &public_size), CSC_OK, "a public key is written") ||
        !IS_INT(csc_private_key_to_pem(key, private_pem, &private_size, NULL), CSC_OK, "and a private one") ||
        !OK(mkdtemp(folder) != NULL && chdir(folder) == 0, "a folder of its own"))
        return tap_done();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        sweep(i);
    OK(unlink("key") == 0 && chdir("/") == 0 && rmdir(folder) == 0, "no temporary file was left");
    csc_public_key_free(pub);
    csc_private_key_free(key);
    return tap_done();
}
