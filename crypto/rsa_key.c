/* RSA keys: their numbers, what makes them valid, where they come from and go to. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <gnutls/x509.h>
#include <nettle/bignum.h>

#include "crypto/rsa_key.h"

/* RFC 8017 allows less; the protocol does not, and more than 32 bits only cost time. */
#define MIN_EXPONENT      65537
#define MAX_EXPONENT_BITS 32

/* The eight numbers in the order in which GnuTLS names them; U is nettle's c, E1 its a, E2 its b. */
enum { N, E, D, P, Q, U, E1, E2, NUMBERS };

static void list_numbers(mpz_ptr list[static NUMBERS], csc_private_key *key) {
    list[N] = key->public_half.numbers.n;
    list[E] = key->public_half.numbers.e;
    list[D] = key->numbers.d;
    list[P] = key->numbers.p;
    list[Q] = key->numbers.q;
    list[U] = key->numbers.c;
    list[E1] = key->numbers.a;
    list[E2] = key->numbers.b;
}

/* mpz_clear() gives the limbs back as they are. */
static void wipe_number(mpz_t x) {
    csc_wipe(x->_mp_d, (size_t)x->_mp_alloc * sizeof(mp_limb_t));
}

int cs_error_from_gnutls(int result, int fallback) {
    switch (result) {
    case GNUTLS_E_MEMORY_ERROR:
        return CSC_ERR_MEMORY;
    case GNUTLS_E_RANDOM_FAILED:
    case GNUTLS_E_RANDOM_DEVICE_ERROR:
        return CSC_ERR_RANDOM;
    default:
        return fallback;
    }
}

void cs_datum_free(gnutls_datum_t *datum) {
    if (datum->data != NULL)
        csc_wipe(datum->data, datum->size);
    gnutls_free(datum->data);
    *datum = (gnutls_datum_t){0};
}

/* Checks the two numbers and makes of them what else a public key has. */
static int complete_public(struct csc_public_key *key) {
    size_t bits = mpz_sizeinbase(key->numbers.n, 2);

    if (bits < CSC_RSA_MIN_BITS || bits > CSC_RSA_MAX_BITS)
        return CSC_ERR_KEY_SIZE;
    if (mpz_even_p(key->numbers.n) || mpz_even_p(key->numbers.e) || mpz_cmp_ui(key->numbers.e, MIN_EXPONENT) < 0 ||
        mpz_sizeinbase(key->numbers.e, 2) > MAX_EXPONENT_BITS || !rsa_public_key_prepare(&key->numbers))
        return CSC_ERR_KEY_INVALID;
    key->der_size = cs_spki_encode(key->der, &key->numbers);
    return CSC_OK;
}

int cs_public_key_new(csc_public_key **key, const struct rsa_public_key *numbers) {
    csc_public_key *made = calloc(1, sizeof(*made));
    int rc;

    if (made == NULL)
        return CSC_ERR_MEMORY;
    rsa_public_key_init(&made->numbers);
    mpz_set(made->numbers.n, numbers->n);
    mpz_set(made->numbers.e, numbers->e);
    rc = complete_public(made);
    if (rc == CSC_OK)
        *key = made;
    else
        csc_public_key_free(made);
    return rc;
}

void csc_public_key_free(csc_public_key *key) {
    if (key == NULL)
        return;
    rsa_public_key_clear(&key->numbers);
    free(key);
}

/* Whether X * Y = 1 modulo M - LESS.  T has room for a product. */
static bool are_inverse(mpz_t t, const mpz_t x, const mpz_t y, const mpz_t m, unsigned less) {
    mpz_t modulus;
    bool fits;

    mpz_init2(modulus, CSC_RSA_MAX_BITS + GMP_NUMB_BITS);
    mpz_sub_ui(modulus, m, less);
    mpz_mul(t, x, y);
    mpz_mod(t, t, modulus);
    fits = mpz_cmp_ui(t, 1) == 0;
    wipe_number(modulus);
    mpz_clear(modulus);
    return fits;
}

/* Whether the private numbers belong to each other and to n and e (RFC 8017 section 3.2).  That p and q are primes is
 * not checked: whoever made the key could have done worse. */
static bool numbers_fit(const struct rsa_public_key *pub, const struct rsa_private_key *priv) {
    mpz_t t;
    bool fits;

    if (mpz_even_p(priv->p) || mpz_even_p(priv->q) || mpz_cmp_ui(priv->p, 1) <= 0 || mpz_cmp_ui(priv->q, 1) <= 0 ||
        mpz_cmp(priv->p, pub->n) >= 0 || mpz_cmp(priv->q, pub->n) >= 0 || mpz_cmp(priv->d, pub->n) >= 0 ||
        mpz_cmp(priv->a, priv->p) >= 0 || mpz_cmp(priv->b, priv->q) >= 0 || mpz_cmp(priv->c, priv->p) >= 0)
        return false;
    mpz_init2(t, 2 * CSC_RSA_MAX_BITS + GMP_NUMB_BITS);
    mpz_mul(t, priv->p, priv->q);
    fits = mpz_cmp(t, pub->n) == 0 && are_inverse(t, pub->e, priv->d, priv->p, 1) &&
           are_inverse(t, pub->e, priv->d, priv->q, 1) && are_inverse(t, pub->e, priv->a, priv->p, 1) &&
           are_inverse(t, pub->e, priv->b, priv->q, 1) && are_inverse(t, priv->q, priv->c, priv->p, 0);
    wipe_number(t);
    mpz_clear(t);
    return fits;
}

static int new_private(csc_private_key **key, const gnutls_datum_t raw[static NUMBERS]) {
    csc_private_key *made = calloc(1, sizeof(*made));
    mpz_ptr list[NUMBERS];
    int rc;

    if (made == NULL)
        return CSC_ERR_MEMORY;
    rsa_public_key_init(&made->public_half.numbers);
    rsa_private_key_init(&made->numbers);
    list_numbers(list, made);
    for (int i = 0; i < NUMBERS; i++)
        mpz_import(list[i], raw[i].size, 1, 1, 0, 0, raw[i].data);
    rc = complete_public(&made->public_half);
    if (rc == CSC_OK &&
        (!numbers_fit(&made->public_half.numbers, &made->numbers) || !rsa_private_key_prepare(&made->numbers)))
        rc = CSC_ERR_KEY_INVALID;
    if (rc == CSC_OK)
        *key = made;
    else
        csc_private_key_free(made);
    return rc;
}

int cs_private_key_from_gnutls(csc_private_key **key, gnutls_x509_privkey_t from) {
    gnutls_datum_t raw[NUMBERS] = {{0}};
    unsigned bits = 0;
    int rc;

    if (gnutls_x509_privkey_get_pk_algorithm2(from, &bits) != GNUTLS_PK_RSA)
        return CSC_ERR_KEY_TYPE;
    if (bits < CSC_RSA_MIN_BITS || bits > CSC_RSA_MAX_BITS)
        return CSC_ERR_KEY_SIZE;
    rc = gnutls_x509_privkey_export_rsa_raw2(from, &raw[N], &raw[E], &raw[D], &raw[P], &raw[Q], &raw[U], &raw[E1],
                                             &raw[E2]);
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_INTERNAL) : new_private(key, raw);
    for (int i = 0; i < NUMBERS; i++)
        cs_datum_free(&raw[i]);
    return rc;
}

int cs_private_key_to_gnutls(const csc_private_key *key, gnutls_x509_privkey_t *to) {
    uint8_t bytes[NUMBERS][CSC_RSA_MAX_SIZE];
    gnutls_datum_t raw[NUMBERS];
    mpz_ptr list[NUMBERS];
    gnutls_x509_privkey_t made = NULL;
    int rc = gnutls_x509_privkey_init(&made);

    if (rc < 0)
        return cs_error_from_gnutls(rc, CSC_ERR_INTERNAL);
    list_numbers(list, (csc_private_key *)key);
    for (int i = 0; i < NUMBERS; i++) {
        raw[i].size = (unsigned)nettle_mpz_sizeinbase_256_u(list[i]);
        raw[i].data = bytes[i];
        nettle_mpz_get_str_256(raw[i].size, bytes[i], list[i]);
    }
    rc = gnutls_x509_privkey_import_rsa_raw2(made, &raw[N], &raw[E], &raw[D], &raw[P], &raw[Q], &raw[U], &raw[E1],
                                             &raw[E2]);
    csc_wipe(bytes, sizeof(bytes));
    if (rc < 0) {
        gnutls_x509_privkey_deinit(made);
        return cs_error_from_gnutls(rc, CSC_ERR_INTERNAL);
    }
    *to = made;
    return CSC_OK;
}

int csc_private_key_generate(csc_private_key **key, unsigned bits) {
    gnutls_x509_privkey_t made = NULL;
    int rc;

    if (bits < CSC_RSA_MIN_BITS || bits > CSC_RSA_MAX_BITS || bits % 8 != 0)
        return CSC_ERR_KEY_SIZE;
    rc = gnutls_x509_privkey_init(&made);
    if (rc < 0)
        return cs_error_from_gnutls(rc, CSC_ERR_INTERNAL);
    rc = gnutls_x509_privkey_generate(made, GNUTLS_PK_RSA, bits, 0);
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_INTERNAL) : cs_private_key_from_gnutls(key, made);
    gnutls_x509_privkey_deinit(made);
    return rc;
}

void csc_private_key_free(csc_private_key *key) {
    mpz_ptr list[NUMBERS];

    if (key == NULL)
        return;
    list_numbers(list, key);
    for (int i = 0; i < NUMBERS; i++)
        wipe_number(list[i]);
    rsa_private_key_clear(&key->numbers);
    rsa_public_key_clear(&key->public_half.numbers);
    free(key);
}

int csc_private_key_public(const csc_private_key *key, csc_public_key **public_key) {
    return cs_public_key_new(public_key, &key->public_half.numbers);
}

unsigned csc_public_key_bits(const csc_public_key *key) {
    return (unsigned)mpz_sizeinbase(key->numbers.n, 2);
}

size_t csc_public_key_size(const csc_public_key *key) {
    return key->numbers.size;
}

size_t csc_private_key_size(const csc_private_key *key) {
    return key->public_half.numbers.size;
}

bool csc_public_key_equal(const csc_public_key *a, const csc_public_key *b) {
    return a->der_size == b->der_size && memcmp(a->der, b->der, a->der_size) == 0;
}

struct csc_part csc_public_key_der(const csc_public_key *key) {
    return (struct csc_part){key->der, key->der_size};
}
