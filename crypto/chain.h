/*
 * chain.h: what a chain of certificates and the authorities are inside libcscrypto.  For its sources only.
 *
 * Neither changes once it is handed out, so threads may share them.
 */
#ifndef CS_CHAIN_H
#define CS_CHAIN_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "crypto/cscrypto.h"

/* The certificate's own bytes lie one behind the other in DER. */
struct csc_chain {
    size_t count;
    gnutls_x509_crt_t certificates[CSC_CHAIN_MAX];
    struct csc_part parts[CSC_CHAIN_MAX];
    uint8_t der[CSC_CHAIN_BYTES];
};

struct csc_anchors {
    gnutls_x509_crt_t *certificates;
    size_t count;
    gnutls_x509_crl_t *lists;
    size_t list_count;
};

/* What kind of key it is, if it qualifies for signatures: GNUTLS_PK_RSA of 2048 to 4096 bits with an exponent of at
 * most 32, GNUTLS_PK_ECDSA on P-256 or P-384.  CSC_ERR_SIGNER otherwise. */
int cs_signer_kind(gnutls_pubkey_t key, gnutls_pk_algorithm_t *kind);

/* The algorithm to sign with for the first certificate of CHAIN: PSS for RSA, the curve's hash for ECDSA.
 * CSC_ERR_SIGNER. */
int cs_signer_choose(const csc_chain *chain, enum csc_signature *algorithm);

/* What GnuTLS calls it. */
gnutls_sign_algorithm_t cs_signer_algorithm(enum csc_signature algorithm);

#endif
