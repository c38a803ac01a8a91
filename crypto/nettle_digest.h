/*
 * nettle_digest.h: the two digest calls of nettle that changed between its versions 3 and 4, where they lost their
 * length argument.  For the sources of libcscrypto only.
 */
#ifndef CS_NETTLE_DIGEST_H
#define CS_NETTLE_DIGEST_H

#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

static inline void cs_sha256_digest(struct sha256_ctx *context, uint8_t out[static SHA256_DIGEST_SIZE]) {
#if NETTLE_VERSION_MAJOR >= 4
    sha256_digest(context, out);
#else
    sha256_digest(context, SHA256_DIGEST_SIZE, out);
#endif
}

static inline void cs_hmac_sha256_digest(struct hmac_sha256_ctx *context, uint8_t out[static SHA256_DIGEST_SIZE]) {
#if NETTLE_VERSION_MAJOR >= 4
    hmac_sha256_digest(context, out);
#else
    hmac_sha256_digest(context, SHA256_DIGEST_SIZE, out);
#endif
}

#endif
