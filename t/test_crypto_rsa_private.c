/* The private half of crypto/rsa_key.c and rsa_pem.c: PKCS#1, PKCS#8, passwords, and what must be refused. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "crypto/rsa_key.h"
#include "t/crypto_der.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <string.h>

#define PKCS1 "RSA PRIVATE KEY"

enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };

static const char *const names[NUMBERS] = {"n", "e", "d", "p", "q", "d mod p-1", "d mod q-1", "1/q mod p"};

static const char ec_key[] = "-----BEGIN PRIVATE KEY-----\n"
                             "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgB/9EGzV+qnYmH9vJ\n"
                             "eFstoIrhSjiSIE0e2NspxV0k2PihRANCAAScdnYCgzYCFpbzBPSHKMwqUFbfpylZ\n"
                             "XulfpCs+vDlPEVUyS3uSiaQtPoBR1jfmGNCT0sQAD0WK0WMyufPNZ2ke\n"
                             "-----END PRIVATE KEY-----\n";
static const char ed25519_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEIPj67Wx43Aio+Mr+LE1aUDezAiJJoY6UEcLXpQh9bwli\n"
                                  "-----END PRIVATE KEY-----\n";

static csc_private_key *adam;

static int parse(const char *text, size_t size, const char *password) {
    csc_private_key *key = NULL;
    int rc = csc_private_key_from_pem(&key, text, size, password);

    csc_private_key_free(key);
    return rc;
}

static bool same_key(const csc_private_key *a, const csc_private_key *b) {
    return csc_public_key_equal(&a->public_half, &b->public_half) && mpz_cmp(a->numbers.d, b->numbers.d) == 0 &&
           mpz_cmp(a->numbers.p, b->numbers.p) == 0 && mpz_cmp(a->numbers.c, b->numbers.c) == 0;
}

/* A key decrypts what its public half encrypts. */
static void check_works(const csc_private_key *key) {
    csc_public_key *pub = public_of(key);
    uint8_t ciphertext[CSC_RSA_MAX_SIZE], out[CSC_RSA_MAX_SIZE];
    size_t size = sizeof(out);

    IS_INT(csc_oaep_encrypt(pub, NULL, 0, "hello", 5, ciphertext), CSC_OK, "its public half encrypts");
    IS_INT(csc_oaep_decrypt(key, NULL, 0, ciphertext, csc_private_key_size(key), out, &size), CSC_OK, "it decrypts");
    IS_INT(size, 5, "as much");
    csc_public_key_free(pub);
}

/* PKCS#1 of Adam's numbers; the one of index CHANGED is 2 more. */
static const char *pkcs1(int changed, size_t *size) {
    static struct der der;
    mpz_srcptr list[NUMBERS] = {[N] = adam->public_half.numbers.n,
                                [E] = adam->public_half.numbers.e,
                                [D] = adam->numbers.d,
                                [P] = adam->numbers.p,
                                [Q] = adam->numbers.q,
                                [DP] = adam->numbers.a,
                                [DQ] = adam->numbers.b,
                                [QINV] = adam->numbers.c};
    mpz_t x;

    mpz_init(x);
    der.size = 0;
    der_number(&der, x);
    for (int i = 0; i < NUMBERS; i++) {
        mpz_add_ui(x, list[i], i == changed ? 2 : 0);
        der_number(&der, x);
    }
    der_wrap(&der, DER_SEQUENCE);
    mpz_clear(x);
    return der_pem(&der, PKCS1, size);
}

static void test_pkcs1(void) {
    csc_private_key *key = NULL;
    size_t size;
    const char *pem = pkcs1(-1, &size);

    if (IS_INT(csc_private_key_from_pem(&key, pem, size, NULL), CSC_OK, "PKCS#1 is read")) {
        OK(same_key(key, adam), "to the same key as PKCS#8");
        check_works(key);
    }
    csc_private_key_free(key);
    IS_INT(parse(pem, size, "password"), CSC_OK, "a password that is not needed is ignored");
    for (int i = 0; i < DP; i++) {
        pem = pkcs1(i, &size);
        IS_INT(parse(pem, size, NULL), CSC_ERR_KEY_INVALID, "a wrong %s is noticed", names[i]);
    }
    /* The rest follows from these, and GnuTLS works it out anew. */
    for (int i = DP; i < NUMBERS; i++) {
        pem = pkcs1(i, &size);
        key = NULL;
        if (csc_private_key_from_pem(&key, pem, size, NULL) == CSC_OK)
            OK(same_key(key, adam), "a wrong %s is put right", names[i]);
        else
            OK(key == NULL, "a wrong %s is noticed", names[i]);
        csc_private_key_free(key);
    }
}

/* A key that has the size and nothing else. */
static void check_size(unsigned bits, int rc) {
    static struct der der;
    const char *pem;
    size_t size;
    mpz_t x;

    mpz_init(x);
    der.size = 0;
    der_number(&der, x);
    for (int i = 0; i < NUMBERS; i++) {
        mpz_set_ui(x, i == E ? 0 : 0x77);
        mpz_setbit(x, i == E ? 16 : i <= D ? bits - 1 : bits / 2 - 1);
        mpz_setbit(x, 0);
        der_number(&der, x);
    }
    der_wrap(&der, DER_SEQUENCE);
    pem = der_pem(&der, PKCS1, &size);
    IS_INT(parse(pem, size, NULL), rc, "%u bits: %s", bits, csc_strerror(rc));
    mpz_clear(x);
}

static void test_kinds(void) {
    static const char public_text[] = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
    static const char garbage[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    static const char envelope[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    static const char openssh[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";

    IS_INT(parse(ec_key, strlen(ec_key), NULL), CSC_ERR_KEY_TYPE, "a key on an elliptic curve is of the wrong type");
    IS_INT(parse(ed25519_key, strlen(ed25519_key), NULL), CSC_ERR_KEY_TYPE, "and so is Ed25519");
    IS_INT(parse(public_text, strlen(public_text), NULL), CSC_ERR_KEY_TYPE, "and a public key");
    IS_INT(parse(openssh, strlen(openssh), NULL), CSC_ERR_KEY_TYPE, "and OpenSSH's own format");
    IS_INT(parse(garbage, strlen(garbage), NULL), CSC_ERR_FORMAT, "garbage in PEM is damaged");
    IS_INT(parse(envelope, strlen(envelope), NULL), CSC_ERR_PASSWORD_NEEDED, "an encrypted key wants a password first");
    IS_INT(parse(envelope, strlen(envelope), "x"), CSC_ERR_FORMAT, "garbage is damaged, not a matter of the password");
    check_size(1024, CSC_ERR_KEY_SIZE);
    check_size(2040, CSC_ERR_KEY_SIZE);
    check_size(4104, CSC_ERR_KEY_SIZE);
    check_size(16384, CSC_ERR_KEY_SIZE);
    check_size(2048, CSC_ERR_KEY_INVALID);
}

static void test_password(void) {
    char pem[CSC_PEM_MAX], small[100];
    size_t size = sizeof(pem), small_size = sizeof(small);
    csc_private_key *key = NULL;
    unsigned wrong = 0;

    IS_INT(csc_private_key_to_pem(adam, pem, &size, ""), CSC_ERR_ARGUMENT, "an empty password is none");
    if (!IS_INT(csc_private_key_to_pem(adam, pem, &size, "p\xc3\xa4ss word"), CSC_OK, "a key is encrypted"))
        return;
    IS_INT(pem[size], 0, "and ends with a NUL");
    OK(strncmp(pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 38) == 0, "it says so");
    if (IS_INT(csc_private_key_from_pem(&key, pem, size, "p\xc3\xa4ss word"), CSC_OK, "its password opens it"))
        OK(same_key(key, adam), "and it is the same key");
    csc_private_key_free(key);
    IS_INT(parse(pem, size, "pass word"), CSC_ERR_PASSWORD_WRONG, "another does not");
    IS_INT(parse(pem, size, ""), CSC_ERR_PASSWORD_WRONG, "nor the empty one");
    IS_INT(parse(pem, size, NULL), CSC_ERR_PASSWORD_NEEDED, "and without one it is asked for");
    for (size_t cut = 1; cut < size - 1; cut++)
        wrong += parse(pem, cut, NULL) != CSC_ERR_TRUNCATED;
    IS_INT(wrong, 0, "cut anywhere it is truncated");
    IS_INT(csc_private_key_to_pem(adam, small, &small_size, NULL), CSC_ERR_TOO_LONG, "too little room is noticed");
    IS_INT(small_size, sizeof(small), "and the size left alone");
}

/* Whoever makes a file says how many rounds it takes to open it. */
static void test_rounds(void) {
    static const struct {
        unsigned long rounds;
        int rc;
    } cases[] = {{2048, CSC_ERR_PASSWORD_WRONG},
                 {CSC_PASSWORD_ROUNDS_MAX, CSC_ERR_PASSWORD_WRONG},
                 {CSC_PASSWORD_ROUNDS_MAX + 1, CSC_ERR_PASSWORD_COST},
                 {0x7fffffff, CSC_ERR_PASSWORD_COST}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static struct der der;
        const char *pem;
        size_t size;

        der_envelope(&der, cases[i].rounds);
        pem = der_pem(&der, "ENCRYPTED PRIVATE KEY", &size);
        IS_INT(parse(pem, size, "any"), cases[i].rc, "%lu rounds: %s", cases[i].rounds, csc_strerror(cases[i].rc));
    }
}

static void test_plain(void) {
    char pem[CSC_PEM_MAX], changed[CSC_PEM_MAX];
    size_t size = sizeof(pem);
    csc_private_key *key = NULL;
    unsigned wrong = 0;

    if (!IS_INT(csc_private_key_to_pem(adam, pem, &size, NULL), CSC_OK, "a key is written"))
        return;
    IS_INT(csc_private_key_from_pem(&key, pem, size, NULL), CSC_OK, "and read");
    OK(key != NULL && same_key(key, adam), "and is the same");
    csc_private_key_free(key);
    for (size_t cut = 1; cut < size - 1; cut++)
        wrong += parse(pem, cut, NULL) != CSC_ERR_TRUNCATED;
    IS_INT(wrong, 0, "cut anywhere it is truncated");
    wrong = 0;
    for (size_t i = 30; i < size - 30; i += 7) {
        memcpy(changed, pem, size);
        changed[i] = changed[i] == 'B' ? 'C' : 'B';
        key = NULL;
        if (csc_private_key_from_pem(&key, changed, size, NULL) == CSC_OK)
            wrong += !same_key(key, adam);
        csc_private_key_free(key);
    }
    IS_INT(wrong, 0, "with a character changed it is no other key");
}

static void test_generate(void) {
    static const unsigned bad[] = {0, 1024, 2040, 2049, 4104, 16384};
    csc_private_key *key = NULL;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        IS_INT(csc_private_key_generate(&key, bad[i]), CSC_ERR_KEY_SIZE, "no key of %u bits is made", bad[i]);
    if (!IS_INT(csc_private_key_generate(&key, 2048), CSC_OK, "a key of 2048 bits is made"))
        return;
    IS_INT(csc_public_key_bits(&key->public_half), 2048, "and has them");
    IS_INT(mpz_get_ui(key->public_half.numbers.e), 65537, "with exponent 65537");
    OK(!same_key(key, adam), "it is a new one");
    check_works(key);
    csc_private_key_free(key);
}

int main(void) {
    adam = load_key("adam.pem");
    test_plain();
    test_pkcs1();
    test_kinds();
    test_password();
    test_rounds();
    test_generate();
    csc_private_key_free(adam);
    csc_private_key_free(NULL);
    return tap_done();
}
