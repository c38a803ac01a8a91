/*
 * Random bytes, from GnuTLS.  Its generators are one per thread, notice a fork, and draw 16 bytes
 * in 0.2 us (nonces) or 0.75 us (keys), so that a pool of our own would gain nothing.
 */
#include <config.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "crypto/cscrypto.h"

static int draw(gnutls_rnd_level_t level, void *out, size_t size) {
    if (size == 0)
        return CSC_OK;
    if (gnutls_rnd(level, out, size) < 0) {
        csc_wipe(out, size);
        return CSC_ERR_RANDOM;
    }
    return CSC_OK;
}

int csc_random_secret(void *out, size_t size) {
    return draw(GNUTLS_RND_KEY, out, size);
}

int csc_random_nonce(void *out, size_t size) {
    return draw(GNUTLS_RND_NONCE, out, size);
}
