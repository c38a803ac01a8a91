/*
 * rsa_root.h: the RSA private operation, blinded and checked, and the public one on a secret.  For the sources of
 * libcscrypto only.
 */
#ifndef CS_RSA_ROOT_H
#define CS_RSA_ROOT_H

#include "crypto/nettle_random.h"
#include "crypto/rsa_key.h"

/* Sets X to the number whose power of the public exponent is C, which is below the modulus.  True unless something went
 * wrong in computing; then X means nothing.  What SOURCE draws blinds: neither the time nor a fault tells of X or the
 * key.  X is secret. */
bool cs_rsa_root(const csc_private_key *key, struct cs_random_source *source, mpz_t x, const mpz_t c);

/* Raises X, which is secret and below the modulus, to the power of the public exponent, in a time that X does not
 * change. */
void cs_rsa_power(const struct rsa_public_key *pub, mpz_t x);

#endif
