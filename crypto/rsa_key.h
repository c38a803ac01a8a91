/*
 * rsa_key.h: what an RSA key is inside libcscrypto.  For its sources (and their tests) only.
 *
 * A key that exists has passed all checks: 2048 to 4096 bits, odd n, odd e from 65537 to 32 bits, and for a private
 * key numbers that belong together.  It never changes afterwards, so threads may share it.
 */
#ifndef CS_RSA_KEY_H
#define CS_RSA_KEY_H

#include <gnutls/gnutls.h>
#include <nettle/rsa.h>

#include "crypto/cscrypto.h"
#include "crypto/spki.h"

struct csc_public_key {
    struct rsa_public_key numbers;
    size_t der_size;
    uint8_t der[CS_SPKI_MAX]; /* SubjectPublicKeyInfo */
};

struct csc_private_key {
    struct csc_public_key public_half;
    struct rsa_private_key numbers; /* d too, which nettle does not need but PKCS#8 does */
};

/* The csc_error for a negative result of GnuTLS that tells nothing about the key: lack of memory or of random bytes,
 * else FALLBACK. */
int cs_error_from_gnutls(int result, int fallback);

/* Wipes and frees a datum that GnuTLS allocated; an empty one is legal. */
void cs_datum_free(gnutls_datum_t *datum);

/* Makes a key of an RSA key that GnuTLS has, which stays the caller's.  CSC_ERR_KEY_TYPE, CSC_ERR_KEY_SIZE,
 * CSC_ERR_KEY_INVALID, CSC_ERR_MEMORY. */
int cs_private_key_from_gnutls(csc_private_key **key, gnutls_x509_privkey_t from);

/* The opposite; *TO is the caller's to gnutls_x509_privkey_deinit(). */
int cs_private_key_to_gnutls(const csc_private_key *key, gnutls_x509_privkey_t *to);

/* Makes a public key of the two numbers in NUMBERS, which it takes a copy of.  CSC_ERR_KEY_SIZE, CSC_ERR_KEY_INVALID,
 * CSC_ERR_MEMORY. */
int cs_public_key_new(csc_public_key **key, const struct rsa_public_key *numbers);

#endif
