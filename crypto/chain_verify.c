/*
 * What is wrong with a chain.
 *
 * The path is found here, from the first certificate up to one that an authority issued; GnuTLS checks the signatures,
 * constraints and strengths along it; and times, uses, names and revocation are checked here again, because GnuTLS has
 * one clock for the whole process and stops at the first thing that is wrong.
 */
#include <config.h>

#include <stdlib.h>

#include "crypto/chain.h"
#include "crypto/rsa_key.h"

/* RSA of 2048 bits, and no SHA-1.  The times are checked here. */
#define FLAGS                                                                                                          \
    (GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS |                                   \
     GNUTLS_VERIFY_DO_NOT_ALLOW_UNSORTED_CHAIN | GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM))

/* The certificates of a chain that count, and the authorities that may have issued the last of them. */
struct path {
    const gnutls_x509_crt_t *certificates;
    size_t count;
    gnutls_x509_crt_t *issuers;
    size_t issuer_count;
    int64_t now;
};

const char *csc_defect_text(unsigned defects) {
#define CSC_X(name, bit, text)                                                                                         \
    if ((defects & (name)) != 0)                                                                                       \
        return text;
    CSC_DEFECT_LIST(CSC_X)
#undef CSC_X
    return "the chain is valid";
}

static unsigned check_times(gnutls_x509_crt_t certificate, int64_t now) {
    const time_t begin = gnutls_x509_crt_get_activation_time(certificate);
    const time_t end = gnutls_x509_crt_get_expiration_time(certificate);

    if (begin == (time_t)-1 || end == (time_t)-1)
        return CSC_DEFECT_BROKEN;
    return (begin > now ? CSC_DEFECT_NOT_YET : 0) | (end < now ? CSC_DEFECT_EXPIRED : 0);
}

/* ---- the path ------------------------------------------------------------------------------------ */

static bool is_anchor(const csc_anchors *anchors, gnutls_x509_crt_t certificate) {
    for (size_t i = 0; i < anchors->count; i++)
        if (gnutls_x509_crt_equals(anchors->certificates[i], certificate))
            return true;
    return false;
}

/* Gathers the authorities that may have issued CERTIFICATE: those that are valid at this time or, if none is, all. */
static void find_issuers(struct path *path, const csc_anchors *anchors, gnutls_x509_crt_t certificate) {
    for (int stale = 0; stale <= 1 && path->issuer_count == 0; stale++)
        for (size_t i = 0; i < anchors->count; i++)
            if (gnutls_x509_crt_check_issuer(certificate, anchors->certificates[i]) &&
                (check_times(anchors->certificates[i], path->now) != 0) == stale)
                path->issuers[path->issuer_count++] = anchors->certificates[i];
}

/* Goes up from the first certificate; without an authority at its end the path has no issuers. */
static int find_path(struct path *path, const csc_chain *chain, const csc_anchors *anchors) {
    path->certificates = chain->certificates;
    path->issuers = calloc(anchors->count + 1, sizeof(gnutls_x509_crt_t));
    if (path->issuers == NULL)
        return CSC_ERR_MEMORY;
    path->count = 1;
    /* What was given as an authority needs none above it. */
    if (is_anchor(anchors, chain->certificates[0])) {
        path->issuers[path->issuer_count++] = chain->certificates[0];
        return CSC_OK;
    }
    for (;;) {
        gnutls_x509_crt_t last = chain->certificates[path->count - 1];

        find_issuers(path, anchors, last);
        if (path->issuer_count > 0 || path->count == chain->count ||
            !gnutls_x509_crt_check_issuer(last, chain->certificates[path->count]))
            return CSC_OK;
        path->count++;
    }
}

/* ---- its certificates ------------------------------------------------------------------------------ */

static unsigned check_path_times(const struct path *path) {
    unsigned defects = path->issuer_count > 0 ? check_times(path->issuers[0], path->now) : 0;

    for (size_t i = 0; i < path->count; i++)
        defects |= check_times(path->certificates[i], path->now);
    return defects;
}

/* Signatures, basic constraints, name constraints, critical extensions, strengths. */
static unsigned check_signatures(const struct path *path) {
    const unsigned weak = GNUTLS_CERT_INSECURE_ALGORITHM;
    unsigned found = 0;

    if (gnutls_x509_crt_list_verify(path->certificates, (unsigned)path->count, path->issuers,
                                    (unsigned)path->issuer_count, NULL, 0, FLAGS, &found) < 0)
        return CSC_DEFECT_BROKEN;
    if (found == 0)
        return 0;
    if ((found & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0)
        return CSC_DEFECT_ISSUER;
    if ((found & weak) != 0)
        return CSC_DEFECT_WEAK | ((found & ~(weak | GNUTLS_CERT_INVALID)) != 0 ? CSC_DEFECT_BROKEN : 0);
    return CSC_DEFECT_BROKEN;
}

/* What of the strength can be said without the issuer. */
static unsigned check_key(gnutls_x509_crt_t certificate) {
    unsigned bits = 0;
    int algorithm = gnutls_x509_crt_get_pk_algorithm(certificate, &bits);

    if (algorithm < 0)
        return CSC_DEFECT_BROKEN;
    return gnutls_pk_bits_to_sec_param((gnutls_pk_algorithm_t)algorithm, bits) < GNUTLS_SEC_PARAM_MEDIUM
               ? CSC_DEFECT_WEAK
               : 0;
}

static bool has_purpose(gnutls_x509_crt_t certificate, enum csc_purpose purpose) {
    if (purpose == CSC_PURPOSE_SERVER)
        return gnutls_x509_crt_check_key_purpose(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0) != 0;
    return gnutls_x509_crt_check_key_purpose(certificate, GNUTLS_KP_TLS_WWW_CLIENT, 0) != 0 ||
           gnutls_x509_crt_check_key_purpose(certificate, GNUTLS_KP_EMAIL_PROTECTION, 0) != 0;
}

static unsigned check_usage(const struct path *path, enum csc_purpose purpose) {
    const unsigned wanted = purpose == CSC_PURPOSE_SERVER ? GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT
                                                          : GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_NON_REPUDIATION;
    unsigned usage = 0;
    int rc = gnutls_x509_crt_get_key_usage(path->certificates[0], &usage, NULL);

    if (rc != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE && (rc < 0 || (usage & wanted) == 0))
        return CSC_DEFECT_USAGE;
    for (size_t i = 0; i < path->count; i++)
        if (!has_purpose(path->certificates[i], purpose))
            return CSC_DEFECT_USAGE;
    return 0;
}

/* ---- revocation ------------------------------------------------------------------------------------ */

/* GnuTLS looks at a list's times whatever it is told; they say nothing of who signed it. */
static bool is_genuine(gnutls_x509_crl_t list, gnutls_x509_crt_t issuer) {
    const unsigned times = GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
    unsigned found = 0;

    if (gnutls_x509_crl_check_issuer(list, issuer) == 0 || gnutls_x509_crl_verify(list, &issuer, 1, FLAGS, &found) < 0)
        return false;
    return (found & ~times) == 0 || ((found & times) != 0 && (found & ~(times | GNUTLS_CERT_INVALID)) == 0);
}

static bool is_current(gnutls_x509_crl_t list, int64_t now) {
    const time_t end = gnutls_x509_crl_get_next_update(list);

    return end != (time_t)-1 && end >= now && gnutls_x509_crl_get_this_update(list) <= now;
}

/* Looks CERTIFICATE up in the lists that one of ISSUERS signed.  Without any, CSC_DEFECT_CRL_MISSING. */
static unsigned check_lists(const struct path *path, const csc_anchors *anchors, gnutls_x509_crt_t certificate,
                            const gnutls_x509_crt_t *issuers, size_t issuer_count) {
    unsigned defects = CSC_DEFECT_CRL_MISSING;
    bool current = false;

    for (size_t i = 0; i < anchors->list_count; i++) {
        for (size_t j = 0; j < issuer_count; j++) {
            if (!is_genuine(anchors->lists[i], issuers[j]))
                continue;
            if (gnutls_x509_crt_check_revocation(certificate, &anchors->lists[i], 1) != 0)
                return CSC_DEFECT_REVOKED;
            current = current || is_current(anchors->lists[i], path->now);
            defects = current ? 0 : CSC_DEFECT_CRL_OLD;
        }
    }
    return defects;
}

static unsigned check_revocation(const struct path *path, const csc_anchors *anchors) {
    unsigned defects = 0;

    if (anchors->list_count == 0 || gnutls_x509_crt_equals(path->certificates[0], path->issuers[0]))
        return 0;
    for (size_t i = 0; i < path->count; i++) {
        const bool last = i + 1 == path->count;
        unsigned found = check_lists(path, anchors, path->certificates[i],
                                     last ? path->issuers : &path->certificates[i + 1], last ? path->issuer_count : 1);

        /* Authorities are often revoked by other means than a list. */
        defects |= i == 0 ? found : found & ~(unsigned)CSC_DEFECT_CRL_MISSING;
    }
    return defects;
}

int csc_chain_verify(const csc_chain *chain, const csc_anchors *anchors, enum csc_purpose purpose, const char *host,
                     int64_t now, unsigned *defects) {
    struct path path = {.now = now};
    unsigned found;
    int rc = find_path(&path, chain, anchors);

    if (rc != CSC_OK)
        return rc;
    found = check_path_times(&path) | check_usage(&path, purpose) | check_key(path.certificates[0]);
    if (host != NULL && gnutls_x509_crt_check_hostname2(path.certificates[0], host, 0) == 0)
        found |= CSC_DEFECT_NAME;
    if (path.issuer_count == 0)
        found |= CSC_DEFECT_ISSUER;
    else
        found |= check_signatures(&path) | check_revocation(&path, anchors);
    free(path.issuers);
    *defects = found;
    return CSC_OK;
}
