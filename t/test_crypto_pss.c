/* crypto/pss.c (RFC 8017 section 8.1), against an encoder of the test's own that can also make every mistake, and
 * against answers known from elsewhere. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "crypto/rsa_key.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <string.h>

#include <gmp.h>

#define HASH    CSC_SHA256_SIZE
#define MESSAGE "attack at dawn"

static const struct csc_part message = {MESSAGE, sizeof(MESSAGE) - 1};

/* ---- both halves together ---- */

static void refused(const csc_public_key *key, const uint8_t *signature, size_t size, const char *why) {
    IS_INT(csc_pss_verify(key, &message, 1, signature, size), CSC_ERR_SIGNATURE, "refused: %s", why);
}

/* A bit at each end of each byte of SIGNATURE, and each bit of some of them. */
static void test_bits(const csc_public_key *key, uint8_t *signature) {
    const size_t size = csc_public_key_size(key);
    unsigned taken = 0, tried = 0;

    for (size_t i = 0; i < 8 * size; i++) {
        const uint8_t mask = (uint8_t)(1u << i % 8);

        if (i % 8 != 0 && i % 8 != 7 && i / 8 % 64 != 0)
            continue;
        signature[i / 8] ^= mask;
        taken += csc_pss_verify(key, &message, 1, signature, size) == CSC_OK;
        signature[i / 8] ^= mask;
        tried++;
    }
    IS_INT(taken, 0, "none of %u signatures with one bit changed is good", tried);
}

static void test_message(const csc_public_key *key, const uint8_t *signature) {
    char other[] = MESSAGE;
    const struct csc_part changed = {other, sizeof(MESSAGE) - 1}, shorter = {MESSAGE, sizeof(MESSAGE) - 2};
    unsigned taken = 0;

    for (size_t i = 0; i < 8 * (sizeof(MESSAGE) - 1); i++) {
        other[i / 8] ^= (char)(1 << i % 8);
        taken += csc_pss_verify(key, &changed, 1, signature, csc_public_key_size(key)) == CSC_OK;
        other[i / 8] ^= (char)(1 << i % 8);
    }
    IS_INT(taken, 0, "it is good for no message with one bit changed");
    IS_INT(csc_pss_verify(key, &shorter, 1, signature, csc_public_key_size(key)), CSC_ERR_SIGNATURE,
           "nor for a shorter one");
    IS_INT(csc_pss_verify(key, NULL, 0, signature, csc_public_key_size(key)), CSC_ERR_SIGNATURE, "nor for nothing");
}

static void test_round_trip(const csc_private_key *key) {
    const struct csc_part pieces[] = {{MESSAGE, 6}, {NULL, 0}, {&MESSAGE[6], sizeof(MESSAGE) - 1 - 6}};
    uint8_t signature[CSC_RSA_MAX_SIZE + 1] = {0}, again[CSC_RSA_MAX_SIZE];
    csc_public_key *public_key = public_of(key);
    const size_t size = csc_private_key_size(key);

    IS_INT(csc_pss_sign(key, &message, 1, signature), CSC_OK, "a key of %u bits signs",
           csc_public_key_bits(public_key));
    IS_INT(csc_pss_verify(public_key, &message, 1, signature, size), CSC_OK, "and its public half agrees");
    IS_INT(csc_pss_verify(public_key, pieces, 3, signature, size), CSC_OK, "to the same in pieces");
    IS_INT(csc_pss_sign(key, pieces, 3, again), CSC_OK, "which sign too");
    IS_INT(csc_pss_verify(public_key, &message, 1, again, size), CSC_OK, "for the whole");
    OK(memcmp(signature, again, size) != 0, "with another signature");
    IS_INT(csc_pss_sign(key, NULL, 0, again), CSC_OK, "nothing is signed");
    IS_INT(csc_pss_verify(public_key, NULL, 0, again, size), CSC_OK, "and verified");
    test_bits(public_key, signature);
    test_message(public_key, signature);
    refused(public_key, signature, size - 1, "a byte missing at the end");
    refused(public_key, signature + 1, size - 1, "a byte missing at the beginning");
    refused(public_key, signature, size + 1, "a byte too many");
    memmove(signature + 1, signature, size);
    signature[0] = 0;
    refused(public_key, signature, size + 1, "a zero in front");
    refused(public_key, signature, 0, "nothing at all");
    refused(public_key, NULL, 0, "no signature");
    csc_public_key_free(public_key);
}

static void test_sizes(void) {
    static const unsigned sizes[] = {2048, 3072, 4096};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        csc_private_key *key = NULL;

        if (IS_INT(csc_private_key_generate(&key, sizes[i]), CSC_OK, "a key of %u bits", sizes[i]))
            test_round_trip(key);
        csc_private_key_free(key);
    }
}

/* ---- an encoder that errs ---- */

/* What an encoded message (RFC 8017 section 9.1.1) is made with. */
struct encoding {
    size_t salt;      /* bytes */
    uint8_t padding;  /* value of the last octet before the 01 */
    uint8_t one;      /* value of that 01 */
    uint8_t trailer;  /* bc */
    uint8_t top;      /* bits to set in the first octet, masked already */
    uint8_t spoiled;  /* bits to change in the hash */
    const char *body; /* what is signed */
};

/* RFC 8017 appendix B.2.1, from its text. */
static void mgf1_xor(uint8_t *target, size_t size, const uint8_t *seed) {
    for (size_t done = 0, counter = 0; done < size; counter++) {
        const uint8_t number[4] = {0, 0, (uint8_t)(counter >> 8), (uint8_t)counter};
        const struct csc_part parts[] = {{seed, HASH}, {number, sizeof(number)}};
        uint8_t block[HASH];

        csc_sha256(block, parts, 2);
        for (size_t i = 0; i < HASH && done < size; i++)
            target[done++] ^= block[i];
    }
}

/* Encodes to the SIZE octets at EM, for a modulus of as many full octets. */
static void encode(uint8_t *em, size_t size, const struct encoding *with) {
    static const uint8_t zeros[8], salt[CSC_RSA_MAX_SIZE] = {0x5a, 1, 2, 3};
    const struct csc_part body = {with->body, strlen(with->body)};
    uint8_t body_hash[HASH], *hash = em + size - HASH - 1;
    const struct csc_part parts[] = {{zeros, sizeof(zeros)}, {body_hash, HASH}, {salt, with->salt}};
    const size_t mask_size = size - HASH - 1;

    csc_sha256(body_hash, &body, 1);
    csc_sha256(hash, parts, 3);
    hash[HASH / 2] ^= with->spoiled;
    memset(em, 0, mask_size);
    em[mask_size - with->salt - 2] = with->padding;
    em[mask_size - with->salt - 1] = with->one;
    memcpy(em + mask_size - with->salt, salt, with->salt);
    mgf1_xor(em, mask_size, hash);
    em[0] = (uint8_t)((em[0] & 0x7f) | with->top);
    em[size - 1] = with->trailer;
}

/* EM to the power of d. */
static void sign_raw(const csc_private_key *key, uint8_t *signature, const uint8_t *em, size_t size) {
    mpz_t x;

    mpz_init(x);
    mpz_import(x, size, 1, 1, 0, 0, em);
    mpz_powm(x, x, key->numbers.d, key->public_half.numbers.n);
    memset(signature, 0, size);
    mpz_export(signature + size - (mpz_sizeinbase(x, 2) + 7) / 8, NULL, 1, 1, 0, 0, x);
    mpz_clear(x);
}

static void test_defects(void) {
    static const struct {
        const char *what;
        int result;
        struct encoding with;
    } cases[] = {
        {"as it should be", CSC_OK, {HASH, 0, 1, 0xbc, 0, 0, MESSAGE}},
        {"no salt", CSC_ERR_SIGNATURE, {0, 0, 1, 0xbc, 0, 0, MESSAGE}},
        {"20 bytes of salt", CSC_ERR_SIGNATURE, {20, 0, 1, 0xbc, 0, 0, MESSAGE}},
        {"31 bytes of salt", CSC_ERR_SIGNATURE, {HASH - 1, 0, 1, 0xbc, 0, 0, MESSAGE}},
        {"33 bytes of salt", CSC_ERR_SIGNATURE, {HASH + 1, 0, 1, 0xbc, 0, 0, MESSAGE}},
        {"as much salt as fits", CSC_ERR_SIGNATURE, {256 - HASH - 3, 0, 1, 0xbc, 0, 0, MESSAGE}},
        {"an octet of the padding is not zero", CSC_ERR_SIGNATURE, {HASH, 1, 1, 0xbc, 0, 0, MESSAGE}},
        {"the one is a zero", CSC_ERR_SIGNATURE, {HASH, 0, 0, 0xbc, 0, 0, MESSAGE}},
        {"the one is a two", CSC_ERR_SIGNATURE, {HASH, 0, 2, 0xbc, 0, 0, MESSAGE}},
        {"another trailer", CSC_ERR_SIGNATURE, {HASH, 0, 1, 0xcc, 0, 0, MESSAGE}},
        {"the trailer has another bit", CSC_ERR_SIGNATURE, {HASH, 0, 1, 0xbd, 0, 0, MESSAGE}},
        {"the top bit is set", CSC_ERR_SIGNATURE, {HASH, 0, 1, 0xbc, 0x80, 0, MESSAGE}},
        {"the hash is another", CSC_ERR_SIGNATURE, {HASH, 0, 1, 0xbc, 0, 0x10, MESSAGE}},
        {"the message is another", CSC_ERR_SIGNATURE, {HASH, 0, 1, 0xbc, 0, 0, "attack at dusk"}},
    };
    csc_private_key *key = load_key("adam.pem");
    csc_public_key *public_key = public_of(key);
    const size_t size = csc_private_key_size(key);
    uint8_t em[CSC_RSA_MAX_SIZE], signature[CSC_RSA_MAX_SIZE];

    IS_INT(size, 256, "the key has 2048 bits");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        encode(em, size, &cases[i].with);
        sign_raw(key, signature, em, size);
        IS_INT(csc_pss_verify(public_key, &message, 1, signature, size), cases[i].result, "encoded: %s", cases[i].what);
    }
    csc_public_key_free(public_key);
    csc_private_key_free(key);
}

/* Numbers that are no signature. */
static void test_numbers(void) {
    csc_private_key *key = load_key("eve.pem"), *other = load_key("mallory.pem");
    csc_public_key *public_key = public_of(key), *other_public = public_of(other);
    const size_t size = csc_public_key_size(public_key);
    uint8_t signature[CSC_RSA_MAX_SIZE] = {0};
    mpz_t x;

    refused(public_key, signature, size, "zero");
    signature[size - 1] = 1;
    refused(public_key, signature, size, "one");
    memset(signature, 0xff, size);
    refused(public_key, signature, size, "the largest number of its length");
    mpz_init(x);
    for (unsigned less = 0; less < 2; less++) {
        mpz_sub_ui(x, public_key->numbers.n, less);
        mpz_export(signature, NULL, 1, 1, 0, 0, x);
        refused(public_key, signature, size, less ? "the modulus less one" : "the modulus");
    }
    /* A good one plus the modulus is the same number to who does not look; there is room when it is small. */
    do {
        if (csc_pss_sign(key, &message, 1, signature) != CSC_OK)
            break;
        mpz_import(x, size, 1, 1, 0, 0, signature);
        mpz_add(x, x, public_key->numbers.n);
    } while (mpz_sizeinbase(x, 2) > 8 * size);
    IS_INT(csc_pss_verify(public_key, &message, 1, signature, size), CSC_OK, "a small signature is good");
    IS_INT(csc_pss_verify(other_public, &message, 1, signature, csc_public_key_size(other_public)), CSC_ERR_SIGNATURE,
           "but not another's");
    mpz_export(signature, NULL, 1, 1, 0, 0, x);
    refused(public_key, signature, size, "the same plus the modulus");
    mpz_clear(x);
    csc_public_key_free(public_key);
    csc_public_key_free(other_public);
    csc_private_key_free(key);
    csc_private_key_free(other);
}

/* ---- known answers ---- */

/* The key and three good signatures of project Wycheproof's rsa_pss_2048_sha256_mgf1_32: tests 1, 3 and 5. */
static const char known_key[] = "-----BEGIN PUBLIC KEY-----\n"
                                "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAorRRoH0KpfluRVZxUTVQ\n"
                                "UUqKW0YuvvcXCU+h/ugiJOY3+XRtP3yv0xh42AMltu9aFwD2WQO0aUKeidbqyIRQ\n"
                                "l7WrOTGJ25JRLtincRoSU/rNIPecFegkfz0+QuRuSMmOJUov6XZTE6A+/48X4aAp\n"
                                "OXofomqNzib0kO2BKZYV2YFMItphBCjgnH2WWFlCZvXAIdD87KCNlFoSvoLeTR7O\n"
                                "a0wDFFtdNJXU7VQR64eNrwX9evw+Ca2g8RJkIvWQl1oZaYFvSGmLy7obTZyuedRg\n"
                                "2Pn4Xnl1AF2bwixOWsD3waRdElaaYoB9O5oC5aUw53MGb0U9H1tMLpz3ggKD90K5\n"
                                "1QIDAQAB\n"
                                "-----END PUBLIC KEY-----\n";

static const struct {
    const char *message, *signature;
} known[] = {
    {"", "4f01e0c12b08625ecac89a69231906edf826380f37c959a96690d046316d68ffce9d5c471694fcebfc6b45534864689256e4fc81"
         "c78e583f675d0c94b449647451e81beff01a11a516d5e5ce3f1a910437cb8a3a5096b19fb15f4524a35b23d89cdba12cf5b71aac"
         "1047b28c562df7c5542c34ce23a182cf7e0e231934b17294799d44877a1d68ef1b8f073619b7618e6b7c22db20030d98cf591ffc"
         "3d4da5f58613ecd5ecfc3b40a1d02f40891ca43695cd4c088b05a8054c89c595a47e274816f35384226f74459ee63e25a1bfc03c"
         "360490552ec38343f8ace502f065303b00bc0ec320711b211fde92e57feb9013c3609342495ec0d7cabdec21e54acc38"},
    {"Test", "401eb03cdb47ca88033e3030f6bdecbac8f5c8fc1dd6a13d23d379ed9a2b309891d13d74fea9d21d159b9e6d8f37efa2489962e2"
             "4555f56dd434ff1d31ce4f9f5abd3f22cbea8b691d6a11e44efb83e2bca155e6a164325e0fde2a8865afd5c9f51161a9d615f62a"
             "f7ec2e31b3e5ab649c164490d31d88cfae35b84aea7925690f929a144b6d2f48e8fb894a52deecd1b9a6496990c4ecf1588699a4"
             "2cacd10c53af350514e4291ea9a058e77f101e32c1c0cefa61d945f7bc931f8bd19e7ba3169358a60e5a8b0123bc3199b9fdcafe"
             "8e519c41ba675491a27b85e44ef2d77277c10fe107293c8290186913bc9a99b640d8da041b64f31eab1d35920985f4a5"},
    {"Message",
     "599724adc1bae31e84eb6e1399cd90cd67f48b432c63719b600402384aaea9b21ee864cdcf259029180877c847a223912b0647f0"
     "66a59a65df6c2d3a6675b1450f0b05185cee486bfac56cfded182babcefe60568a6954f026cb2f59002a2f755e9bce49793f280d"
     "89822c9bd3a06a7ad2209c3d6cab7c1f74c8bbf4bf374e7ae8a539fccb83a78cff96a4f538adeba0869659d0e9647d98f96cb55d"
     "9cb7e58440c4c9d85b8e9dc602e909e29e45f2b82ded44f40e9ceb1292da20063967e3a116f4aeb202863cea523f215b8ec7fc4f"
     "6a22cd8652ed661e33803f3fa1be966fa8754cc7b0fa894cee0f045efba14c4f4a1d7cb837cea69e30522526b8a5878f"},
};

static void test_known_answers(void) {
    csc_public_key *key = NULL;

    if (!IS_INT(csc_public_key_from_pem(&key, known_key, strlen(known_key)), CSC_OK, "the known key is read"))
        return;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct csc_part part = {known[i].message, strlen(known[i].message)};
        uint8_t signature[CSC_RSA_MAX_SIZE];
        size_t size = unhex(signature, known[i].signature);

        IS_INT(csc_pss_verify(key, &part, 1, signature, size), CSC_OK, "a known signature of \"%s\"", known[i].message);
        signature[size - 1] ^= 1;
        IS_INT(csc_pss_verify(key, &part, 1, signature, size), CSC_ERR_SIGNATURE, "and not with a bit changed");
    }
    csc_public_key_free(key);
}

static void test_hash(void) {
    csc_private_key *key = load_key("adam.pem");
    csc_public_key *public_key = public_of(key);
    char fingerprint[CSC_FINGERPRINT_SIZE], text[CSC_BASE64_LENGTH(HASH)];
    uint8_t hash[HASH];

    csc_public_key_fingerprint(public_key, fingerprint);
    csc_public_key_hash(public_key, hash);
    csc_base64_encode(text, hash, HASH);
    IS_MEM(fingerprint + strlen("SHA256:"), text, sizeof(text) - 1, "a fingerprint shows the hash of its key");
    csc_public_key_free(public_key);
    csc_private_key_free(key);
}

int main(void) {
    test_sizes();
    test_defects();
    test_numbers();
    test_known_answers();
    test_hash();
    return tap_done();
}
