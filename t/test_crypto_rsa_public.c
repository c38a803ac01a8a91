/* crypto/spki.c, pem.c, fingerprint.c and the public half of rsa_key.c and rsa_pem.c: what is a key, and what is not.
 */
#include <config.h>

#include "crypto/cscrypto.h"
#include "crypto/rsa_key.h"
#include "t/crypto_der.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LABEL      "PUBLIC KEY"
#define TRIES      20
#define PEM_ENOUGH 1024

/* An operation with a key of 16,384 bits takes a second, and refusing one some microseconds. */
#define REFUSAL_SECONDS 0.01

static csc_public_key *adam;
static char adam_pem[PEM_ENOUGH];
static size_t adam_size;

static int parse(const char *text, size_t size) {
    csc_public_key *key = NULL;
    int rc = csc_public_key_from_pem(&key, text, size);

    csc_public_key_free(key);
    return rc;
}

static int parse_der(const struct der *der) {
    size_t size;
    const char *pem = der_pem(der, LABEL, &size);

    return parse(pem, size);
}

/* What is said of a key with modulus N and exponent E. */
static int parse_numbers(const mpz_t n, const mpz_t e) {
    static struct der key, spki;

    key.size = 0;
    der_number(&key, n);
    der_number(&key, e);
    der_wrap(&key, DER_SEQUENCE);
    der_public(&spki, &key, NULL);
    return parse_der(&spki);
}

static void test_numbers(void) {
    static const struct {
        unsigned bits;
        int even;
        const char *exponent;
        int rc;
        const char *what;
    } cases[] = {
        {2048, 0, "10001", CSC_OK, "2048 bits"},
        {2049, 0, "10001", CSC_OK, "2049 bits"},
        {4096, 0, "10001", CSC_OK, "4096 bits"},
        {2048, 0, "ffffffff", CSC_OK, "an exponent of 32 bits"},
        {2047, 0, "10001", CSC_ERR_KEY_SIZE, "2047 bits"},
        {1024, 0, "10001", CSC_ERR_KEY_SIZE, "1024 bits"},
        {4097, 0, "10001", CSC_ERR_KEY_SIZE, "4097 bits"},
        {16384, 0, "10001", CSC_ERR_KEY_SIZE, "16384 bits"},
        {2048, 1, "10001", CSC_ERR_KEY_INVALID, "an even modulus"},
        {2048, 0, "0", CSC_ERR_KEY_INVALID, "exponent 0"},
        {2048, 0, "1", CSC_ERR_KEY_INVALID, "exponent 1"},
        {2048, 0, "3", CSC_ERR_KEY_INVALID, "exponent 3"},
        {2048, 0, "ffff", CSC_ERR_KEY_INVALID, "exponent 65535"},
        {2048, 0, "10002", CSC_ERR_KEY_INVALID, "an even exponent"},
        {2048, 0, "100000001", CSC_ERR_KEY_INVALID, "an exponent of 33 bits"},
        {2048, 0, "1000000000000000000000000000000000000000000000001", CSC_ERR_KEY_INVALID, "an exponent of 193 bits"},
    };
    mpz_t n, e;

    mpz_init(n);
    mpz_init(e);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mpz_set_ui(n, 0);
        mpz_setbit(n, cases[i].bits - 1);
        mpz_add_ui(n, n, cases[i].even ? 2 : 0x77);
        mpz_set_str(e, cases[i].exponent, 16);
        IS_INT(parse_numbers(n, e), cases[i].rc, "%s: %s", cases[i].what, csc_strerror(cases[i].rc));
    }
    mpz_clear(n);
    mpz_clear(e);
}

static void test_cost(void) {
    mpz_t n, e;
    double seconds;
    clock_t start;
    int rc = CSC_OK;

    mpz_init(n);
    mpz_init(e);
    mpz_setbit(n, 16383);
    mpz_sub_ui(n, n, 1);
    mpz_setbit(n, 16383);
    mpz_sub_ui(e, n, 2);
    start = clock();
    for (int i = 0; i < TRIES; i++)
        rc = parse_numbers(n, e);
    seconds = (double)(clock() - start) / CLOCKS_PER_SEC / TRIES;
    IS_INT(rc, CSC_ERR_KEY_SIZE, "16384 bits of modulus and of exponent are refused");
    OK(seconds < REFUSAL_SECONDS, "without computing with them (%.0f us)", seconds * 1e6);
    mpz_clear(n);
    mpz_clear(e);
}

/* Adam's numbers, encoded otherwise than DER says. */
static void test_encoding(void) {
    static const struct {
        const char *algorithm, *n_prefix, *tail;
        int rc;
        const char *what;
    } cases[] = {
        {NULL, "02820101 00", "", CSC_OK, "the right encoding"},
        {NULL, "02820102 0000", "", CSC_ERR_FORMAT, "a zero octet too many"},
        {NULL, "0283000101 00", "", CSC_ERR_FORMAT, "a length with too many octets"},
        {NULL, "02820100", "", CSC_ERR_KEY_INVALID, "a negative modulus"},
        {NULL, "04820101 00", "", CSC_ERR_FORMAT, "an octet string as modulus"},
        {NULL, "02820101 00", "020101", CSC_ERR_FORMAT, "a third number"},
        {"300b06092a864886f70d010101", "02820101 00", "", CSC_ERR_FORMAT, "no parameters"},
        {"300d06092a864886f70d01010a0500", "02820101 00", "", CSC_ERR_KEY_TYPE, "RSA-PSS"},
        {"301306072a8648ce3d020106082a8648ce3d030107", "02820101 00", "", CSC_ERR_KEY_TYPE, "an elliptic curve"},
        {"3000", "02820101 00", "", CSC_ERR_FORMAT, "no algorithm"},
        {"0500", "02820101 00", "", CSC_ERR_FORMAT, "a null as algorithm"},
    };
    static struct der key, spki;
    uint8_t bytes[64], n[CSC_RSA_MAX_SIZE];

    mpz_export(n, NULL, 1, 1, 0, 0, adam->numbers.n);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        key.size = 0;
        der_raw(&key, bytes, unhex(bytes, cases[i].n_prefix));
        der_raw(&key, n, csc_public_key_size(adam));
        der_number(&key, adam->numbers.e);
        der_raw(&key, bytes, unhex(bytes, cases[i].tail));
        der_wrap(&key, DER_SEQUENCE);
        der_public(&spki, &key, cases[i].algorithm);
        IS_INT(parse_der(&spki), cases[i].rc, "%s: %s", cases[i].what, csc_strerror(cases[i].rc));
        if (cases[i].rc == CSC_OK) {
            der_raw(&spki, "", 1);
            IS_INT(parse_der(&spki), CSC_ERR_FORMAT, "unless something follows it");
        }
    }
}

static void test_every_cut(void) {
    static struct der cut;
    unsigned wrong = 0;

    for (size_t size = 1; size < adam_size; size++) {
        int rc = parse(adam_pem, size);

        /* The newline at the end may be missing. */
        wrong += rc != (size == adam_size - 1 ? CSC_OK : CSC_ERR_TRUNCATED);
    }
    IS_INT(wrong, 0, "a text cut anywhere is truncated");
    IS_INT(parse(adam_pem, 0), CSC_ERR_FORMAT, "an empty one is none");
    wrong = 0;
    for (size_t size = 1; size < adam->der_size; size++) {
        cut.size = 0;
        der_raw(&cut, adam->der, size);
        wrong += parse_der(&cut) != CSC_ERR_FORMAT;
    }
    IS_INT(wrong, 0, "DER that is cut anywhere is none");
}

/* A changed character makes another key or none; the same only where there was and is white space. */
static void test_every_change(void) {
    static const char others[] = "A/=-\n \x80z9";
    char text[PEM_ENOUGH], old[CSC_FINGERPRINT_SIZE], new[CSC_FINGERPRINT_SIZE];
    unsigned same = 0;

    csc_public_key_fingerprint(adam, old);
    for (size_t i = 0; i < adam_size; i++) {
        for (size_t j = 0; j < sizeof(others); j++) {
            csc_public_key *key = NULL;

            memcpy(text, adam_pem, adam_size);
            text[i] = others[j];
            if (text[i] == adam_pem[i] || csc_public_key_from_pem(&key, text, adam_size) != CSC_OK)
                continue;
            csc_public_key_fingerprint(key, new);
            if (strcmp(old, new) == 0)
                same += adam_pem[i] != '\n' || text[i] != ' ';
            csc_public_key_free(key);
        }
    }
    IS_INT(same, 0, "no changed character passes unnoticed");
}

/* FORMAT has "%s" where the PEM of Adam's key goes, or none. */
static void check_text(const char *format, int rc, const char *what) {
    char text[4 * PEM_ENOUGH];
    const char *place = strstr(format, "%s");
    size_t before = place != NULL ? (size_t)(place - format) : strlen(format);

    memcpy(text, format, before);
    if (place == NULL) {
        IS_INT(parse(text, before), rc, "%s: %s", what, csc_strerror(rc));
        return;
    }
    memcpy(text + before, adam_pem, adam_size);
    memcpy(text + before + adam_size, place + 2, strlen(place + 2));
    IS_INT(parse(text, before + adam_size + strlen(place + 2)), rc, "%s: %s", what, csc_strerror(rc));
}

static void test_text(void) {
    char twice[2 * PEM_ENOUGH], crlf[2 * PEM_ENOUGH];
    static char long_text[CSC_PEM_MAX + 1];
    size_t size = 0;

    check_text("%s", CSC_OK, "a block");
    check_text("\r\n \t%s\n\n ", CSC_OK, "white space around it");
    check_text("hello\n%s", CSC_ERR_FORMAT, "text before it");
    check_text("%shello", CSC_ERR_FORMAT, "text behind it");
    check_text("%s-----BEGIN PUBLIC KEY-----", CSC_ERR_FORMAT, "a second one that begins");
    check_text("hello", CSC_ERR_FORMAT, "no block");
    check_text("-----begin PUBLIC KEY-----", CSC_ERR_FORMAT, "small letters");
    check_text("-----BEGIN public KEY-----", CSC_ERR_FORMAT, "a label in small letters");
    check_text("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", CSC_ERR_FORMAT, "nothing in it");
    check_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", CSC_ERR_FORMAT, "another end");
    check_text("-----BEGIN PUBLIC KEY-----\nAAA\n-----END PUBLIC KEY-----\n", CSC_ERR_FORMAT, "no base64");
    check_text("-----BEGIN PUBLIC KEY-----\nAA:A\n-----END PUBLIC KEY-----\n", CSC_ERR_FORMAT, "a header in it");
    check_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", CSC_ERR_FORMAT, "no DER");
    check_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", CSC_ERR_KEY_TYPE, "a certificate");
    check_text("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n", CSC_ERR_KEY_TYPE, "PKCS#1");
    check_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", CSC_ERR_KEY_TYPE, "a private key");

    memcpy(twice, adam_pem, adam_size);
    memcpy(twice + adam_size, adam_pem, adam_size);
    IS_INT(parse(twice, 2 * adam_size), CSC_ERR_FORMAT, "two blocks are refused");
    IS_INT(parse(twice, adam_size + 1), CSC_ERR_FORMAT, "and so is the first byte of the second");
    twice[adam_size] = '\0';
    IS_INT(parse(twice, adam_size + 1), CSC_ERR_FORMAT, "and a NUL");
    for (size_t i = 0; i < adam_size; i++) {
        if (adam_pem[i] == '\n')
            crlf[size++] = '\r';
        crlf[size++] = adam_pem[i];
    }
    IS_INT(parse(crlf, size), CSC_OK, "lines may end with CRLF");
    memset(long_text, '\n', sizeof(long_text));
    memcpy(long_text, adam_pem, adam_size);
    IS_INT(parse(long_text, CSC_PEM_MAX), CSC_OK, "a text of the greatest length is read");
    IS_INT(parse(long_text, CSC_PEM_MAX + 1), CSC_ERR_TOO_LONG, "a longer one is not");
}

/* Adam's modulus, which this makes the key of nobody. */
static csc_public_key *other_exponent(void) {
    struct rsa_public_key numbers;
    csc_public_key *key = NULL;
    int rc;

    rsa_public_key_init(&numbers);
    mpz_set(numbers.n, adam->numbers.n);
    mpz_add_ui(numbers.e, adam->numbers.e, 2);
    rc = cs_public_key_new(&key, &numbers);
    rsa_public_key_clear(&numbers);
    return rc == CSC_OK ? key : NULL;
}

static void test_object(void) {
    csc_private_key *eve_key = load_key("eve.pem");
    csc_public_key *eve = public_of(eve_key), *again = NULL;
    char text[PEM_ENOUGH] = {0}, fingerprint[CSC_FINGERPRINT_SIZE];
    size_t size = adam_size;

    IS_INT(csc_public_key_bits(adam), 2048, "it has 2048 bits");
    IS_INT(csc_public_key_size(adam), 256, "which are 256 bytes");
    IS_INT(csc_private_key_size(eve_key), 256, "and so has the private key");
    IS_INT(csc_public_key_to_pem(adam, text, &size), CSC_ERR_TOO_LONG, "no room for the NUL is too little");
    IS_INT(size, adam_size, "and the size is left alone");
    size = adam_size + 1;
    IS_INT(csc_public_key_to_pem(adam, text, &size), CSC_OK, "with it there is enough");
    IS_STR(text, adam_pem, "the text is the same");
    IS_INT(csc_public_key_from_pem(&again, text, size), CSC_OK, "and is read again");
    OK(csc_public_key_equal(adam, again), "to the same key");
    OK(!csc_public_key_equal(adam, eve), "another key is another");
    csc_public_key_free(again);
    again = other_exponent();
    OK(again != NULL && !csc_public_key_equal(adam, again), "and so is one with another exponent alone");
    csc_public_key_fingerprint(adam, fingerprint);
    IS_STR(fingerprint, "SHA256:PbxRHB9fFRXTejiqK4BLQCwumy0n4NRVwBKocYGqRuY",
           "the fingerprint is what OpenSSL makes it");
    csc_public_key_free(again);
    csc_public_key_free(eve);
    csc_private_key_free(eve_key);
    csc_public_key_free(NULL);
}

int main(void) {
    csc_private_key *key = load_key("adam.pem");

    adam = public_of(key);
    csc_private_key_free(key);
    adam_size = sizeof(adam_pem);
    if (!IS_INT(csc_public_key_to_pem(adam, adam_pem, &adam_size), CSC_OK, "a public key is written"))
        return tap_done();
    test_object();
    test_text();
    test_every_cut();
    test_every_change();
    test_encoding();
    test_numbers();
    test_cost();
    csc_public_key_free(adam);
    return tap_done();
}
