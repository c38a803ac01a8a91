/* X25519. */
#include <config.h>

#include <nettle/curve25519.h>

#include "crypto/cscrypto.h"

#ifndef NETTLE_CURVE25519_RFC7748
#error "this nettle does not ignore the top bit of a public key, as RFC 7748 demands"
#endif

int csc_x25519_generate(uint8_t secret[static CSC_X25519_SIZE], uint8_t public_key[static CSC_X25519_SIZE]) {
    int rc = csc_random_secret(secret, CSC_X25519_SIZE);

    if (rc == CSC_OK)
        csc_x25519_public(public_key, secret);
    return rc;
}

void csc_x25519_public(uint8_t public_key[static CSC_X25519_SIZE], const uint8_t secret[static CSC_X25519_SIZE]) {
    curve25519_mul_g(public_key, secret);
}

int csc_x25519(uint8_t shared[static CSC_X25519_SIZE], const uint8_t secret[static CSC_X25519_SIZE],
               const uint8_t public_key[static CSC_X25519_SIZE]) {
    static const uint8_t zero[CSC_X25519_SIZE];

    curve25519_mul(shared, secret, public_key);
    return csc_equal(shared, zero, sizeof(zero)) ? CSC_ERR_WEAK_SHARE : CSC_OK;
}
