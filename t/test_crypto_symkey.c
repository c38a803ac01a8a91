/* crypto/symkey.c: AES-CBC (NIST SP 800-38A) with HMAC, and what must be refused. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_MAX 70

static const uint8_t mac_key[CSC_SYMKEY_SIZE] = "the key of the MAC has 32 bytes";

static csc_symkey *new_key(enum csc_cipher cipher, const uint8_t *encryption_key) {
    csc_symkey *key = NULL;

    IS_INT(csc_symkey_new(&key, cipher, encryption_key, mac_key), CSC_OK, "a key is made");
    return key;
}

static void test_known_answers(void) {
    static const char plain_hex[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                                    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
    static const struct {
        enum csc_cipher cipher;
        const char *name, *key, *ciphertext;
    } cases[] = {
        {CSC_AES_128_CBC, "AES-128", "2b7e151628aed2a6abf7158809cf4f3c",
         "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
         "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"},
        {CSC_AES_256_CBC, "AES-256", "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
         "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
         "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"},
    };
    uint8_t iv[CSC_CBC_IV], plain[64], want[64], got[80], back[80], tag[CSC_SHA256_SIZE], expected[CSC_SHA256_SIZE];

    unhex(iv, "000102030405060708090a0b0c0d0e0f");
    unhex(plain, plain_hex);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct csc_part parts[] = {{"header", 6}, {got, sizeof(got)}};
        /* What lies behind the 16 bytes that AES-128 takes may not matter. */
        uint8_t encryption_key[CSC_SYMKEY_SIZE] = {0};
        size_t size = 0;
        csc_symkey *key;

        memset(encryption_key, 0xee, sizeof(encryption_key));
        unhex(encryption_key, cases[i].key);
        unhex(want, cases[i].ciphertext);
        key = new_key(cases[i].cipher, encryption_key);
        csc_symkey_encrypt(key, iv, "header", 6, plain, sizeof(plain), got, tag);
        IS_MEM(got, want, sizeof(want), "%s-CBC, SP 800-38A appendix F.2", cases[i].name);
        csc_hmac_sha256(expected, mac_key, sizeof(mac_key), parts, 2);
        IS_MEM(tag, expected, sizeof(tag), "the tag is the HMAC of header and ciphertext");
        IS_INT(csc_symkey_decrypt(key, iv, "header", 6, got, sizeof(got), tag, back, &size), CSC_OK, "it decrypts");
        IS_INT(size, sizeof(plain), "to as many bytes");
        IS_MEM(back, plain, sizeof(plain), "and the same");
        csc_symkey_free(key);
    }
}

static void test_lengths(enum csc_cipher cipher) {
    const uint8_t encryption_key[CSC_SYMKEY_SIZE] = {7}, iv[CSC_CBC_IV] = {9};
    csc_symkey *key = new_key(cipher, encryption_key);
    unsigned wrong = 0;

    for (size_t size = 0; size <= PLAIN_MAX; size++) {
        uint8_t plain[PLAIN_MAX] = {0}, apart[CSC_CBC_LENGTH(PLAIN_MAX) + 1], in_place[CSC_CBC_LENGTH(PLAIN_MAX)];
        uint8_t tag[CSC_SHA256_SIZE], tag2[CSC_SHA256_SIZE];
        size_t length = CSC_CBC_LENGTH(size), got = 0;

        for (size_t i = 0; i < size; i++)
            plain[i] = (uint8_t)(i + size);
        memcpy(in_place, plain, size);
        apart[length] = 0xa5;
        csc_symkey_encrypt(key, iv, NULL, 0, size > 0 ? plain : NULL, size, apart, tag);
        csc_symkey_encrypt(key, iv, NULL, 0, in_place, size, in_place, tag2);
        wrong += apart[length] != 0xa5 || memcmp(apart, in_place, length) != 0 || memcmp(tag, tag2, sizeof(tag)) != 0;
        wrong += csc_symkey_decrypt(key, iv, NULL, 0, in_place, length, tag, in_place, &got) != CSC_OK || got != size ||
                 memcmp(in_place, plain, size) != 0;
    }
    IS_INT(wrong, 0, "0 to %d bytes are encrypted and decrypted, in place too", PLAIN_MAX);
    csc_symkey_free(key);
}

static void test_forgeries(void) {
    const uint8_t encryption_key[CSC_SYMKEY_SIZE] = {7}, iv[CSC_CBC_IV] = {9};
    csc_symkey *key = new_key(CSC_AES_256_CBC, encryption_key);
    uint8_t whole[8 + 32 + CSC_SHA256_SIZE] = "header8";
    uint8_t *ciphertext = whole + 8, *tag = whole + 40;
    uint8_t out[32], untouched[32];
    size_t size = 77;
    unsigned accepted = 0;

    memset(out, 0xa5, sizeof(out));
    memset(untouched, 0xa5, sizeof(untouched));
    csc_symkey_encrypt(key, iv, whole, 8, "twenty bytes of text", 20, ciphertext, tag);
    for (size_t bit = 0; bit < 8 * sizeof(whole); bit++) {
        whole[bit / 8] ^= (uint8_t)(1u << bit % 8);
        accepted += csc_symkey_decrypt(key, iv, whole, 8, ciphertext, 32, tag, out, &size) != CSC_ERR_VERIFY;
        whole[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    IS_INT(accepted, 0, "one changed bit of header, ciphertext or tag is refused");
    for (size_t length = 0; length < 32; length++)
        accepted += csc_symkey_decrypt(key, iv, whole, 8, ciphertext, length, tag, out, &size) != CSC_ERR_VERIFY;
    IS_INT(accepted, 0, "and so is a part of the ciphertext");
    IS_INT(csc_symkey_decrypt(key, iv, whole, 7, ciphertext, 32, tag, out, &size), CSC_ERR_VERIFY,
           "and a part of the header");
    IS_MEM(out, untouched, sizeof(out), "nothing was decrypted");
    IS_INT(size, 77, "and no length given");
    IS_INT(csc_symkey_decrypt(key, iv, whole, 8, ciphertext, 32, tag, out, &size), CSC_OK, "the message is taken");
    IS_INT(size, 20, "with its length");
    csc_symkey_free(key);
}

/* Gives the last block of TEXT a valid MAC as the end of a ciphertext, and tells what decrypting says. */
static int open_padding(const csc_symkey *key, const uint8_t text[32]) {
    const uint8_t iv[CSC_CBC_IV] = {1};
    uint8_t ciphertext[48], tag[CSC_SHA256_SIZE], out[32];
    const struct csc_part part = {ciphertext, 32};
    size_t size = 0;
    static const uint8_t zero[32];
    int rc;

    csc_symkey_encrypt(key, iv, NULL, 0, text, 32, ciphertext, tag);
    csc_hmac_sha256(tag, mac_key, sizeof(mac_key), &part, 1);
    rc = csc_symkey_decrypt(key, iv, NULL, 0, ciphertext, 32, tag, out, &size);
    if (rc != CSC_OK)
        IS_MEM(out, zero, sizeof(zero), "what was decrypted is wiped");
    return rc;
}

static void test_padding(void) {
    const uint8_t encryption_key[CSC_SYMKEY_SIZE] = {7};
    csc_symkey *key = new_key(CSC_AES_128_CBC, encryption_key);
    uint8_t text[32];

    memset(text, 0, sizeof(text));
    IS_INT(open_padding(key, text), CSC_ERR_VERIFY, "padding of 0 is refused");
    text[31] = 17;
    IS_INT(open_padding(key, text), CSC_ERR_VERIFY, "padding of 17 is refused");
    text[31] = 255;
    IS_INT(open_padding(key, text), CSC_ERR_VERIFY, "padding of 255 is refused");
    text[31] = 2;
    IS_INT(open_padding(key, text), CSC_ERR_VERIFY, "padding that is not all alike is refused");
    text[30] = 2;
    IS_INT(open_padding(key, text), CSC_OK, "padding of 2 is taken");
    memset(text + 16, 16, 16);
    IS_INT(open_padding(key, text), CSC_OK, "padding of 16 is taken");
    text[16] = 15;
    IS_INT(open_padding(key, text), CSC_ERR_VERIFY, "unless its first byte is another");
    csc_symkey_free(key);
}

/* What has a valid MAC but is no ciphertext. */
static void test_no_blocks(void) {
    const uint8_t encryption_key[CSC_SYMKEY_SIZE] = {7}, iv[CSC_CBC_IV] = {1};
    csc_symkey *key = new_key(CSC_AES_256_CBC, encryption_key);
    uint8_t ciphertext[3 * CSC_CBC_BLOCK] = {0}, tag[CSC_SHA256_SIZE], out[4 * CSC_CBC_BLOCK];
    size_t size = 77;

    /* Read as padding, what stands before the output would do. */
    memset(out, 1, sizeof(out));
    for (size_t length = 0; length < 2 * CSC_CBC_BLOCK; length += length == 0 ? 1 : 7) {
        const struct csc_part part = {ciphertext, length};

        csc_hmac_sha256(tag, mac_key, sizeof(mac_key), &part, 1);
        IS_INT(csc_symkey_decrypt(key, iv, NULL, 0, ciphertext, length, tag, out + CSC_CBC_BLOCK, &size),
               CSC_ERR_VERIFY, "%zu bytes are no ciphertext", length);
        IS_INT(size, 77, "and have no length");
    }
    csc_symkey_free(key);
}

static void *use_key(void *arg) {
    const csc_symkey *key = arg;
    const uint8_t iv[CSC_CBC_IV] = {3};
    uint8_t text[CSC_CBC_LENGTH(100)] = {0}, tag[CSC_SHA256_SIZE];
    size_t size = 0;
    int rc = CSC_OK;

    for (int i = 0; i < 200 && rc == CSC_OK; i++) {
        csc_symkey_encrypt(key, iv, &i, sizeof(i), text, 100, text, tag);
        rc = csc_symkey_decrypt(key, iv, &i, sizeof(i), text, sizeof(text), tag, text, &size);
    }
    return rc == CSC_OK && size == 100 ? NULL : arg;
}

static void test_threads(void) {
    const uint8_t encryption_key[CSC_SYMKEY_SIZE] = {7};
    csc_symkey *key = new_key(CSC_AES_256_CBC, encryption_key);
    pthread_t threads[4];
    unsigned started = 0, failed = 0;

    while (started < 4 && pthread_create(&threads[started], NULL, use_key, key) == 0)
        started++;
    for (unsigned i = 0; i < started; i++) {
        void *result = NULL;

        failed += pthread_join(threads[i], &result) != 0 || result != NULL;
    }
    IS_INT(started, 4, "four threads run");
    IS_INT(failed, 0, "and share one key");
    csc_symkey_free(key);
}

/* A key for one direction does in it what one for both does. */
static void test_one_direction(enum csc_cipher cipher) {
    const uint8_t encryption_key[CSC_SYMKEY_SIZE] = "and so has the key of the cipher";
    const uint8_t iv[CSC_CBC_IV] = "16 bytes of IV.";
    uint8_t want[32], want_tag[CSC_SHA256_SIZE], got[32], tag[CSC_SHA256_SIZE];
    csc_symkey *both = new_key(cipher, encryption_key), *one = NULL;
    size_t size = 0;

    csc_symkey_encrypt(both, iv, "header", 6, "some plain text", 15, want, want_tag);
    IS_INT(csc_symkey_new_for(&one, CSC_SYMKEY_ENCRYPT, cipher, encryption_key, mac_key), CSC_OK,
           "a key to encrypt is made");
    csc_symkey_encrypt(one, iv, "header", 6, "some plain text", 15, got, tag);
    IS_MEM(got, want, 16, "and encrypts the same");
    IS_MEM(tag, want_tag, sizeof(tag), "with the same tag");
    csc_symkey_free(one);
    IS_INT(csc_symkey_new_for(&one, CSC_SYMKEY_DECRYPT, cipher, encryption_key, mac_key), CSC_OK,
           "a key to decrypt is made");
    IS_INT(csc_symkey_decrypt(one, iv, "header", 6, want, 16, want_tag, got, &size), CSC_OK, "and decrypts that");
    IS_INT(size, 15, "to what it was made of");
    IS_MEM(got, "some plain text", 15, "byte for byte");
    csc_symkey_free(one);
    csc_symkey_free(both);
}

int main(void) {
    csc_symkey *none = NULL;

    test_known_answers();
    test_lengths(CSC_AES_128_CBC);
    test_lengths(CSC_AES_256_CBC);
    test_forgeries();
    test_padding();
    test_no_blocks();
    test_threads();
    test_one_direction(CSC_AES_128_CBC);
    test_one_direction(CSC_AES_256_CBC);
    IS_INT(csc_symkey_new_for(&none, (enum csc_symkey_use)7, CSC_AES_256_CBC, mac_key, mac_key), CSC_ERR_ARGUMENT,
           "no other use is known");
    IS_INT(csc_symkey_new(&none, (enum csc_cipher)7, mac_key, mac_key), CSC_ERR_ARGUMENT, "no other cipher is known");
    csc_symkey_free(NULL);
    return tap_done();
}
