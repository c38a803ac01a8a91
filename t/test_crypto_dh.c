/* crypto/dh.c: X25519 (RFC 7748). */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <string.h>

#define ITERATIONS 1000

/* Section 5.2. */
static void test_known_answers(void) {
    static const struct {
        const char *scalar, *u, *result;
    } cases[] = {
        {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
         "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
        {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
         "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
         "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t scalar[CSC_X25519_SIZE], u[CSC_X25519_SIZE], want[CSC_X25519_SIZE], got[CSC_X25519_SIZE];

        unhex(scalar, cases[i].scalar);
        unhex(u, cases[i].u);
        unhex(want, cases[i].result);
        IS_INT(csc_x25519(got, scalar, u), CSC_OK, "vector %zu works", i + 1);
        IS_MEM(got, want, sizeof(got), "vector %zu", i + 1);
    }
}

static void test_iterated(void) {
    uint8_t k[CSC_X25519_SIZE] = {9}, u[CSC_X25519_SIZE] = {9}, next[CSC_X25519_SIZE], want[CSC_X25519_SIZE];
    int rc = CSC_OK;

    for (int i = 1; i <= ITERATIONS && rc == CSC_OK; i++) {
        rc = csc_x25519(next, k, u);
        memcpy(u, k, sizeof(u));
        memcpy(k, next, sizeof(k));
        if (i == 1) {
            unhex(want, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
            IS_MEM(k, want, sizeof(k), "after one iteration");
        }
    }
    unhex(want, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
    IS_MEM(k, want, sizeof(k), "after a thousand iterations");
}

/* Section 6.1. */
static void test_exchange(void) {
    uint8_t a[CSC_X25519_SIZE], b[CSC_X25519_SIZE], pub[CSC_X25519_SIZE], want[CSC_X25519_SIZE], got[CSC_X25519_SIZE];

    unhex(a, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    unhex(b, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    unhex(want, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    csc_x25519_public(got, a);
    IS_MEM(got, want, sizeof(got), "Alice's public key");
    unhex(pub, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    csc_x25519_public(got, b);
    IS_MEM(got, pub, sizeof(got), "Bob's public key");
    unhex(want, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    IS_INT(csc_x25519(got, a, pub), CSC_OK, "they agree");
    IS_MEM(got, want, sizeof(got), "on the secret they should");
}

static void test_generated(void) {
    uint8_t a[CSC_X25519_SIZE], b[CSC_X25519_SIZE], pa[CSC_X25519_SIZE], pb[CSC_X25519_SIZE];
    uint8_t za[CSC_X25519_SIZE], zb[CSC_X25519_SIZE];

    IS_INT(csc_x25519_generate(a, pa), CSC_OK, "a pair is made");
    IS_INT(csc_x25519_generate(b, pb), CSC_OK, "and another");
    OK(memcmp(a, b, sizeof(a)) != 0, "they differ");
    IS_INT(csc_x25519(za, a, pb), CSC_OK, "one side's secret");
    IS_INT(csc_x25519(zb, b, pa), CSC_OK, "the other side's");
    IS_MEM(za, zb, sizeof(za), "are the same");
}

/* Every encoding of a point of small order, with and without the bit that is ignored. */
static void test_low_order(void) {
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    static const uint8_t zero[CSC_X25519_SIZE];
    uint8_t secret[CSC_X25519_SIZE], point[CSC_X25519_SIZE], shared[CSC_X25519_SIZE];

    memset(secret, 0x5a, sizeof(secret));
    for (size_t i = 0; i < 2 * sizeof(points) / sizeof(points[0]); i++) {
        unhex(point, points[i / 2]);
        point[31] |= (uint8_t)(i % 2 << 7);
        memset(shared, 1, sizeof(shared));
        IS_INT(csc_x25519(shared, secret, point), CSC_ERR_WEAK_SHARE, "point %zu of small order is refused%s", i / 2,
               i % 2 ? ", its top bit set" : "");
        IS_MEM(shared, zero, sizeof(zero), "and leaves no secret");
    }
}

int main(void) {
    test_known_answers();
    test_iterated();
    test_exchange();
    test_generated();
    test_low_order();
    return tap_done();
}
