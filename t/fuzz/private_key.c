/*
 * Private keys in PEM, as a file or a user may bring one.  The first byte says whether there is a password: none, the
 * empty one, or the one that the seeds are encrypted with.
 */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <stdlib.h>

const char *const fuzz_name = "private_key";

/* What is read is a key that works. */
static void use(const csc_private_key *key) {
    csc_public_key *public_half = NULL;
    uint8_t ciphertext[CSC_RSA_MAX_SIZE];
    char message[16];
    size_t size = sizeof(message);

    FUZZ_MUST(csc_private_key_public(key, &public_half) == CSC_OK);
    FUZZ_MUST(csc_public_key_size(public_half) == csc_private_key_size(key));
    FUZZ_MUST(csc_public_key_bits(public_half) >= CSC_RSA_MIN_BITS &&
              csc_public_key_bits(public_half) <= CSC_RSA_MAX_BITS);
    FUZZ_MUST(csc_oaep_encrypt(public_half, "l", 1, "message", 7, ciphertext) == CSC_OK);
    FUZZ_MUST(csc_oaep_decrypt(key, "l", 1, ciphertext, csc_private_key_size(key), message, &size) == CSC_OK);
    FUZZ_MUST(size == 7 && memcmp(message, "message", 7) == 0);
    csc_public_key_free(public_half);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const passwords[] = {NULL, "", "password"};
    struct fuzz_input input = {data, size};
    const char *password = passwords[fuzz_byte(&input) % COUNT(passwords)];
    char *pem = copy_exact(input.data, input.size);
    csc_private_key *key = NULL;

    fuzz_reset_random();
    if (csc_private_key_from_pem(&key, pem, input.size, password) == CSC_OK)
        use(key);
    else
        FUZZ_MUST(key == NULL);
    csc_private_key_free(key);
    free(pem);
    return 0;
}
