#include <config.h>

#include "proto/fingerprint.h"

#define PREFIX "SHA256:"

bool fingerprint_decode(uint8_t hash[static CSC_SHA256_SIZE], struct span text) {
    char padded[CSC_BASE64_LENGTH(CSC_SHA256_SIZE)];
    uint8_t bytes[CSC_BASE64_SIZE(sizeof(padded))];
    size_t size = 0;

    if (text.size != CSC_FINGERPRINT_SIZE - 1 || memcmp(text.data, PREFIX, strlen(PREFIX)) != 0)
        return false;
    /* The "=" that fingerprints are written without. */
    memcpy(padded, text.data + strlen(PREFIX), sizeof(padded) - 1);
    padded[sizeof(padded) - 1] = '=';
    if (csc_base64_decode(bytes, &size, padded, sizeof(padded)) != CSC_OK || size != CSC_SHA256_SIZE)
        return false;
    memcpy(hash, bytes, CSC_SHA256_SIZE);
    return true;
}
