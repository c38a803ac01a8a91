/* Public keys in PEM, as every stranger may send one. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "public_key";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    csc_public_key *key = NULL, *again = NULL;
    char *pem = copy_exact(data, size), written[1024], fingerprint[CSC_FINGERPRINT_SIZE] = "";
    uint8_t ciphertext[CSC_RSA_MAX_SIZE];
    size_t length = sizeof(written);

    fuzz_reset_random();
    if (csc_public_key_from_pem(&key, pem, size) == CSC_OK) {
        FUZZ_MUST(csc_public_key_bits(key) >= CSC_RSA_MIN_BITS && csc_public_key_bits(key) <= CSC_RSA_MAX_BITS);
        FUZZ_MUST(csc_public_key_size(key) == (csc_public_key_bits(key) + 7) / 8);
        /* What is taken can be used, written and read again. */
        FUZZ_MUST(csc_oaep_encrypt(key, "l", 1, "m", 1, ciphertext) == CSC_OK);
        FUZZ_MUST(csc_public_key_to_pem(key, written, &length) == CSC_OK);
        FUZZ_MUST(csc_public_key_from_pem(&again, written, length) == CSC_OK);
        FUZZ_MUST(csc_public_key_equal(key, again));
        csc_public_key_fingerprint(key, fingerprint);
        FUZZ_MUST(strlen(fingerprint) == CSC_FINGERPRINT_SIZE - 1);
    } else {
        FUZZ_MUST(key == NULL);
    }
    csc_public_key_free(key);
    csc_public_key_free(again);
    free(pem);
    return 0;
}
