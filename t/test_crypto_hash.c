/* crypto/hash.c: SHA-256 (FIPS 180-4), HMAC (RFC 4231), HKDF (RFC 5869). */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <stdlib.h>
#include <string.h>

static void test_sha256(void) {
    static const struct {
        const char *message, *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    static const char lots[1000] = {0};
    struct csc_part parts[1000];
    uint8_t got[CSC_SHA256_SIZE], want[CSC_SHA256_SIZE];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct csc_part whole = {cases[i].message, strlen(cases[i].message)};
        const struct csc_part pieces[] = {{cases[i].message, whole.size / 3},
                                          {NULL, 0},
                                          {cases[i].message + whole.size / 3, whole.size - whole.size / 3}};

        unhex(want, cases[i].digest);
        csc_sha256(got, &whole, 1);
        IS_MEM(got, want, sizeof(want), "SHA-256 of \"%s\"", cases[i].message);
        csc_sha256(got, pieces, 3);
        IS_MEM(got, want, sizeof(want), "the same in parts, one of them empty");
    }
    unhex(want, cases[0].digest);
    csc_sha256(got, NULL, 0);
    IS_MEM(got, want, sizeof(want), "no part at all is the empty message");

    char *thousand = memset(malloc(sizeof(lots)), 'a', sizeof(lots));
    for (size_t i = 0; i < 1000; i++)
        parts[i] = (struct csc_part){thousand, sizeof(lots)};
    unhex(want, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    csc_sha256(got, parts, 1000);
    IS_MEM(got, want, sizeof(want), "SHA-256 of a million \"a\" in a thousand parts");
    free(thousand);
}

static void test_sha256_stream(void) {
    csc_sha256_stream *stream;
    uint8_t got[CSC_SHA256_SIZE], want[CSC_SHA256_SIZE];

    if (!IS_INT(csc_sha256_new(&stream), CSC_OK, "a stream begins"))
        return;
    csc_sha256_add(stream, "a", 1);
    csc_sha256_add(stream, NULL, 0);
    csc_sha256_add(stream, "bc", 2);
    csc_sha256_end(stream, got);
    csc_sha256(want, &(struct csc_part){"abc", 3}, 1);
    IS_MEM(got, want, sizeof(want), "its hash is that of all its bytes");
    csc_sha256_end(stream, got);
    csc_sha256(want, NULL, 0);
    IS_MEM(got, want, sizeof(want), "and then it begins anew");
    csc_sha256_free(stream);
    csc_sha256_free(NULL);
}

/* Each byte of the key or message in hexadecimal; REPEAT of it. */
static const struct {
    const char *name;
    const char *key;
    size_t key_repeat;
    const char *data;
    size_t data_repeat;
    const char *tag;
} hmac_cases[] = {
    {"1", "0b", 20, "4869205468657265", 1, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"2", "4a656665", 1, "7768617420646f2079612077616e7420666f72206e6f7468696e673f", 1,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"3", "aa", 20, "dd", 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"4", "0102030405060708090a0b0c0d0e0f10111213141516171819", 1, "cd", 50,
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {"6", "aa", 131,
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374", 1,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"7", "aa", 131,
     "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e64206120"
     "6c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f2062652068617368656420"
     "6265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
     1, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static size_t repeat(uint8_t *out, const char *hex, size_t times) {
    size_t size = 0;

    while (times-- > 0)
        size += unhex(out + size, hex);
    return size;
}

static void test_hmac(void) {
    for (size_t i = 0; i < sizeof(hmac_cases) / sizeof(hmac_cases[0]); i++) {
        uint8_t key[256], data[256], want[CSC_SHA256_SIZE], got[CSC_SHA256_SIZE];
        size_t key_size = repeat(key, hmac_cases[i].key, hmac_cases[i].key_repeat);
        size_t size = repeat(data, hmac_cases[i].data, hmac_cases[i].data_repeat);
        const struct csc_part parts[] = {{data, 1}, {data + 1, size - 1}};
        unsigned accepted = 0;

        unhex(want, hmac_cases[i].tag);
        csc_hmac_sha256(got, key, key_size, parts, 2);
        IS_MEM(got, want, sizeof(want), "HMAC-SHA256, RFC 4231 case %s", hmac_cases[i].name);
        IS_INT(csc_hmac_sha256_verify(want, key, key_size, parts, 2), CSC_OK, "its tag is taken");
        for (size_t bit = 0; bit < 8 * sizeof(want); bit++) {
            want[bit / 8] ^= (uint8_t)(1u << bit % 8);
            accepted += csc_hmac_sha256_verify(want, key, key_size, parts, 2) != CSC_ERR_VERIFY;
            want[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        IS_INT(accepted, 0, "and none with one bit changed");
    }
}

static void test_hmac_empty(void) {
    uint8_t want[CSC_SHA256_SIZE], got[CSC_SHA256_SIZE];

    unhex(want, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    csc_hmac_sha256(got, NULL, 0, NULL, 0);
    IS_MEM(got, want, sizeof(want), "HMAC-SHA256 of nothing with an empty key");
}

static const struct {
    const char *ikm, *salt, *info, *prk, *okm;
} hkdf_cases[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
     "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
     "38393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f9091929394959697"
     "98999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7"
     "e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8"
     "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

static void test_hkdf(void) {
    for (size_t i = 0; i < sizeof(hkdf_cases) / sizeof(hkdf_cases[0]); i++) {
        uint8_t ikm[128], salt[128], info[128], want[128], okm[128], prk[CSC_SHA256_SIZE];
        size_t ikm_size = unhex(ikm, hkdf_cases[i].ikm);
        size_t salt_size = unhex(salt, hkdf_cases[i].salt);
        size_t info_size = unhex(info, hkdf_cases[i].info);
        size_t size;

        unhex(want, hkdf_cases[i].prk);
        csc_hkdf_extract(prk, salt_size > 0 ? salt : NULL, salt_size, ikm, ikm_size);
        IS_MEM(prk, want, sizeof(prk), "HKDF-Extract, RFC 5869 case %zu", i + 1);
        size = unhex(want, hkdf_cases[i].okm);
        IS_INT(csc_hkdf_expand(okm, size, prk, info_size > 0 ? info : NULL, info_size), CSC_OK, "HKDF-Expand works");
        IS_MEM(okm, want, size, "HKDF-Expand, case %zu", i + 1);
    }
}

static void test_hkdf_limit(void) {
    const uint8_t prk[CSC_SHA256_SIZE] = {1};
    uint8_t *all = calloc(1, CSC_HKDF_MAX + 1);
    uint8_t *less = calloc(1, CSC_HKDF_MAX);
    const uint8_t number = 255;
    const struct csc_part parts[] = {{all + CSC_HKDF_MAX - 2 * CSC_SHA256_SIZE, CSC_SHA256_SIZE}, {&number, 1}};
    uint8_t last[CSC_SHA256_SIZE];

    IS_INT(csc_hkdf_expand(all, CSC_HKDF_MAX + 1, prk, NULL, 0), CSC_ERR_TOO_LONG,
           "one byte over 255 blocks is refused");
    IS_INT(all[0], 0, "and nothing is written");
    IS_INT(csc_hkdf_expand(all, CSC_HKDF_MAX, prk, NULL, 0), CSC_OK, "255 blocks are given");
    csc_hmac_sha256(last, prk, sizeof(prk), parts, 2);
    IS_MEM(all + CSC_HKDF_MAX - CSC_SHA256_SIZE, last, sizeof(last), "the last one is number 255");
    IS_INT(csc_hkdf_expand(less, 33, prk, NULL, 0), CSC_OK, "33 bytes are given");
    IS_MEM(less, all, 33, "and are the first of the longer output");
    IS_INT(less[33], 0, "and no more is written");
    IS_INT(csc_hkdf_expand(NULL, 0, prk, NULL, 0), CSC_OK, "no byte at all is given");
    free(all);
    free(less);
}

int main(void) {
    test_sha256();
    test_sha256_stream();
    test_hmac();
    test_hmac_empty();
    test_hkdf();
    test_hkdf_limit();
    return tap_done();
}
