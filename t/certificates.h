/*
 * certificates.h: certificates and lists of revoked ones, made while a test runs.  One thread; a failure ends the
 * program.
 */
#ifndef CHATSECURE_T_CERTIFICATES_H
#define CHATSECURE_T_CERTIFICATES_H

#include <gnutls/x509.h>

#include "crypto/cscrypto.h"

/* When everything is valid unless it says otherwise, and how long around it. */
#define MADE_NOW   1700000000
#define MADE_RANGE 1000000

struct made {
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
    gnutls_datum_t der;
};

/* What is to be in one; 0 and NULL are the usual: an EC key on P-256, SHA-256, valid at MADE_NOW, not an authority. */
struct make {
    const char *cn;
    const struct made *issuer; /* NULL: itself */
    const char *dns, *email, *uri, *ip;
    bool authority;
    int64_t begin, end;
    unsigned usage;      /* GNUTLS_KEY_* */
    const char *purpose; /* OID */
    gnutls_pk_algorithm_t algorithm;
    unsigned bits;
    const char *pem; /* a private key for it */
    gnutls_digest_algorithm_t digest;
};

void certificate_make(struct made *made, const struct make *make);
void certificate_free(struct made *made);

/* A chain of COUNT certificates. */
csc_chain *certificate_chain(const struct made *const *made, size_t count);

/* Writes the certificates as PEM to the file at PATH, with a comment in front of each. */
void certificate_write(const char *path, const struct made *const *made, size_t count);

/* Writes a list of ISSUER at PATH, valid from BEGIN to END, that has REVOKED, which may be NULL, in it. */
void certificate_write_crl(const char *path, const struct made *issuer, const struct made *revoked, int64_t begin,
                           int64_t end);

#endif
