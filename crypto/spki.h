/*
 * spki.h: an RSA public key as DER SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 3279 section 2.3.1).  For the
 * sources of libcscrypto only.  Pure.
 *
 * There is one encoding of a key, and no other is accepted: a fingerprint is a hash of it.
 */
#ifndef CS_SPKI_H
#define CS_SPKI_H

#include <stddef.h>
#include <stdint.h>

#include <nettle/rsa.h>

#include "crypto/cscrypto.h"

/* The longest: 4 octets of header for each of three sequences (4 + 15 with its algorithm, 4 + 1 for the bit string),
 * 4 + 1 + 512 of modulus, 2 + 1 + 4 of exponent. */
#define CS_SPKI_MAX (4 + 15 + 4 + 1 + 4 + (4 + 1 + CSC_RSA_MAX_SIZE) + (2 + 1 + 4))

/* Writes NUMBERS, whose n has at most CSC_RSA_MAX_BITS bits and whose e at most 32, to OUT and returns the size. */
size_t cs_spki_encode(uint8_t out[static CS_SPKI_MAX], const struct rsa_public_key *numbers);

/*
 * Reads SIZE bytes of DER into the n and e of NUMBERS, which is initialised and is altered on failure too.  Sizes are
 * looked at before the numbers; only they are checked, not what the numbers are.
 *   CSC_ERR_FORMAT       not the DER of a SubjectPublicKeyInfo, or not its one right encoding
 *   CSC_ERR_KEY_TYPE     another algorithm
 *   CSC_ERR_KEY_SIZE     n is over CSC_RSA_MAX_BITS
 *   CSC_ERR_KEY_INVALID  e is over 32 bits, or a number is not positive
 */
int cs_spki_decode(struct rsa_public_key *numbers, const uint8_t *der, size_t size);

#endif
