/*
 * RSASSA-PSS with SHA-256 (RFC 8017 section 8.1), the encoding by nettle.
 *
 * nettle blinds the private operation and checks its result with the public key before it gives it out, so that a
 * computation gone wrong shows nothing of the factors.
 */
#include <config.h>

#include <nettle/bignum.h>

#include "crypto/nettle_random.h"
#include "crypto/rsa_key.h"

/* The salt is as long as the hash, when signing and when verifying. */
#define SALT CSC_SHA256_SIZE

int csc_pss_sign(const csc_private_key *key, const struct csc_part *parts, size_t count, uint8_t *signature) {
    const struct rsa_public_key *pub = &key->public_half.numbers;
    struct cs_random_source source = {csc_random_nonce, CSC_OK};
    uint8_t hash[CSC_SHA256_SIZE], salt[SALT];
    mpz_t s;
    int rc = csc_random_nonce(salt, sizeof(salt));

    if (rc != CSC_OK)
        return rc;
    csc_sha256(hash, parts, count);
    mpz_init(s);
    if (!rsa_pss_sha256_sign_digest_tr(pub, &key->numbers, &source, cs_draw_for_nettle, SALT, salt, hash, s))
        rc = CSC_ERR_INTERNAL;
    if (source.rc != CSC_OK)
        rc = source.rc;
    if (rc == CSC_OK)
        nettle_mpz_get_str_256(pub->size, signature, s);
    mpz_clear(s);
    csc_wipe(hash, sizeof(hash));
    return rc;
}

int csc_pss_verify(const csc_public_key *key, const struct csc_part *parts, size_t count, const uint8_t *signature,
                   size_t size) {
    uint8_t hash[CSC_SHA256_SIZE];
    mpz_t s;
    int good;

    if (size != key->numbers.size)
        return CSC_ERR_SIGNATURE;
    csc_sha256(hash, parts, count);
    mpz_init(s);
    mpz_import(s, size, 1, 1, 0, 0, signature);
    good = rsa_pss_sha256_verify_digest(&key->numbers, SALT, hash, s);
    mpz_clear(s);
    csc_wipe(hash, sizeof(hash));
    return good ? CSC_OK : CSC_ERR_SIGNATURE;
}
