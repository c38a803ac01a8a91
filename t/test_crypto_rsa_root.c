/* crypto/rsa_root.c: the root is the right one, blinded by what is drawn, and checked. */
#include <config.h>

#include "crypto/rsa_root.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <string.h>

#define DRAWS_MAX 4

/* What was drawn, in the order of the calls. */
static uint8_t drawn[DRAWS_MAX][CSC_RSA_MAX_SIZE];
static size_t draws;

static int draw_and_note(void *out, size_t size) {
    int rc = csc_random_nonce(out, size);

    if (draws < DRAWS_MAX)
        memcpy(drawn[draws], out, size);
    draws++;
    return rc;
}

static int draw_zeros(void *out, size_t size) {
    memset(out, 0, size);
    return CSC_OK;
}

static int draw_nothing(void *out, size_t size) {
    (void)out;
    (void)size;
    return CSC_ERR_RANDOM;
}

static bool root(const csc_private_key *key, int (*draw)(void *, size_t), mpz_t x, const mpz_t c, int *rc) {
    struct cs_random_source source = {draw, CSC_OK};
    const bool good = cs_rsa_root(key, &source, x, c);

    *rc = source.rc;
    return good;
}

/* Roots of numbers of many sizes, against the power of the private exponent. */
static void test_roots(const csc_private_key *key) {
    const struct rsa_public_key *pub = &key->public_half.numbers;
    unsigned wrong = 0, same = 0;
    mpz_t c, x, want;
    int rc;

    mpz_inits(c, x, want, NULL);
    for (unsigned round = 0; round < 12; round++) {
        /* 1, 3, small ones, and the largest. */
        mpz_set_ui(c, 3);
        mpz_pow_ui(c, c, round * round);
        if (round >= 9)
            mpz_sub_ui(c, pub->n, round - 8);
        mpz_mod(c, c, pub->n);
        mpz_powm(want, c, key->numbers.d, pub->n);
        draws = 0;
        wrong += !root(key, draw_and_note, x, c, &rc) || rc != CSC_OK || mpz_cmp(x, want) != 0;
        same += draws != 2 || memcmp(drawn[0], drawn[1], pub->size / 2) == 0;
    }
    IS_INT(wrong, 0, "%u bits: roots are powers of the private exponent", (unsigned)mpz_sizeinbase(pub->n, 2));
    IS_INT(same, 0, "each with a mask and a blinding of its own");
    mpz_clears(c, x, want, NULL);
}

/* Powers of numbers of many sizes, by the exponent of the key and by others. */
static void test_powers(const csc_private_key *key) {
    static const unsigned long exponents[] = {3, 65537, 65539, 0x80000001, 0xffffffff};
    struct rsa_public_key pub = key->public_half.numbers;
    unsigned wrong = 0;
    mpz_t x, want;

    mpz_inits(pub.e, x, want, NULL);
    for (size_t i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++) {
        for (unsigned round = 0; round < 12; round++) {
            mpz_set_ui(pub.e, exponents[i]);
            mpz_ui_pow_ui(x, round, round * round);
            mpz_fdiv_r(x, x, pub.n);
            if (round > 9)
                mpz_sub_ui(x, pub.n, round - 9);
            mpz_powm(want, x, pub.e, pub.n);
            cs_rsa_power(&pub, x);
            wrong += mpz_cmp(x, want) != 0;
        }
    }
    IS_INT(wrong, 0, "powers of public exponents are right");
    mpz_clears(pub.e, x, want, NULL);
}

/* A key whose numbers stand for a processor that computes wrongly in one half. */
static void test_faults(csc_private_key *key) {
    mpz_t c, x;
    int rc;

    mpz_init_set_ui(c, 12345);
    mpz_init(x);
    OK(root(key, csc_random_nonce, x, c, &rc), "a root is good");
    mpz_add_ui(key->numbers.a, key->numbers.a, 2);
    OK(!root(key, csc_random_nonce, x, c, &rc), "one that is wrong modulo one of the primes is not");
    mpz_sub_ui(key->numbers.a, key->numbers.a, 2);
    OK(!root(key, draw_zeros, x, c, &rc), "a blinding that has no inverse is noticed");
    (void)root(key, draw_nothing, x, c, &rc);
    IS_INT(rc, CSC_ERR_RANDOM, "and so is a generator that fails");
    mpz_clear(c);
    mpz_clear(x);
}

int main(void) {
    static const char *const names[] = {"adam.pem", "eve.pem", "mallory.pem", "relay.pem"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        csc_private_key *key = load_key(names[i]);

        test_roots(key);
        test_powers(key);
        if (i == 0)
            test_faults(key);
        csc_private_key_free(key);
    }
    return tap_done();
}
