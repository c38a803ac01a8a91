#include <config.h>

#include "t/certificates.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>

static int checked(int rc, const char *what) {
    if (rc < 0) {
        printf("Bail out! %s: %s\n", what, gnutls_strerror(rc));
        exit(1);
    }
    return rc;
}

#define CHECK(call) checked(call, #call)

static void make_key(struct made *made, const struct make *make) {
    gnutls_pk_algorithm_t algorithm = make->algorithm != GNUTLS_PK_UNKNOWN ? make->algorithm : GNUTLS_PK_ECDSA;
    unsigned bits = make->bits != 0 ? make->bits : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);

    CHECK(gnutls_x509_privkey_init(&made->key));
    if (make->pem != NULL) {
        const gnutls_datum_t pem = {(unsigned char *)make->pem, (unsigned)strlen(make->pem)};

        CHECK(gnutls_x509_privkey_import(made->key, &pem, GNUTLS_X509_FMT_PEM));
    } else {
        CHECK(gnutls_x509_privkey_generate(made->key, algorithm, bits, 0));
    }
}

static void put_name(gnutls_x509_crt_t certificate, gnutls_x509_subject_alt_name_t type, const char *name) {
    struct in_addr address;

    if (name == NULL)
        return;
    if (type == GNUTLS_SAN_IPADDRESS && inet_pton(AF_INET, name, &address) == 1)
        CHECK(gnutls_x509_crt_set_subject_alt_name(certificate, type, &address, sizeof(address), GNUTLS_FSAN_APPEND));
    else
        CHECK(
            gnutls_x509_crt_set_subject_alt_name(certificate, type, name, (unsigned)strlen(name), GNUTLS_FSAN_APPEND));
}

void certificate_make(struct made *made, const struct make *make) {
    static uint8_t serial;
    const struct made *issuer = make->issuer != NULL ? make->issuer : made;
    gnutls_x509_crt_t c;

    make_key(made, make);
    CHECK(gnutls_x509_crt_init(&made->certificate));
    c = made->certificate;
    serial++;
    CHECK(gnutls_x509_crt_set_version(c, 3));
    CHECK(gnutls_x509_crt_set_serial(c, &serial, sizeof(serial)));
    CHECK(gnutls_x509_crt_set_activation_time(c, make->begin != 0 ? make->begin : MADE_NOW - MADE_RANGE));
    CHECK(gnutls_x509_crt_set_expiration_time(c, make->end != 0 ? make->end : MADE_NOW + MADE_RANGE));
    CHECK(gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, make->cn, (unsigned)strlen(make->cn)));
    CHECK(gnutls_x509_crt_set_key(c, made->key));
    CHECK(gnutls_x509_crt_set_basic_constraints(c, make->authority, -1));
    put_name(c, GNUTLS_SAN_DNSNAME, make->dns);
    put_name(c, GNUTLS_SAN_RFC822NAME, make->email);
    put_name(c, GNUTLS_SAN_URI, make->uri);
    put_name(c, GNUTLS_SAN_IPADDRESS, make->ip);
    if (make->usage != 0)
        CHECK(gnutls_x509_crt_set_key_usage(c, make->usage));
    if (make->purpose != NULL)
        CHECK(gnutls_x509_crt_set_key_purpose_oid(c, make->purpose, 0));
    CHECK(gnutls_x509_crt_sign2(c, make->issuer != NULL ? issuer->certificate : c, issuer->key,
                                make->digest != GNUTLS_DIG_UNKNOWN ? make->digest : GNUTLS_DIG_SHA256, 0));
    CHECK(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_DER, &made->der));
}

void certificate_free(struct made *made) {
    gnutls_x509_crt_deinit(made->certificate);
    gnutls_x509_privkey_deinit(made->key);
    gnutls_free(made->der.data);
    *made = (struct made){0};
}

csc_chain *certificate_chain(const struct made *const *made, size_t count) {
    struct csc_part parts[CSC_CHAIN_MAX];
    csc_chain *chain = NULL;

    for (size_t i = 0; i < count; i++)
        parts[i] = (struct csc_part){made[i]->der.data, made[i]->der.size};
    if (csc_chain_from_der(&chain, parts, count) != CSC_OK) {
        printf("Bail out! a chain that was just made cannot be read\n");
        exit(1);
    }
    return chain;
}

static FILE *create(const char *path) {
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
    return file;
}

void certificate_write(const char *path, const struct made *const *made, size_t count) {
    FILE *file = create(path);

    for (size_t i = 0; i < count; i++) {
        gnutls_datum_t pem = {0};

        CHECK(gnutls_x509_crt_export2(made[i]->certificate, GNUTLS_X509_FMT_PEM, &pem));
        fprintf(file, "Certificate:\n    Serial number: %zu\n%.*s", i, (int)pem.size, (char *)pem.data);
        gnutls_free(pem.data);
    }
    fclose(file);
}

void certificate_write_crl(const char *path, const struct made *issuer, const struct made *revoked, int64_t begin,
                           int64_t end) {
    FILE *file = create(path);
    gnutls_x509_crl_t list = NULL;
    gnutls_datum_t pem = {0};

    CHECK(gnutls_x509_crl_init(&list));
    CHECK(gnutls_x509_crl_set_version(list, 2));
    CHECK(gnutls_x509_crl_set_this_update(list, begin));
    CHECK(gnutls_x509_crl_set_next_update(list, end));
    if (revoked != NULL)
        CHECK(gnutls_x509_crl_set_crt(list, revoked->certificate, begin));
    CHECK(gnutls_x509_crl_sign2(list, issuer->certificate, issuer->key, GNUTLS_DIG_SHA256, 0));
    CHECK(gnutls_x509_crl_export2(list, GNUTLS_X509_FMT_PEM, &pem));
    fwrite(pem.data, 1, pem.size, file);
    gnutls_free(pem.data);
    gnutls_x509_crl_deinit(list);
    fclose(file);
}
