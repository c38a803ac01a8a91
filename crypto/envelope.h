/*
 * envelope.h: what an encrypted private key says of itself, before anything is computed.  For the sources of
 * libcscrypto only.
 *
 * A PKCS#8 envelope (RFC 5958) names the way its key is derived from the password (RFC 8018), and how many rounds that
 * takes.  Whoever has made the file has chosen that.
 */
#ifndef CS_ENVELOPE_H
#define CS_ENVELOPE_H

#include "crypto/pem.h"

/* Whether the envelope in BLOCK is in order and can be afforded.  CSC_ERR_FORMAT, CSC_ERR_PASSWORD_COST,
 * CSC_ERR_MEMORY. */
int cs_envelope_check(const struct cs_pem *block);

#endif
