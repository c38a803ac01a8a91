/*
 * libcscrypto when what it stands on fails it: a generator without random bytes, a library that hands out numbers which
 * make no key; and what of its secrets is in memory that it gives back.  The linker puts the functions below, and those
 * of failing_malloc.c, in the place of the real ones in the library's objects.
 */
#include <config.h>

#include "crypto/cscrypto.h"
#include "crypto/rsa_key.h"
#include "t/crypto_fixture.h"
#include "t/failing_malloc.h"
#include "t/tap.h"

#include <gmp.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#define NEEDLE_SIZE 16

typedef gnutls_datum_t *datum;

int __real_getentropy(void *out, size_t size);
int __wrap_getentropy(void *out, size_t size);
int __real_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t size);
int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t size);
int __real_gnutls_x509_privkey_export_rsa_raw2(gnutls_x509_privkey_t key, datum n, datum e, datum d, datum p, datum q,
                                               datum u, datum e1, datum e2);
int __wrap_gnutls_x509_privkey_export_rsa_raw2(gnutls_x509_privkey_t key, datum n, datum e, datum d, datum p, datum q,
                                               datum u, datum e1, datum e2);

/* ---- a generator that fails ---- */

/* The draw that fails, counted down; 0 when none does. */
static unsigned until_failure;

#ifdef HAVE_GETENTROPY
int __wrap_getentropy(void *out, size_t size) {
    if (until_failure == 0 || --until_failure > 0)
        return __real_getentropy(out, size);
    memset(out, 0xee, size);
    return -1;
}
#endif

int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t size) {
    if (until_failure == 0 || --until_failure > 0)
        return __real_gnutls_rnd(level, out, size);
    memset(out, 0xee, size);
    return GNUTLS_E_RANDOM_FAILED;
}

static csc_private_key *key;
static csc_public_key *public_key;
static uint8_t output[CSC_RSA_MAX_SIZE], ciphertext[CSC_RSA_MAX_SIZE];

static int draw_secret(void) {
    return csc_random_secret(output, 48);
}

static int draw_nonce(void) {
    return csc_random_nonce(output, 48);
}

/* More than is drawn at a time. */
static int draw_nonces(void) {
    int rc = CSC_OK;

    for (int i = 0; i < 40 && rc == CSC_OK; i++)
        rc = csc_random_nonce(output, 16);
    return rc;
}

static int generate_pair(void) {
    uint8_t public_half[CSC_X25519_SIZE];

    return csc_x25519_generate(output, public_half);
}

static int encrypt(void) {
    return csc_oaep_encrypt(public_key, "l", 1, "message", 7, output);
}

static int decrypt(void) {
    size_t size = sizeof(output);

    return csc_oaep_decrypt(key, "l", 1, ciphertext, csc_private_key_size(key), output, &size);
}

static int decrypt_secret(void) {
    return csc_oaep_decrypt_secret(key, "l", 1, ciphertext, csc_private_key_size(key), output, 7);
}

static int sign(void) {
    return csc_pss_sign(key, &(struct csc_part){"message", 7}, 1, output);
}

static void test_generator(void) {
    static const uint8_t zero[sizeof(output)];
    static const struct {
        const char *name;
        int (*run)(void);
        size_t wiped; /* of the output */
    } cases[] = {
        {"csc_random_secret", draw_secret, 48},
        {"csc_random_nonce", draw_nonce, 48},
        {"csc_random_nonce, many a time,", draw_nonces, 16},
        {"csc_x25519_generate", generate_pair, CSC_X25519_SIZE},
        {"csc_oaep_encrypt", encrypt, 0},
        {"csc_oaep_decrypt", decrypt, sizeof(output)},
        {"csc_oaep_decrypt_secret", decrypt_secret, 7},
        {"csc_pss_sign", sign, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned failed = 0, other = 0, left = 0;

        for (unsigned n = 1; n < 10; n++) {
            int rc;

            until_failure = n;
            rc = cases[i].run();
            if (until_failure > 0)
                break;
            failed++;
            other += rc != CSC_ERR_RANDOM;
            left += memcmp(output, zero, cases[i].wiped) != 0;
        }
        until_failure = 0;
        OK(failed > 0, "%s draws random bytes", cases[i].name);
        IS_INT(other, 0, "and says so when there are none");
        IS_INT(left, 0, "and leaves nothing that could be taken for them");
        IS_INT(cases[i].run(), CSC_OK, "and then it works");
    }
}

/* ---- numbers that do not fit ---- */

enum { N, E, D, P, Q, U, E1, E2, RIGHT_FOR_P, RIGHT_FOR_Q, NONE };

static const char *const number_names[] = {
    "n", "e", "d", "p", "q", "u", "e1", "e2", "d modulo q - 1", "d modulo p - 1"};

/* What is exported wrong. */
static unsigned wrong_number = NONE;

/* Adds PRIME - 1 to D: what it does modulo that stays the same. */
static void add_less_one(datum d, const gnutls_datum_t *prime) {
    mpz_t sum, less;

    mpz_init(sum);
    mpz_init(less);
    mpz_import(sum, d->size, 1, 1, 0, 0, d->data);
    mpz_import(less, prime->size, 1, 1, 0, 0, prime->data);
    mpz_sub_ui(less, less, 1);
    mpz_add(sum, sum, less);
    memset(d->data, 0, d->size);
    mpz_export(d->data + d->size - (mpz_sizeinbase(sum, 2) + 7) / 8, NULL, 1, 1, 0, 0, sum);
    mpz_clear(sum);
    mpz_clear(less);
}

int __wrap_gnutls_x509_privkey_export_rsa_raw2(gnutls_x509_privkey_t from, datum n, datum e, datum d, datum p, datum q,
                                               datum u, datum e1, datum e2) {
    const datum list[] = {n, e, d, p, q, u, e1, e2};
    int rc = __real_gnutls_x509_privkey_export_rsa_raw2(from, n, e, d, p, q, u, e1, e2);

    if (rc < 0 || wrong_number == NONE)
        return rc;
    if (wrong_number >= RIGHT_FOR_P)
        add_less_one(d, wrong_number == RIGHT_FOR_P ? p : q);
    else
        list[wrong_number]->data[list[wrong_number]->size - 1] ^= 2;
    return rc;
}

static void test_numbers(void) {
    static char pem[CSC_PEM_MAX];
    size_t size = sizeof(pem);

    if (!IS_INT(csc_private_key_to_pem(key, pem, &size, NULL), CSC_OK, "a key is written"))
        return;
    for (wrong_number = 0; wrong_number < NONE; wrong_number++) {
        csc_private_key *made = NULL;

        IS_INT(csc_private_key_from_pem(&made, pem, size, NULL), CSC_ERR_KEY_INVALID, "%s that is wrong is noticed",
               number_names[wrong_number]);
        csc_private_key_free(made);
    }
}

/* ---- what is left in memory ---- */

/* A piece of DATA as a string, to look for. */
static const char *needle(const void *data, size_t size) {
    static char text[NEEDLE_SIZE + 1];
    const char *bytes = data;

    for (size_t i = 0; i + NEEDLE_SIZE <= size; i++) {
        if (memchr(bytes + i, '\0', NEEDLE_SIZE) == NULL) {
            memcpy(text, bytes + i, NEEDLE_SIZE);
            return text;
        }
    }
    return "there is no such piece";
}

static void test_symkey(void) {
    uint8_t bytes[CSC_SYMKEY_SIZE];
    csc_symkey *made = NULL;

    /* All alike, so that the order of bytes in a word does not matter. */
    memset(bytes, 'k', sizeof(bytes));
    IS_INT(csc_symkey_new(&made, CSC_AES_256_CBC, bytes, bytes), CSC_OK, "a key is made");
    (void)failing_malloc_unwiped(needle(bytes, sizeof(bytes)));
    csc_symkey_free(made);
    IS_INT(failing_malloc_unwiped(NULL), 0, "and wiped when it is freed");
}

static void test_private_key(void) {
    static char pem[CSC_PEM_MAX];
    uint8_t p[CSC_RSA_MAX_SIZE];
    csc_private_key *made = NULL;
    size_t size = sizeof(pem), p_size = 0;

    if (!IS_INT(csc_private_key_to_pem(key, pem, &size, NULL), CSC_OK, "a private key is written"))
        return;
    mpz_export(p, &p_size, 1, 1, 0, 0, key->numbers.p);
    (void)failing_malloc_unwiped(needle(p, p_size));
    IS_INT(csc_private_key_from_pem(&made, pem, size, NULL), CSC_OK, "and read");
    IS_INT(failing_malloc_unwiped(NULL), 0, "of its text nothing stays");
    if (made == NULL)
        return;
    (void)failing_malloc_unwiped(
        needle(mpz_limbs_read(made->numbers.p), mpz_size(made->numbers.p) * sizeof(mp_limb_t)));
    csc_private_key_free(made);
    IS_INT(failing_malloc_unwiped(NULL), 0, "and nothing of its numbers when it is freed");
}

/* GMP's memory is looked at too. */
static void *grow(void *block, size_t old_size, size_t size) {
    (void)old_size;
    return realloc(block, size);
}

static void give_back(void *block, size_t size) {
    (void)size;
    free(block);
}

int main(void) {
    mp_set_memory_functions(malloc, grow, give_back);
    key = load_key("adam.pem");
    public_key = public_of(key);
    if (!IS_INT(encrypt(), CSC_OK, "a message is encrypted"))
        return tap_done();
    memcpy(ciphertext, output, sizeof(ciphertext));
    test_generator();
    test_numbers();
    test_symkey();
    test_private_key();
    csc_public_key_free(public_key);
    csc_private_key_free(key);
    return tap_done();
}
