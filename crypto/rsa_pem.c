/* RSA keys from and to PEM text. */
#include <config.h>

#include <string.h>

#include <gnutls/x509.h>
#include <nettle/asn1.h>

#include "crypto/envelope.h"
#include "crypto/pem.h"
#include "crypto/rsa_key.h"

#define LABEL_PUBLIC    "PUBLIC KEY"
#define LABEL_PKCS1     "RSA PRIVATE KEY"
#define LABEL_PKCS8     "PRIVATE KEY"
#define LABEL_ENCRYPTED "ENCRYPTED PRIVATE KEY"

/* What GnuTLS says of a key that is not encrypted, or that has been decrypted. */
static int import_error(int result) {
    switch (result) {
    case GNUTLS_E_UNKNOWN_PK_ALGORITHM:
    case GNUTLS_E_UNIMPLEMENTED_FEATURE:
    case GNUTLS_E_ECC_UNSUPPORTED_CURVE:
        return CSC_ERR_KEY_TYPE;
    case GNUTLS_E_PK_INVALID_PRIVKEY:
        return CSC_ERR_KEY_INVALID;
    default:
        return cs_error_from_gnutls(result, CSC_ERR_FORMAT);
    }
}

/* What decrypts to no key at all has been decrypted with the wrong password, so whether the envelope is in order is
 * asked first. */
static int import_encrypted(gnutls_x509_privkey_t to, const struct cs_pem *block, const char *password) {
    const gnutls_datum_t der = {block->der, (unsigned)block->der_size};
    int rc;

    if (password == NULL)
        return CSC_ERR_PASSWORD_NEEDED;
    rc = cs_envelope_check(block);
    if (rc != CSC_OK)
        return rc;
    rc = gnutls_x509_privkey_import_pkcs8(to, &der, GNUTLS_X509_FMT_DER, password, 0);
    if (rc >= 0)
        return CSC_OK;
    rc = import_error(rc);
    return rc == CSC_ERR_FORMAT ? CSC_ERR_PASSWORD_WRONG : rc;
}

/* Steps to what stands behind the version number that a PKCS#1 or PKCS#8 key of SIZE bytes begins with. */
static enum asn1_iterator_result skip_version(struct asn1_der_iterator *in, const uint8_t *der, size_t size) {
    if (asn1_der_iterator_first(in, size, der) != ASN1_ITERATOR_CONSTRUCTED || in->type != ASN1_SEQUENCE ||
        asn1_der_decode_constructed_last(in) != ASN1_ITERATOR_PRIMITIVE || in->type != ASN1_INTEGER)
        return ASN1_ITERATOR_ERROR;
    return asn1_der_iterator_next(in);
}

/* Looks at the length of an unencrypted key's modulus, because GnuTLS computes with the numbers when it imports them.
 * What has no modulus where one should be is left to GnuTLS, which knows more formats. */
static int check_modulus(const uint8_t *der, size_t size) {
    struct asn1_der_iterator in;
    enum asn1_iterator_result found = skip_version(&in, der, size);
    size_t octets;

    /* PKCS#8: an algorithm, and in an octet string PKCS#1. */
    if (found == ASN1_ITERATOR_CONSTRUCTED) {
        if (asn1_der_iterator_next(&in) != ASN1_ITERATOR_PRIMITIVE || in.type != ASN1_OCTETSTRING)
            return CSC_OK;
        found = skip_version(&in, in.data, in.length);
    }
    if (found != ASN1_ITERATOR_PRIMITIVE || in.type != ASN1_INTEGER || in.length == 0)
        return CSC_OK;
    octets = in.length - (in.data[0] == 0); /* that is the sign */
    return octets < CSC_RSA_MIN_BITS / 8 || octets > CSC_RSA_MAX_SIZE ? CSC_ERR_KEY_SIZE : CSC_OK;
}

static int import(gnutls_x509_privkey_t to, const struct cs_pem *block, const char *password) {
    const gnutls_datum_t der = {block->der, (unsigned)block->der_size};
    bool pkcs8 = cs_pem_has_label(block, LABEL_PKCS8);
    int rc;

    if (cs_pem_has_label(block, LABEL_ENCRYPTED))
        return import_encrypted(to, block, password);
    if (!pkcs8 && !cs_pem_has_label(block, LABEL_PKCS1))
        return CSC_ERR_KEY_TYPE;
    rc = check_modulus(block->der, block->der_size);
    if (rc != CSC_OK)
        return rc;
    if (pkcs8)
        rc = gnutls_x509_privkey_import_pkcs8(to, &der, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN);
    else
        rc = gnutls_x509_privkey_import(to, &der, GNUTLS_X509_FMT_DER);
    return rc < 0 ? import_error(rc) : CSC_OK;
}

int csc_private_key_from_pem(csc_private_key **key, const char *pem, size_t size, const char *password) {
    struct cs_pem block = {0};
    gnutls_x509_privkey_t imported = NULL;
    int rc = cs_pem_open(&block, pem, size);

    if (rc != CSC_OK)
        return rc;
    rc = gnutls_x509_privkey_init(&imported);
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_INTERNAL) : import(imported, &block, password);
    if (rc == CSC_OK)
        rc = cs_private_key_from_gnutls(key, imported);
    gnutls_x509_privkey_deinit(imported);
    cs_pem_close(&block);
    return rc;
}

int csc_private_key_to_pem(const csc_private_key *key, char *out, size_t *size, const char *password) {
    gnutls_x509_privkey_t exported = NULL;
    gnutls_datum_t pem = {0};
    int rc;

    if (password != NULL && *password == '\0')
        return CSC_ERR_ARGUMENT;
    rc = cs_private_key_to_gnutls(key, &exported);
    if (rc != CSC_OK)
        return rc;
    rc = gnutls_x509_privkey_export2_pkcs8(exported, GNUTLS_X509_FMT_PEM, password,
                                           password != NULL ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN, &pem);
    if (rc < 0) {
        rc = cs_error_from_gnutls(rc, CSC_ERR_INTERNAL);
    } else if (pem.size >= *size) {
        rc = CSC_ERR_TOO_LONG;
    } else {
        memcpy(out, pem.data, pem.size);
        out[pem.size] = '\0';
        *size = pem.size;
        rc = CSC_OK;
    }
    cs_datum_free(&pem);
    gnutls_x509_privkey_deinit(exported);
    return rc;
}

int csc_public_key_from_pem(csc_public_key **key, const char *pem, size_t size) {
    struct cs_pem block = {0};
    struct rsa_public_key numbers;
    int rc = cs_pem_open(&block, pem, size);

    if (rc != CSC_OK)
        return rc;
    rsa_public_key_init(&numbers);
    rc =
        cs_pem_has_label(&block, LABEL_PUBLIC) ? cs_spki_decode(&numbers, block.der, block.der_size) : CSC_ERR_KEY_TYPE;
    if (rc == CSC_OK)
        rc = cs_public_key_new(key, &numbers);
    rsa_public_key_clear(&numbers);
    cs_pem_close(&block);
    return rc;
}

int csc_public_key_to_pem(const csc_public_key *key, char *out, size_t *size) {
    return cs_pem_write(out, size, LABEL_PUBLIC, key->der, key->der_size);
}
