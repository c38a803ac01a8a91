/* Signatures by the key of a certificate. */
#include <config.h>

#include "crypto/chain.h"
#include "crypto/rsa_key.h"

/* Bits of an exponent; more only cost time. */
#define MAX_EXPONENT_BITS 32

/* The bits of the number that DATUM is, big-endian. */
static size_t bits_of(const gnutls_datum_t *datum) {
    size_t first = 0, bits;

    while (first < datum->size && datum->data[first] == 0)
        first++;
    bits = 8 * (datum->size - first);
    for (unsigned bit = 0x80; bits > 0 && (datum->data[first] & bit) == 0; bit >>= 1)
        bits--;
    return bits;
}

static bool rsa_qualifies(gnutls_pubkey_t key) {
    gnutls_datum_t n = {0}, e = {0};
    bool good = gnutls_pubkey_export_rsa_raw2(key, &n, &e, 0) >= 0 && bits_of(&n) >= CSC_RSA_MIN_BITS &&
                bits_of(&n) <= CSC_RSA_MAX_BITS && bits_of(&e) <= MAX_EXPONENT_BITS;

    gnutls_free(n.data);
    gnutls_free(e.data);
    return good;
}

static bool ec_qualifies(gnutls_pubkey_t key) {
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;

    return gnutls_pubkey_export_ecc_raw2(key, &curve, NULL, NULL, 0) >= 0 &&
           (curve == GNUTLS_ECC_CURVE_SECP256R1 || curve == GNUTLS_ECC_CURVE_SECP384R1);
}

int cs_signer_kind(gnutls_pubkey_t key, gnutls_pk_algorithm_t *kind) {
    switch (gnutls_pubkey_get_pk_algorithm(key, NULL)) {
    case GNUTLS_PK_RSA:
        *kind = GNUTLS_PK_RSA;
        return rsa_qualifies(key) ? CSC_OK : CSC_ERR_SIGNER;
    case GNUTLS_PK_ECDSA:
        *kind = GNUTLS_PK_ECDSA;
        return ec_qualifies(key) ? CSC_OK : CSC_ERR_SIGNER;
    default:
        return CSC_ERR_SIGNER;
    }
}

/* What GnuTLS calls ALGORITHM, and the kind of key it takes. */
static const struct {
    gnutls_sign_algorithm_t algorithm;
    gnutls_pk_algorithm_t kind;
} algorithms[] = {
    [CSC_RSA_PSS_SHA256] = {GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, GNUTLS_PK_RSA},
    [CSC_RSA_PKCS1_SHA256] = {GNUTLS_SIGN_RSA_SHA256, GNUTLS_PK_RSA},
    [CSC_ECDSA_SHA256] = {GNUTLS_SIGN_ECDSA_SHA256, GNUTLS_PK_ECDSA},
    [CSC_ECDSA_SHA384] = {GNUTLS_SIGN_ECDSA_SHA384, GNUTLS_PK_ECDSA},
};

/* Takes the first certificate's key out, if it qualifies. */
static int take_key(const csc_chain *chain, gnutls_pubkey_t *key, gnutls_pk_algorithm_t *kind) {
    gnutls_pubkey_t made = NULL;
    int rc = gnutls_pubkey_init(&made);

    if (rc >= 0)
        rc = gnutls_pubkey_import_x509(made, chain->certificates[0], 0);
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_SIGNER) : cs_signer_kind(made, kind);
    if (rc == CSC_OK)
        *key = made;
    else
        gnutls_pubkey_deinit(made);
    return rc;
}

int cs_signer_choose(const csc_chain *chain, enum csc_signature *algorithm) {
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    gnutls_pk_algorithm_t kind = GNUTLS_PK_UNKNOWN;
    gnutls_pubkey_t key = NULL;
    int rc = take_key(chain, &key, &kind);

    if (rc != CSC_OK)
        return rc;
    if (kind == GNUTLS_PK_RSA)
        *algorithm = CSC_RSA_PSS_SHA256;
    else if (gnutls_pubkey_export_ecc_raw2(key, &curve, NULL, NULL, 0) >= 0)
        *algorithm = curve == GNUTLS_ECC_CURVE_SECP256R1 ? CSC_ECDSA_SHA256 : CSC_ECDSA_SHA384;
    gnutls_pubkey_deinit(key);
    return CSC_OK;
}

gnutls_sign_algorithm_t cs_signer_algorithm(enum csc_signature algorithm) {
    return algorithms[algorithm].algorithm;
}

int csc_chain_check_signature(const csc_chain *chain, enum csc_signature algorithm, const void *data, size_t size,
                              const void *signature, size_t signature_size) {
    const gnutls_datum_t text = {(unsigned char *)data, (unsigned)size};
    const gnutls_datum_t value = {(unsigned char *)signature, (unsigned)signature_size};
    gnutls_pk_algorithm_t kind = GNUTLS_PK_UNKNOWN;
    gnutls_pubkey_t key = NULL;
    int rc;

    if (signature_size > CSC_SIGNATURE_MAX)
        return CSC_ERR_SIGNATURE;
    rc = take_key(chain, &key, &kind);
    if (rc == CSC_OK && kind != algorithms[algorithm].kind)
        rc = CSC_ERR_SIGNER;
    if (rc == CSC_OK) {
        rc = gnutls_pubkey_verify_data2(key, algorithms[algorithm].algorithm, 0, &text, &value);
        rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_SIGNATURE) : CSC_OK;
    }
    gnutls_pubkey_deinit(key);
    return rc;
}
