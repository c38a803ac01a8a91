/*
 * crypto_der.h: makes the DER and PEM of RSA keys for tests, right ones and wrong ones.  One thread.
 */
#ifndef CHATSECURE_T_CRYPTO_DER_H
#define CHATSECURE_T_CRYPTO_DER_H

#include <stddef.h>
#include <stdint.h>

#include <gmp.h>

#include "crypto/cscrypto.h"

#define DER_INTEGER     0x02
#define DER_BITSTRING   0x03
#define DER_OCTETSTRING 0x04
#define DER_SEQUENCE    0x30

struct der {
    uint8_t bytes[CSC_PEM_MAX];
    size_t size;
};

/* Each adds to the end of TO: bytes as they are, an element, a non-negative INTEGER. */
void der_raw(struct der *to, const void *bytes, size_t size);
void der_add(struct der *to, uint8_t tag, const void *content, size_t size);
void der_number(struct der *to, const mpz_t x);

/* Makes all of IT the content of one element. */
void der_wrap(struct der *it, uint8_t tag);

/* PEM with a label, static, overwritten by the next call; *SIZE is its length. */
const char *der_pem(const struct der *it, const char *label, size_t *size);

/* SubjectPublicKeyInfo of an RSAPublicKey whose DER is in KEY, under the algorithm identifier ALGORITHM (hexadecimal;
 * NULL is rsaEncryption's). */
void der_public(struct der *to, const struct der *key, const char *algorithm);

/* A PKCS#8 envelope, PBES2 with HMAC-SHA256 and AES-256-CBC, whose key takes that many ROUNDS to derive from any
 * password, and which has nothing in it. */
void der_envelope(struct der *to, unsigned long rounds);

#endif
