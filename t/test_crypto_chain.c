/* crypto/chain.c, chain_verify.c, anchors.c, signature.c and the half of signer.c that reads files. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/certificates.h"
#include "t/crypto_der.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct made root, middle, relay, adam, other_root;
static csc_anchors *anchors; /* root */
static char folder[] = "/tmp/test_crypto_chain.XXXXXX";

static csc_anchors *anchors_of(const struct made *authority) {
    csc_anchors *made = NULL;

    certificate_write("ca.pem", &authority, 1);
    if (csc_anchors_new(&made) != CSC_OK || csc_anchors_add_file(made, "ca.pem") != CSC_OK)
        tap_diag("the authorities cannot be read");
    (void)unlink("ca.pem");
    return made;
}

/* What is wrong with the chain of COUNT certificates. */
static unsigned defects_of(const struct made *const *made, size_t count, const csc_anchors *whom,
                           enum csc_purpose purpose, const char *host) {
    csc_chain *chain = certificate_chain(made, count);
    unsigned defects = ~0u;

    if (csc_chain_verify(chain, whom, purpose, host, MADE_NOW, &defects) != CSC_OK)
        tap_diag("csc_chain_verify failed");
    csc_chain_free(chain);
    return defects;
}

/* The same for one that root issued. */
static unsigned defects_of_one(const struct make *make, enum csc_purpose purpose, const char *host) {
    const struct made *list[1];
    struct made made = {0};
    unsigned defects;

    certificate_make(&made, make);
    list[0] = &made;
    defects = defects_of(list, 1, anchors, purpose, host);
    certificate_free(&made);
    return defects;
}

static void make_all(void) {
    const unsigned issues = GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN;

    certificate_make(&root, &(struct make){.cn = "Root", .authority = true, .usage = issues});
    certificate_make(&other_root, &(struct make){.cn = "Root", .authority = true, .usage = issues});
    certificate_make(&middle, &(struct make){.cn = "Middle", .issuer = &root, .authority = true, .usage = issues});
    certificate_make(&relay, &(struct make){.cn = "relay",
                                            .issuer = &middle,
                                            .dns = "relay.example",
                                            .ip = "192.0.2.1",
                                            .usage = GNUTLS_KEY_KEY_ENCIPHERMENT,
                                            .purpose = GNUTLS_KP_TLS_WWW_SERVER});
    certificate_make(&adam, &(struct make){.cn = "Adam, \"A\"",
                                           .issuer = &root,
                                           .email = "adam@example.org",
                                           .uri = "chatsecure:Adam",
                                           .usage = GNUTLS_KEY_DIGITAL_SIGNATURE,
                                           .purpose = GNUTLS_KP_TLS_WWW_CLIENT});
    anchors = anchors_of(&root);
}

static void test_valid(void) {
    const struct made *chain[] = {&relay, &middle, &root};
    const struct made *gap[] = {&relay, &root};
    const struct made *wrong_order[] = {&middle, &relay};
    csc_anchors *nobody = NULL, *namesake = anchors_of(&other_root), *pinned = anchors_of(&relay),
                *subordinate = anchors_of(&middle);

    IS_INT(csc_anchors_new(&nobody), CSC_OK, "authorities can be none");
    IS_INT(defects_of(chain, 2, anchors, CSC_PURPOSE_SERVER, "relay.example"), 0, "a chain to a known authority");
    IS_INT(defects_of(chain, 3, anchors, CSC_PURPOSE_SERVER, "RELAY.example"), 0, "and with the authority in it");
    IS_INT(defects_of(chain, 2, anchors, CSC_PURPOSE_SERVER, "192.0.2.1"), 0, "and for an address");
    IS_INT(defects_of(chain, 1, subordinate, CSC_PURPOSE_SERVER, NULL), 0, "an authority need not be a root");
    IS_INT(defects_of(chain, 1, pinned, CSC_PURPOSE_SERVER, "relay.example"), 0, "a certificate that is itself known");
    IS_INT(defects_of(chain, 1, pinned, CSC_PURPOSE_SERVER, "other.example"), CSC_DEFECT_NAME, "but for its name only");
    IS_INT(defects_of(chain, 1, anchors, CSC_PURPOSE_SERVER, NULL), CSC_DEFECT_ISSUER, "a chain that is cut");
    IS_INT(defects_of(gap, 2, anchors, CSC_PURPOSE_SERVER, NULL), CSC_DEFECT_ISSUER, "one with a gap");
    IS_INT(defects_of(wrong_order, 2, anchors, CSC_PURPOSE_SERVER, NULL), CSC_DEFECT_USAGE,
           "an authority's own certificate is no server's");
    IS_INT(defects_of(chain, 3, nobody, CSC_PURPOSE_SERVER, NULL), CSC_DEFECT_ISSUER,
           "a root that the peer sends is no authority");
    OK((defects_of(chain, 2, namesake, CSC_PURPOSE_SERVER, NULL) & (CSC_DEFECT_BROKEN | CSC_DEFECT_ISSUER)) != 0,
       "an authority of the same name and another key");
    IS_INT(defects_of(chain, 2, nobody, CSC_PURPOSE_SERVER, "other.example"), CSC_DEFECT_ISSUER | CSC_DEFECT_NAME,
           "all that is wrong is found, whoever issued it");
    csc_anchors_free(nobody);
    csc_anchors_free(namesake);
    csc_anchors_free(pinned);
    csc_anchors_free(subordinate);
}

static void test_defects(void) {
    const int64_t past = MADE_NOW - 1, future = MADE_NOW + 1;
    const struct {
        const char *what;
        unsigned want;
        enum csc_purpose purpose;
        struct make make;
    } cases[] = {
        {"expired", CSC_DEFECT_EXPIRED, CSC_PURPOSE_USER, {.begin = 1, .end = past}},
        {"in its last second", 0, CSC_PURPOSE_USER, {.end = MADE_NOW}},
        {"not valid yet", CSC_DEFECT_NOT_YET, CSC_PURPOSE_USER, {.begin = future}},
        {"in its first second", 0, CSC_PURPOSE_USER, {.begin = MADE_NOW}},
        {"without any usage", 0, CSC_PURPOSE_USER, {.usage = 0}},
        {"a server's, for a person", CSC_DEFECT_USAGE, CSC_PURPOSE_USER, {.purpose = GNUTLS_KP_TLS_WWW_SERVER}},
        {"a person's, for a server", CSC_DEFECT_USAGE, CSC_PURPOSE_SERVER, {.purpose = GNUTLS_KP_TLS_WWW_CLIENT}},
        {"for mail", 0, CSC_PURPOSE_USER, {.purpose = GNUTLS_KP_EMAIL_PROTECTION}},
        {"for code", CSC_DEFECT_USAGE, CSC_PURPOSE_USER, {.purpose = GNUTLS_KP_CODE_SIGNING}},
        {"for anything", 0, CSC_PURPOSE_USER, {.purpose = GNUTLS_KP_ANY}},
        {"to sign lists only", CSC_DEFECT_USAGE, CSC_PURPOSE_USER, {.usage = GNUTLS_KEY_CRL_SIGN}},
        {"to encipher, for a person", CSC_DEFECT_USAGE, CSC_PURPOSE_USER, {.usage = GNUTLS_KEY_KEY_ENCIPHERMENT}},
        {"not to be denied", 0, CSC_PURPOSE_USER, {.usage = GNUTLS_KEY_NON_REPUDIATION}},
        {"RSA of 1024 bits", CSC_DEFECT_WEAK, CSC_PURPOSE_USER, {.algorithm = GNUTLS_PK_RSA, .bits = 1024}},
        {"SHA-1", CSC_DEFECT_WEAK, CSC_PURPOSE_USER, {.digest = GNUTLS_DIG_SHA1}},
        {"two things at once",
         CSC_DEFECT_EXPIRED | CSC_DEFECT_USAGE,
         CSC_PURPOSE_SERVER,
         {.begin = 1, .end = past, .purpose = GNUTLS_KP_TLS_WWW_CLIENT}},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct make make = cases[i].make;

        make.cn = "Somebody";
        make.issuer = &root;
        IS_INT(defects_of_one(&make, cases[i].purpose, NULL), cases[i].want, "a certificate: %s", cases[i].what);
    }
    IS_STR(csc_defect_text(0), "the chain is valid", "nothing wrong has a text");
    IS_STR(csc_defect_text(CSC_DEFECT_ISSUER | CSC_DEFECT_REVOKED), "a certificate of it was revoked",
           "of several the worst is said");
}

/* One that no authority may make: by a person, and by an authority that is out of date. */
static void test_issuers(void) {
    struct made forged = {0}, old = {0}, young = {0};
    const struct made *by_adam[] = {&forged, &adam}, *by_old[] = {&young};
    csc_anchors *stale;

    certificate_make(&forged, &(struct make){.cn = "Eve", .issuer = &adam});
    OK((defects_of(by_adam, 2, anchors, CSC_PURPOSE_USER, NULL) & CSC_DEFECT_BROKEN) != 0,
       "a person's certificate certifies nobody");
    certificate_make(&old, &(struct make){.cn = "Old", .authority = true, .begin = 1, .end = MADE_NOW - 1});
    certificate_make(&young, &(struct make){.cn = "Eve", .issuer = &old});
    stale = anchors_of(&old);
    IS_INT(defects_of(by_old, 1, stale, CSC_PURPOSE_USER, NULL), CSC_DEFECT_EXPIRED, "an authority that has expired");
    csc_anchors_free(stale);
    certificate_free(&forged);
    certificate_free(&old);
    certificate_free(&young);
}

static unsigned defects_with_crl(const struct made *issuer, const struct made *revoked, int64_t begin, int64_t end) {
    const struct made *chain[] = {&relay, &middle};
    csc_anchors *listed = anchors_of(&root);
    unsigned defects;

    certificate_write_crl("crl.pem", issuer, revoked, begin, end);
    IS_INT(csc_anchors_add_crl(listed, "crl.pem"), CSC_OK, "a list is read");
    defects = defects_of(chain, 2, listed, CSC_PURPOSE_SERVER, NULL);
    csc_anchors_free(listed);
    (void)unlink("crl.pem");
    return defects;
}

static void test_revocation(void) {
    const int64_t begin = MADE_NOW - 10, end = MADE_NOW + 10;
    struct made liar = {0};

    IS_INT(defects_with_crl(&middle, NULL, begin, end), 0, "an empty list");
    IS_INT(defects_with_crl(&middle, &adam, begin, end), 0, "somebody else is in the list");
    IS_INT(defects_with_crl(&middle, &relay, begin, end), CSC_DEFECT_REVOKED, "it is in the list");
    IS_INT(defects_with_crl(&middle, &relay, 1, MADE_NOW - 1), CSC_DEFECT_REVOKED, "and stays revoked");
    IS_INT(defects_with_crl(&middle, NULL, 1, MADE_NOW - 1), CSC_DEFECT_CRL_OLD, "a list that is out of date");
    IS_INT(defects_with_crl(&middle, NULL, MADE_NOW + 1, MADE_NOW + 2), CSC_DEFECT_CRL_OLD, "and one of tomorrow");
    IS_INT(defects_with_crl(&root, NULL, begin, end), CSC_DEFECT_CRL_MISSING, "a list of another authority only");
    IS_INT(defects_with_crl(&root, &middle, begin, end), CSC_DEFECT_REVOKED | CSC_DEFECT_CRL_MISSING,
           "an authority that was revoked");
    /* The same name and another key: the list is not genuine. */
    certificate_make(&liar, &(struct make){.cn = "Middle",
                                           .issuer = &root,
                                           .authority = true,
                                           .usage = GNUTLS_KEY_CRL_SIGN | GNUTLS_KEY_KEY_CERT_SIGN});
    IS_INT(defects_with_crl(&liar, NULL, begin, end), CSC_DEFECT_CRL_MISSING, "a list that somebody else signed");
    certificate_free(&liar);
}

static void test_limits(void) {
    const struct made *many[CSC_CHAIN_MAX + 1];
    struct csc_part parts[CSC_CHAIN_MAX + 1];
    static const uint8_t big[CSC_CHAIN_BYTES];
    csc_chain *chain = NULL;
    uint8_t longer[2048];

    for (size_t i = 0; i < COUNT(many); i++) {
        many[i] = &adam;
        parts[i] = (struct csc_part){adam.der.data, adam.der.size};
    }
    IS_INT(csc_chain_from_der(&chain, parts, CSC_CHAIN_MAX), CSC_OK, "eight certificates");
    IS_INT(csc_chain_count(chain), CSC_CHAIN_MAX, "are eight");
    IS_MEM(csc_chain_der(chain, 7).data, adam.der.data, adam.der.size, "and come out as they went in");
    csc_chain_free(chain);
    IS_INT(csc_chain_from_der(&chain, parts, CSC_CHAIN_MAX + 1), CSC_ERR_CHAIN_SIZE, "a ninth is refused");
    IS_INT(csc_chain_from_der(&chain, parts, 0), CSC_ERR_CHAIN_SIZE, "and none");
    parts[1] = (struct csc_part){big, CSC_CHAIN_BYTES - adam.der.size + 1};
    IS_INT(csc_chain_from_der(&chain, parts, 2), CSC_ERR_CHAIN_SIZE, "one byte too many is refused unread");
    parts[1].size--;
    IS_INT(csc_chain_from_der(&chain, parts, 2), CSC_ERR_CERTIFICATE, "what fits is read, and is none");
    parts[1] = (struct csc_part){NULL, 0};
    IS_INT(csc_chain_from_der(&chain, parts, 2), CSC_ERR_CHAIN_SIZE, "an empty one");
    memcpy(longer, adam.der.data, adam.der.size);
    longer[adam.der.size] = 0;
    parts[0] = (struct csc_part){longer, adam.der.size + 1};
    IS_INT(csc_chain_from_der(&chain, parts, 1), CSC_ERR_CERTIFICATE, "a byte behind the DER");
    parts[0].size = adam.der.size - 1;
    IS_INT(csc_chain_from_der(&chain, parts, 1), CSC_ERR_CERTIFICATE, "a byte less");

    certificate_write("chain.pem", many, CSC_CHAIN_MAX);
    IS_INT(csc_chain_load(&chain, "chain.pem"), CSC_OK, "a file with eight and text between them");
    csc_chain_free(chain);
    certificate_write("chain.pem", many, CSC_CHAIN_MAX + 1);
    IS_INT(csc_chain_load(&chain, "chain.pem"), CSC_ERR_CHAIN_SIZE, "a file with nine");
    (void)unlink("chain.pem");
    IS_INT(csc_chain_load(&chain, key_path("adam.pem")), CSC_ERR_CERTIFICATE, "a file with a key only");
    errno = 0;
    IS_INT(csc_chain_load(&chain, "no such"), CSC_ERR_SYSTEM, "no file");
    IS_INT(errno, ENOENT, "and errno says so");
    IS_INT(csc_anchors_add_file(anchors, key_path("adam.pem")), CSC_ERR_CERTIFICATE, "no authority in a file");
    IS_INT(csc_anchors_add_crl(anchors, key_path("adam.pem")), CSC_ERR_CRL, "no list in a file");
}

static void test_names(void) {
    const struct made *list[] = {&adam};
    csc_chain *chain = certificate_chain(list, 1);
    char text[CSC_CERTIFICATE_NAME_SIZE];
    struct made odd = {0};

    csc_chain_subject(chain, text);
    IS_STR(text, "CN=Adam\\, \\\"A\\\"", "the subject");
    csc_chain_issuer(chain, text);
    IS_STR(text, "CN=Root", "the issuer");
    OK(csc_chain_name(chain, CSC_NAME_COMMON, 0, text), "a common name");
    IS_STR(text, "Adam\\, \\\"A\\\"", "escaped likewise");
    OK(!csc_chain_name(chain, CSC_NAME_COMMON, 1, text), "and no second");
    OK(csc_chain_name(chain, CSC_NAME_EMAIL, 0, text) && strcmp(text, "adam@example.org") == 0, "an address");
    OK(csc_chain_name(chain, CSC_NAME_URI, 0, text) && strcmp(text, "chatsecure:Adam") == 0, "a URI");
    OK(!csc_chain_name(chain, CSC_NAME_URI, 1, text), "and no second");
    IS_INT(csc_chain_expires(chain), MADE_NOW + MADE_RANGE, "its end");
    csc_chain_free(chain);

    /* A NUL, behind which C sees nothing; GnuTLS writes none. */
    certificate_make(&odd, &(struct make){.cn = "Odd", .email = "odd@example.org", .uri = "chatsecure:Adam#.x"});
    for (size_t i = 0; i < odd.der.size; i++)
        if (odd.der.data[i] == '#')
            odd.der.data[i] = '\0';
    list[0] = &odd;
    chain = certificate_chain(list, 1);
    OK(!csc_chain_name(chain, CSC_NAME_URI, 0, text) || text[0] == '\0', "a name with a NUL in it does not count");
    OK(csc_chain_name(chain, CSC_NAME_EMAIL, 0, text) && strcmp(text, "odd@example.org") == 0, "and hides no other");
    csc_chain_free(chain);
    certificate_free(&odd);

    /* 600 characters: longer than any name that counts. */
    {
        static char name[601];

        memset(name, 'x', sizeof(name) - 1);
        certificate_make(&odd, &(struct make){.cn = "Odd", .email = name});
        list[0] = &odd;
        chain = certificate_chain(list, 1);
        OK(csc_chain_name(chain, CSC_NAME_EMAIL, 0, text) && text[0] == '\0', "a name that is too long is empty");
        csc_chain_free(chain);
        certificate_free(&odd);
    }
}

/* Writes the private key of MADE to the file "key", and reads it. */
static csc_signer *signer_of(const struct made *made) {
    csc_signer *signer = NULL;
    gnutls_datum_t pem = {0};
    FILE *file = fopen("key", "w");

    /* With text around it, as certtool writes, and another block. */
    if (file != NULL && gnutls_x509_privkey_export2(made->key, GNUTLS_X509_FMT_PEM, &pem) >= 0) {
        fputs("Public Key Info:\n\tbits\n\n"
              "-----BEGIN EC PARAMETERS-----\nBgUrgQQA\n-----END EC PARAMETERS-----\n",
              file);
        fwrite(pem.data, 1, pem.size, file);
    }
    gnutls_free(pem.data);
    if (file != NULL)
        fclose(file);
    IS_INT(csc_signer_load(&signer, "key", NULL), CSC_OK, "a key is read");
    (void)unlink("key");
    return signer;
}

static void test_signature(const char *what, const struct make *make, enum csc_signature want) {
    const struct made *list[1], *others[] = {&relay};
    struct made made = {0};
    csc_chain *chain, *other = certificate_chain(others, 1);
    csc_signer *signer;
    uint8_t signature[CSC_SIGNATURE_MAX + 1] = {0};
    enum csc_signature algorithm = CSC_RSA_PKCS1_SHA256;
    size_t size = 0;

    certificate_make(&made, make);
    list[0] = &made;
    chain = certificate_chain(list, 1);
    signer = signer_of(&made);
    IS_INT(csc_signer_sign(signer, chain, "text", 4, &algorithm, signature, &size), CSC_OK, "%s signs", what);
    IS_INT(algorithm, want, "by the right algorithm");
    IS_INT(csc_chain_check_signature(chain, want, "text", 4, signature, size), CSC_OK, "and it holds");
    IS_INT(csc_chain_check_signature(chain, want, "texts", 5, signature, size), CSC_ERR_SIGNATURE,
           "for this text only");
    IS_INT(csc_chain_check_signature(chain, want, "text", 4, signature, size - 1), CSC_ERR_SIGNATURE, "not cut");
    IS_INT(csc_chain_check_signature(chain, want, "text", 4, signature, sizeof(signature)), CSC_ERR_SIGNATURE,
           "nor longer than any");
    IS_INT(csc_chain_check_signature(chain, want, "text", 4, signature, 0), CSC_ERR_SIGNATURE, "nor empty");
    IS_INT(csc_chain_check_signature(chain, want < CSC_ECDSA_SHA256 ? CSC_ECDSA_SHA256 : CSC_RSA_PSS_SHA256, "text", 4,
                                     signature, size),
           CSC_ERR_SIGNER, "nor by another kind of key");
    IS_INT(csc_signer_sign(signer, other, "text", 4, &algorithm, signature, &size), CSC_ERR_SIGNATURE,
           "a certificate of another key is noticed");
    signature[size / 2] ^= 1;
    IS_INT(csc_chain_check_signature(chain, want, "text", 4, signature, size), CSC_ERR_SIGNATURE, "one bit is noticed");
    csc_signer_free(signer);
    csc_chain_free(chain);
    csc_chain_free(other);
    certificate_free(&made);
}

/* Loads a key that takes that many rounds to open. */
static int load_envelope(unsigned long rounds) {
    static struct der der;
    csc_signer *signer = NULL;
    FILE *file = fopen("key", "w");
    size_t size;
    int error;

    der_envelope(&der, rounds);
    if (file != NULL) {
        fputs(der_pem(&der, "ENCRYPTED PRIVATE KEY", &size), file);
        fclose(file);
    }
    error = csc_signer_load(&signer, "key", "any");
    (void)unlink("key");
    return error;
}

static void test_signatures(void) {
    const unsigned p384 = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1),
                   p521 = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1);
    const struct make weak[] = {{.cn = "Weak", .algorithm = GNUTLS_PK_RSA, .bits = 1024}, {.cn = "Weak", .bits = p521}};
    csc_signer *signer = NULL;

    test_signature("RSA", &(struct make){.cn = "R", .algorithm = GNUTLS_PK_RSA, .bits = 2048}, CSC_RSA_PSS_SHA256);
    test_signature("P-256", &(struct make){.cn = "E"}, CSC_ECDSA_SHA256);
    test_signature("P-384", &(struct make){.cn = "E", .bits = p384}, CSC_ECDSA_SHA384);
    for (size_t i = 0; i < COUNT(weak); i++) {
        const struct made *list[1];
        struct made made = {0};
        csc_chain *chain;

        certificate_make(&made, &weak[i]);
        list[0] = &made;
        chain = certificate_chain(list, 1);
        IS_INT(csc_chain_check_signature(chain, i == 0 ? CSC_RSA_PSS_SHA256 : CSC_ECDSA_SHA256, "text", 4, "s", 1),
               CSC_ERR_SIGNER, "key %zu does not qualify", i);
        csc_chain_free(chain);
        certificate_free(&made);
    }
    IS_INT(csc_signer_load(&signer, "no such", NULL), CSC_ERR_SYSTEM, "no file");
    IS_INT(load_envelope(2048), CSC_ERR_PASSWORD_WRONG, "a key that the password does not open");
    IS_INT(load_envelope(CSC_PASSWORD_ROUNDS_MAX + 1), CSC_ERR_PASSWORD_COST, "and one that takes too long to try");
    IS_INT(csc_signer_open(&signer, "file:key", NULL, NULL), CSC_ERR_TOKEN_URL, "no URL of a token");
    IS_INT(csc_signer_open(&signer, "pkcs11:token=a;id=%01?pin-value=1", NULL, NULL), CSC_ERR_TOKEN_URL, "a PIN in it");
    IS_INT(csc_signer_open(&signer, "pkcs11:token=a?x=y&PIN-source=file:a", NULL, NULL), CSC_ERR_TOKEN_URL,
           "the file of one");
    IS_INT(csc_signer_open(&signer, "pkcs11:token=a?module-path=/no%20such", NULL, NULL), CSC_ERR_TOKEN_MODULE,
           "no such module");
    IS_INT(csc_signer_open(&signer, "pkcs11:token=a?module-path=/a%0", NULL, NULL), CSC_ERR_TOKEN_URL, "half a byte");
}

static void test_own_key(void) {
    csc_private_key *key = load_key("relay.pem");
    csc_public_key *mine = public_of(key), *others = NULL;
    csc_private_key *other = load_key("eve.pem");
    char pem[CSC_PEM_MAX];
    size_t size = sizeof(pem);
    struct made made = {0};
    const struct made *list[] = {&made};
    csc_chain *chain;

    others = public_of(other);
    OK(csc_private_key_to_pem(key, pem, &size, NULL) == CSC_OK, "a key of this library");
    certificate_make(&made, &(struct make){.cn = "relay", .issuer = &root, .pem = pem});
    chain = certificate_chain(list, 1);
    OK(csc_chain_has_key(chain, mine), "its certificate has it");
    OK(!csc_chain_has_key(chain, others), "and no other");
    csc_chain_free(chain);
    list[0] = &adam;
    chain = certificate_chain(list, 1);
    OK(!csc_chain_has_key(chain, mine), "nor has one of another kind");
    csc_chain_free(chain);
    certificate_free(&made);
    csc_public_key_free(mine);
    csc_public_key_free(others);
    csc_private_key_free(key);
    csc_private_key_free(other);
}

int main(void) {
    if (!OK(mkdtemp(folder) != NULL && chdir(folder) == 0, "a folder of its own"))
        return tap_done();
    make_all();
    test_valid();
    test_defects();
    test_issuers();
    test_revocation();
    test_limits();
    test_names();
    test_signatures();
    test_own_key();
    csc_anchors_free(anchors);
    certificate_free(&root);
    certificate_free(&middle);
    certificate_free(&relay);
    certificate_free(&adam);
    certificate_free(&other_root);
    OK(chdir("/") == 0 && rmdir(folder) == 0, "nothing was left behind");
    return tap_done();
}
