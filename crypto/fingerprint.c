/* Hashes of public keys, and fingerprints: the same for people. */
#include <config.h>

#include <string.h>

#include "crypto/rsa_key.h"

#define PREFIX "SHA256:"

void csc_public_key_hash(const csc_public_key *key, uint8_t out[static CSC_SHA256_SIZE]) {
    const struct csc_part der = {key->der, key->der_size};

    csc_sha256(out, &der, 1);
}

void csc_public_key_fingerprint(const csc_public_key *key, char out[static CSC_FINGERPRINT_SIZE]) {
    uint8_t hash[CSC_SHA256_SIZE];
    char text[CSC_BASE64_LENGTH(CSC_SHA256_SIZE)];

    csc_public_key_hash(key, hash);
    csc_base64_encode(text, hash, sizeof(hash));
    memcpy(out, PREFIX, strlen(PREFIX));
    /* The last character is the one "=" that 32 bytes end with. */
    memcpy(out + strlen(PREFIX), text, sizeof(text) - 1);
    out[CSC_FINGERPRINT_SIZE - 1] = '\0';
}
