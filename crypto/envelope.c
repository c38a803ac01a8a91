/* The envelopes of encrypted private keys. */
#include <config.h>

#include <gnutls/x509.h>

#include "crypto/envelope.h"
#include "crypto/rsa_key.h"

int cs_envelope_check(const struct cs_pem *block) {
    const gnutls_datum_t der = {block->der, (unsigned)block->der_size};
    unsigned rounds = 0;
    int rc = gnutls_pkcs8_info(&der, GNUTLS_X509_FMT_DER, NULL, NULL, NULL, NULL, &rounds, NULL);

    /* GnuTLS has a bound too, beyond ours. */
    if (rc == GNUTLS_E_ILLEGAL_PARAMETER)
        return CSC_ERR_PASSWORD_COST;
    if (rc < 0)
        return cs_error_from_gnutls(rc, CSC_ERR_FORMAT);
    return rounds > CSC_PASSWORD_ROUNDS_MAX ? CSC_ERR_PASSWORD_COST : CSC_OK;
}
