/* crypto/oaep.c (RFC 8017 section 7.1), against an encoder of the test's own that can also make every mistake. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "crypto/rsa_key.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>
#include <string.h>

#include <gmp.h>

#define HASH        CSC_SHA256_SIZE
#define LABEL       "chatsecure/1 connect"
#define SECRET_SIZE 48

static csc_private_key *key;
static csc_public_key *public_key;
static size_t k;
static uint8_t secret[SECRET_SIZE];

/* RFC 8017 appendix B.2.1, from its text. */
static void mgf1_xor(uint8_t *target, size_t size, const uint8_t *seed, size_t seed_size) {
    for (size_t done = 0, counter = 0; done < size; counter++) {
        const uint8_t number[4] = {0, 0, (uint8_t)(counter >> 8), (uint8_t)counter};
        const struct csc_part parts[] = {{seed, seed_size}, {number, sizeof(number)}};
        uint8_t block[HASH];

        csc_sha256(block, parts, 2);
        for (size_t i = 0; i < HASH && done < size; i++)
            target[done++] ^= block[i];
    }
}

/* The encoded message before masking: 00, seed, label hash, padding, 01, message. */
static void compose(uint8_t *em, const char *label, const void *message, size_t size) {
    const struct csc_part part = {label, strlen(label)};

    memset(em, 0, k);
    memset(em + 1, 0x5c, HASH);
    csc_sha256(em + 1 + HASH, &part, 1);
    em[k - size - 1] = 1;
    memcpy(em + k - size, message, size);
}

/* Masks EM and raises it to e. */
static void seal(uint8_t *ciphertext, const uint8_t *composed) {
    uint8_t em[CSC_RSA_MAX_SIZE];
    mpz_t x;

    memcpy(em, composed, k);
    mgf1_xor(em + 1 + HASH, k - 1 - HASH, em + 1, HASH);
    mgf1_xor(em + 1, HASH, em + 1 + HASH, k - 1 - HASH);
    mpz_init(x);
    mpz_import(x, k, 1, 1, 0, 0, em);
    mpz_powm(x, x, public_key->numbers.e, public_key->numbers.n);
    memset(ciphertext, 0, k);
    mpz_export(ciphertext + k - (mpz_sizeinbase(x, 2) + 7) / 8, NULL, 1, 1, 0, 0, x);
    mpz_clear(x);
}

/* Both ways of decrypting refuse CIPHERTEXT, each in its manner. */
static void refused(const uint8_t *ciphertext, size_t size, const char *label, const char *why) {
    static const uint8_t zero[CSC_RSA_MAX_SIZE];
    uint8_t out[CSC_RSA_MAX_SIZE], first[SECRET_SIZE], second[SECRET_SIZE];
    size_t out_size = sizeof(out);

    memset(out, 0xa5, sizeof(out));
    IS_INT(csc_oaep_decrypt(key, label, strlen(label), ciphertext, size, out, &out_size), CSC_ERR_DECRYPT,
           "refused: %s", why);
    IS_MEM(out, zero, sizeof(out), "and the output is wiped");
    IS_INT(out_size, sizeof(out), "and its size is left alone");
    IS_INT(csc_oaep_decrypt_secret(key, label, strlen(label), ciphertext, size, first, SECRET_SIZE), CSC_OK,
           "as a secret it seems to be taken");
    IS_INT(csc_oaep_decrypt_secret(key, label, strlen(label), ciphertext, size, second, SECRET_SIZE), CSC_OK,
           "and again");
    OK(memcmp(first, secret, SECRET_SIZE) != 0 && memcmp(first, second, SECRET_SIZE) != 0, "but gives random bytes");
}

static void taken(const uint8_t *ciphertext, const void *message, size_t size, const char *why) {
    uint8_t out[CSC_RSA_MAX_SIZE];
    size_t out_size = sizeof(out);

    IS_INT(csc_oaep_decrypt(key, LABEL, strlen(LABEL), ciphertext, k, out, &out_size), CSC_OK, "taken: %s", why);
    if (IS_INT(out_size, size, "%zu bytes", size))
        IS_MEM(out, message, size, "the right ones");
}

static void test_encoder(void) {
    uint8_t em[CSC_RSA_MAX_SIZE], ciphertext[CSC_RSA_MAX_SIZE + 1], got[SECRET_SIZE];

    compose(em, LABEL, secret, SECRET_SIZE);
    seal(ciphertext, em);
    taken(ciphertext, secret, SECRET_SIZE, "what the test's encoder makes");
    IS_INT(csc_oaep_decrypt_secret(key, LABEL, strlen(LABEL), ciphertext, k, got, SECRET_SIZE), CSC_OK, "as a secret");
    IS_MEM(got, secret, SECRET_SIZE, "it is the same");
    refused(ciphertext, k, "chatsecure/1 client-connect", "another label");
    refused(ciphertext, k, "", "no label");
    refused(ciphertext, k - 1, LABEL, "a byte missing at the end");
    refused(ciphertext + 1, k - 1, LABEL, "a byte missing at the beginning");
    refused(ciphertext, 0, LABEL, "nothing at all");
    ciphertext[k] = 0;
    refused(ciphertext, k + 1, LABEL, "a byte too many");
    memmove(ciphertext + 1, ciphertext, k);
    ciphertext[0] = 0;
    refused(ciphertext, k + 1, LABEL, "a zero in front");
    memmove(ciphertext, ciphertext + 1, k);
    ciphertext[k / 2] ^= 1;
    refused(ciphertext, k, LABEL, "a bit changed");
}

static void test_defects(void) {
    /* Where the data block and its parts are, from the beginning of the encoded message. */
    const size_t hash = 1 + HASH, padding = hash + HASH, one = k - SECRET_SIZE - 1;
    const struct {
        size_t at;
        uint8_t value;
        const char *why;
    } cases[] = {
        {0, 1, "the first octet is not zero"},
        {hash, 0, "the first octet of the label hash is wrong"},
        {hash + HASH - 1, 0, "the last octet of the label hash is wrong"},
        {padding, 2, "the first octet of the padding is not zero"},
        {padding + 20, 0xff, "an octet amid the padding is not zero"},
        {one - 1, 0x80, "the last octet of the padding is not zero"},
        {one, 0, "the one is a zero"},
        {one, 2, "the one is a two"},
    };
    uint8_t em[CSC_RSA_MAX_SIZE], ciphertext[CSC_RSA_MAX_SIZE];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        compose(em, LABEL, secret, SECRET_SIZE);
        em[cases[i].at] = em[cases[i].at] == cases[i].value ? 0x77 : cases[i].value;
        seal(ciphertext, em);
        refused(ciphertext, k, LABEL, cases[i].why);
    }
    compose(em, LABEL, secret, SECRET_SIZE);
    memset(em + padding, 0, k - padding);
    seal(ciphertext, em);
    refused(ciphertext, k, LABEL, "zeros to the end and no one");
    compose(em, LABEL, secret, SECRET_SIZE - 1);
    seal(ciphertext, em);
    taken(ciphertext, secret, SECRET_SIZE - 1, "a message one byte shorter than the secret should be");
}

/* What has another length than the secret should have is a good message and a bad secret. */
static void test_secret_length(void) {
    static const size_t lengths[] = {0, SECRET_SIZE - 1, SECRET_SIZE + 1, 100};
    uint8_t message[100] = {0}, ciphertext[CSC_RSA_MAX_SIZE], first[SECRET_SIZE], second[SECRET_SIZE];

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        IS_INT(csc_oaep_encrypt(public_key, LABEL, strlen(LABEL), message, lengths[i], ciphertext), CSC_OK,
               "%zu bytes are encrypted", lengths[i]);
        taken(ciphertext, message, lengths[i], "as a message");
        IS_INT(csc_oaep_decrypt_secret(key, LABEL, strlen(LABEL), ciphertext, k, first, SECRET_SIZE), CSC_OK,
               "as a secret too");
        IS_INT(csc_oaep_decrypt_secret(key, LABEL, strlen(LABEL), ciphertext, k, second, SECRET_SIZE), CSC_OK,
               "and again");
        OK(memcmp(first, second, SECRET_SIZE) != 0, "but with random bytes");
    }
    IS_INT(csc_oaep_decrypt_secret(key, NULL, 0, ciphertext, k, message, k - CSC_OAEP_OVERHEAD + 1), CSC_ERR_TOO_LONG,
           "no secret is longer than a message");
}

/* Numbers that are no ciphertext. */
static void test_numbers(void) {
    uint8_t ciphertext[CSC_RSA_MAX_SIZE];
    mpz_t x;

    mpz_init(x);
    for (int i = 0; i < 4; i++) {
        static const char *const names[] = {"zero", "one", "the modulus less one", "the modulus"};

        mpz_set_ui(x, i < 2 ? (unsigned)i : 0);
        if (i >= 2)
            mpz_sub_ui(x, public_key->numbers.n, i == 2);
        memset(ciphertext, 0, k);
        if (i > 0)
            mpz_export(ciphertext + k - (mpz_sizeinbase(x, 2) + 7) / 8, NULL, 1, 1, 0, 0, x);
        refused(ciphertext, k, LABEL, names[i]);
    }
    memset(ciphertext, 0xff, k);
    refused(ciphertext, k, LABEL, "the largest number of its length");

    /* A good ciphertext plus the modulus decrypts to the same if nobody looks; there is room when it is small. */
    do {
        if (csc_oaep_encrypt(public_key, LABEL, strlen(LABEL), secret, SECRET_SIZE, ciphertext) != CSC_OK)
            break;
        mpz_import(x, k, 1, 1, 0, 0, ciphertext);
        mpz_add(x, x, public_key->numbers.n);
    } while (mpz_sizeinbase(x, 2) > 8 * k);
    mpz_export(ciphertext, NULL, 1, 1, 0, 0, x);
    refused(ciphertext, k, LABEL, "a good ciphertext plus the modulus");
    mpz_clear(x);

    /* One that begins with a zero is the same number without it. */
    do {
        if (csc_oaep_encrypt(public_key, LABEL, strlen(LABEL), secret, SECRET_SIZE, ciphertext) != CSC_OK)
            break;
    } while (ciphertext[0] != 0);
    refused(ciphertext + 1, k - 1, LABEL, "a zero taken from the front");
}

static void test_lengths(void) {
    const size_t most = k - CSC_OAEP_OVERHEAD;
    uint8_t message[CSC_RSA_MAX_SIZE], ciphertext[CSC_RSA_MAX_SIZE], again[CSC_RSA_MAX_SIZE];
    size_t room = most - 1;
    static const uint8_t zero[CSC_RSA_MAX_SIZE];

    memset(message, 0, sizeof(message));
    message[0] = 0xee;
    IS_INT(csc_oaep_encrypt(public_key, LABEL, strlen(LABEL), message, most + 1, ciphertext), CSC_ERR_TOO_LONG,
           "one byte too many is not encrypted");
    IS_INT(csc_oaep_encrypt(public_key, LABEL, strlen(LABEL), message, most, ciphertext), CSC_OK, "as many as fit are");
    IS_INT(csc_oaep_encrypt(public_key, LABEL, strlen(LABEL), message, most, again), CSC_OK, "and again");
    OK(memcmp(ciphertext, again, k) != 0, "to something else");
    taken(ciphertext, message, most, "the longest message");
    IS_INT(csc_oaep_decrypt(key, LABEL, strlen(LABEL), ciphertext, k, message, &room), CSC_ERR_DECRYPT,
           "refused: one byte too little room");
    IS_MEM(message, zero, most - 1, "and the output is wiped");
    IS_INT(csc_oaep_encrypt(public_key, LABEL, strlen(LABEL), NULL, 0, ciphertext), CSC_OK, "no byte is encrypted");
    taken(ciphertext, NULL, 0, "the empty message");
    IS_INT(csc_oaep_encrypt(public_key, NULL, 0, secret, SECRET_SIZE, ciphertext), CSC_OK, "without a label");
    refused(ciphertext, k, LABEL, "a label where there was none");
}

int main(void) {
    key = load_key("adam.pem");
    public_key = public_of(key);
    k = csc_private_key_size(key);
    for (size_t i = 0; i < SECRET_SIZE; i++)
        secret[i] = (uint8_t)(i * 5);
    test_encoder();
    test_defects();
    test_secret_length();
    test_numbers();
    test_lengths();
    csc_public_key_free(public_key);
    csc_private_key_free(key);
    return tap_done();
}
