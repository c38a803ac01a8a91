/*
 * crypto_fixture.h: what the tests of libcscrypto share.  One thread; a failure of set-up ends the program.
 */
#ifndef CHATSECURE_T_CRYPTO_FIXTURE_H
#define CHATSECURE_T_CRYPTO_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/cscrypto.h"

/* Decodes hexadecimal digits, between which there may be spaces, into OUT and returns how many bytes they are. */
size_t unhex(uint8_t *out, const char *hex);

/* The path of t/keys/NAME in the source tree; static, overwritten by the next call. */
const char *key_path(const char *name);

/* The private key t/keys/NAME, and the public half of a key. */
csc_private_key *load_key(const char *name);
csc_public_key *public_of(const csc_private_key *key);

#endif
