/*
 * nettle's rsa_compute_root_tr() does the same, but inverts the blinding number in constant time, which takes as long
 * as the private operation itself.  Here the inverse is that of another number: with r the blinding and s the mask,
 * both random, 1/r = s * 1/(r * s), and r * s, which alone the inversion sees, tells nothing of r.  mbed TLS does so
 * too.
 *
 * What touches r or X is done by functions whose time depends on sizes alone, rsa_compute_root() among them, but for
 * the powers of the small public exponent, whose bases are r and the root that is still blinded: fresh random numbers.
 */
#include <config.h>

#include "crypto/rsa_root.h"

#include <string.h>

#define LIMBS_MAX (CSC_RSA_MAX_BITS / GMP_NUMB_BITS)

/* The modulus, and numbers below it with all their limbs. */
struct modulus {
    mp_size_t size;
    const mp_limb_t *limbs;
    mpz_t scratch;
};

struct number {
    mp_limb_t limbs[LIMBS_MAX];
};

static void wipe(mpz_t x) {
    if (x->_mp_alloc > 0)
        csc_wipe(x->_mp_d, (size_t)x->_mp_alloc * sizeof(mp_limb_t));
    mpz_clear(x);
}

static void modulus_init(struct modulus *modulus, const mpz_t n) {
    const mp_size_t size = (mp_size_t)mpz_size(n);
    const mp_size_t product = mpn_sec_mul_itch(size, size);
    const mp_size_t rest = mpn_sec_div_r_itch(2 * size, size);

    *modulus = (struct modulus){.size = size, .limbs = mpz_limbs_read(n)};
    mpz_init2(modulus->scratch, (mp_bitcnt_t)((product > rest ? product : rest) + 1) * GMP_NUMB_BITS);
}

static void from_mpz(struct number *to, const mpz_t from) {
    memset(to, 0, sizeof(*to));
    mpn_copyi(to->limbs, mpz_limbs_read(from), (mp_size_t)mpz_size(from));
}

static void to_mpz(const struct modulus *modulus, mpz_t to, const struct number *from) {
    mpn_copyi(mpz_limbs_write(to, modulus->size), from->limbs, modulus->size);
    mpz_limbs_finish(to, modulus->size);
}

/* PRODUCT = A * B, in a time that their values do not change. */
static void multiply(struct modulus *modulus, struct number *product, const struct number *a, const struct number *b) {
    mp_limb_t twice[2 * LIMBS_MAX];
    mp_limb_t *scratch = mpz_limbs_write(modulus->scratch, modulus->scratch->_mp_alloc);

    mpn_sec_mul(twice, a->limbs, modulus->size, b->limbs, modulus->size, scratch);
    mpn_sec_div_r(twice, 2 * modulus->size, modulus->limbs, modulus->size, scratch);
    memset(product, 0, sizeof(*product));
    mpn_copyi(product->limbs, twice, modulus->size);
    csc_wipe(twice, sizeof(twice));
}

/* A random number of one bit less than the modulus N has. */
static void draw(struct cs_random_source *source, const mpz_t n, mpz_t number) {
    uint8_t bytes[CSC_RSA_MAX_SIZE];
    const size_t bits = mpz_sizeinbase(n, 2) - 1;
    const size_t size = (bits + 7) / 8;

    cs_draw_for_nettle(source, size, bytes);
    mpz_import(number, size, 1, 1, 0, 0, bytes);
    mpz_fdiv_r_2exp(number, number, bits);
    csc_wipe(bytes, sizeof(bytes));
}

/* Draws a BLINDING number and computes its INVERSE.  False if it has none, which happens by a fault only: its common
 * divisor with the modulus would be a prime of the key. */
static bool draw_blinding(struct modulus *modulus, const mpz_t n, struct cs_random_source *source, mpz_t blinding,
                          struct number *inverse) {
    struct number r, s, masked;
    mpz_t number;
    bool good;

    mpz_init(number);
    draw(source, n, number);
    from_mpz(&s, number);
    draw(source, n, blinding);
    from_mpz(&r, blinding);
    multiply(modulus, &masked, &r, &s);
    to_mpz(modulus, number, &masked);
    good = mpz_invert(number, number, n) != 0;
    if (good) {
        from_mpz(&masked, number);
        multiply(modulus, inverse, &masked, &s);
    }
    wipe(number);
    csc_wipe(&r, sizeof(r));
    csc_wipe(&s, sizeof(s));
    csc_wipe(&masked, sizeof(masked));
    return good;
}

/* A mpz_t times a number, by multiply(). */
static void multiply_mpz(struct modulus *modulus, mpz_t product, const mpz_t a, const struct number *b) {
    struct number number;

    from_mpz(&number, a);
    multiply(modulus, &number, &number, b);
    to_mpz(modulus, product, &number);
    csc_wipe(&number, sizeof(number));
}

bool cs_rsa_root(const csc_private_key *key, struct cs_random_source *source, mpz_t x, const mpz_t c) {
    const struct rsa_public_key *pub = &key->public_half.numbers;
    struct modulus modulus;
    struct number inverse, power;
    mpz_t blinded, root;
    bool good;

    modulus_init(&modulus, pub->n);
    mpz_init(blinded);
    mpz_init(root);
    good = draw_blinding(&modulus, pub->n, source, blinded, &inverse);
    if (good) {
        mpz_powm(blinded, blinded, pub->e, pub->n);
        from_mpz(&power, blinded);
        multiply_mpz(&modulus, blinded, c, &power);
        rsa_compute_root(&key->numbers, root, blinded);
        multiply_mpz(&modulus, x, root, &inverse);
        /* A root that is wrong modulo one of the primes would give the other away. */
        mpz_powm(root, root, pub->e, pub->n);
        good = mpz_cmp(root, blinded) == 0;
    }
    csc_wipe(&inverse, sizeof(inverse));
    csc_wipe(&power, sizeof(power));
    wipe(blinded);
    wipe(root);
    wipe(modulus.scratch);
    return good;
}

/* mpz_powm_sec() hides the exponent too, which is no secret here, and takes three times as long. */
void cs_rsa_power(const struct rsa_public_key *pub, mpz_t x) {
    struct modulus modulus;
    struct number base, power;

    modulus_init(&modulus, pub->n);
    from_mpz(&base, x);
    power = base;
    for (size_t bit = mpz_sizeinbase(pub->e, 2) - 1; bit-- > 0;) {
        multiply(&modulus, &power, &power, &power);
        if (mpz_tstbit(pub->e, bit))
            multiply(&modulus, &power, &power, &base);
    }
    to_mpz(&modulus, x, &power);
    csc_wipe(&base, sizeof(base));
    csc_wipe(&power, sizeof(power));
    wipe(modulus.scratch);
}
