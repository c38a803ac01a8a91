/* DER SubjectPublicKeyInfo of RSA keys. */
#include <config.h>

#include <string.h>

#include <nettle/asn1.h>
#include <nettle/bignum.h>

#include "crypto/spki.h"

/* The longest exponent, with its sign octet. */
#define EXPONENT_OCTETS 5
#define MODULUS_OCTETS  (CSC_RSA_MAX_SIZE + 1)

#define TAG_INTEGER   0x02
#define TAG_BITSTRING 0x03
#define TAG_SEQUENCE  0x30

/* rsaEncryption, 1.2.840.113549.1.1.1 */
static const uint8_t rsa_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};

/* AlgorithmIdentifier { rsaEncryption, NULL } */
static const uint8_t rsa_algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

/* DER is written from its end to its beginning, since a header needs the length of what follows it. */
struct writer {
    uint8_t bytes[CS_SPKI_MAX];
    size_t start;
};

static void put_bytes(struct writer *w, const uint8_t *bytes, size_t size) {
    w->start -= size;
    memcpy(w->bytes + w->start, bytes, size);
}

static void put_byte(struct writer *w, uint8_t byte) {
    put_bytes(w, &byte, 1);
}

/* Lengths here are below 65,536. */
static void put_header(struct writer *w, uint8_t tag, size_t length) {
    put_byte(w, (uint8_t)length);
    if (length >= 0x100)
        put_byte(w, (uint8_t)(length >> 8));
    if (length >= 0x80)
        put_byte(w, length >= 0x100 ? 0x82 : 0x81);
    put_byte(w, tag);
}

static void put_integer(struct writer *w, const mpz_t x) {
    uint8_t bytes[MODULUS_OCTETS];
    size_t size = mpz_sizeinbase(x, 2) / 8 + 1;

    nettle_mpz_get_str_256(size, bytes, x);
    put_bytes(w, bytes, size);
    put_header(w, TAG_INTEGER, size);
}

static void wrap(struct writer *w, uint8_t tag) {
    put_header(w, tag, CS_SPKI_MAX - w->start);
}

size_t cs_spki_encode(uint8_t out[static CS_SPKI_MAX], const struct rsa_public_key *numbers) {
    struct writer w = {.start = CS_SPKI_MAX};

    put_integer(&w, numbers->e);
    put_integer(&w, numbers->n);
    wrap(&w, TAG_SEQUENCE);
    put_byte(&w, 0); /* unused bits of the bit string */
    wrap(&w, TAG_BITSTRING);
    put_bytes(&w, rsa_algorithm, sizeof(rsa_algorithm));
    wrap(&w, TAG_SEQUENCE);
    memcpy(out, w.bytes + w.start, CS_SPKI_MAX - w.start);
    return CS_SPKI_MAX - w.start;
}

/* Steps from the outside to the RSAPublicKey sequence, and leaves IN at its first element. */
static int enter(struct asn1_der_iterator *in, const uint8_t *der, size_t size) {
    struct asn1_der_iterator algorithm;

    if (asn1_der_iterator_first(in, size, der) != ASN1_ITERATOR_CONSTRUCTED || in->type != ASN1_SEQUENCE ||
        asn1_der_decode_constructed_last(in) != ASN1_ITERATOR_CONSTRUCTED || in->type != ASN1_SEQUENCE ||
        asn1_der_decode_constructed(in, &algorithm) != ASN1_ITERATOR_PRIMITIVE || algorithm.type != ASN1_IDENTIFIER)
        return CSC_ERR_FORMAT;
    if (algorithm.length != sizeof(rsa_oid) || memcmp(algorithm.data, rsa_oid, sizeof(rsa_oid)) != 0)
        return CSC_ERR_KEY_TYPE;
    if (asn1_der_iterator_next(in) != ASN1_ITERATOR_PRIMITIVE || in->type != ASN1_BITSTRING ||
        asn1_der_decode_bitstring_last(in) != ASN1_ITERATOR_CONSTRUCTED || in->type != ASN1_SEQUENCE ||
        asn1_der_decode_constructed_last(in) != ASN1_ITERATOR_PRIMITIVE || in->type != ASN1_INTEGER)
        return CSC_ERR_FORMAT;
    return CSC_OK;
}

int cs_spki_decode(struct rsa_public_key *numbers, const uint8_t *der, size_t size) {
    struct asn1_der_iterator in;
    uint8_t canonical[CS_SPKI_MAX];
    int rc = enter(&in, der, size);

    if (rc != CSC_OK)
        return rc;
    if (in.length > MODULUS_OCTETS)
        return CSC_ERR_KEY_SIZE;
    if (!asn1_der_get_bignum(&in, numbers->n, 0))
        return CSC_ERR_FORMAT;
    if (asn1_der_iterator_next(&in) != ASN1_ITERATOR_PRIMITIVE || in.type != ASN1_INTEGER)
        return CSC_ERR_FORMAT;
    if (in.length > EXPONENT_OCTETS)
        return CSC_ERR_KEY_INVALID;
    if (!asn1_der_get_bignum(&in, numbers->e, 0))
        return CSC_ERR_FORMAT;
    if (mpz_sgn(numbers->n) <= 0 || mpz_sgn(numbers->e) <= 0)
        return CSC_ERR_KEY_INVALID;
    if (mpz_sizeinbase(numbers->n, 2) > CSC_RSA_MAX_BITS)
        return CSC_ERR_KEY_SIZE;
    if (mpz_sizeinbase(numbers->e, 2) > 32)
        return CSC_ERR_KEY_INVALID;
    if (cs_spki_encode(canonical, numbers) != size || memcmp(canonical, der, size) != 0)
        return CSC_ERR_FORMAT;
    return CSC_OK;
}
