/* Authorities, and lists of what they revoked. */
#include <config.h>

#include <stdlib.h>

#include "crypto/chain.h"
#include "crypto/file.h"
#include "crypto/rsa_key.h"

/* More than any system has, and enough for a list of some hundred thousand serial numbers. */
#define ANCHOR_FILE_MAX (4 * 1024 * 1024)
#define CRL_FILE_MAX    (16 * 1024 * 1024)

int csc_anchors_new(csc_anchors **anchors) {
    csc_anchors *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return CSC_ERR_MEMORY;
    *anchors = made;
    return CSC_OK;
}

void csc_anchors_free(csc_anchors *anchors) {
    if (anchors == NULL)
        return;
    for (size_t i = 0; i < anchors->count; i++)
        gnutls_x509_crt_deinit(anchors->certificates[i]);
    for (size_t i = 0; i < anchors->list_count; i++)
        gnutls_x509_crl_deinit(anchors->lists[i]);
    free(anchors->certificates);
    free(anchors->lists);
    free(anchors);
}

/* Takes CERTIFICATE over, on failure too. */
static int add_certificate(csc_anchors *anchors, gnutls_x509_crt_t certificate) {
    gnutls_x509_crt_t *grown = realloc(anchors->certificates, (anchors->count + 1) * sizeof(gnutls_x509_crt_t));

    if (grown == NULL) {
        gnutls_x509_crt_deinit(certificate);
        return CSC_ERR_MEMORY;
    }
    anchors->certificates = grown;
    anchors->certificates[anchors->count++] = certificate;
    return CSC_OK;
}

static int add_list(csc_anchors *anchors, gnutls_x509_crl_t list) {
    gnutls_x509_crl_t *grown = realloc(anchors->lists, (anchors->list_count + 1) * sizeof(gnutls_x509_crl_t));

    if (grown == NULL) {
        gnutls_x509_crl_deinit(list);
        return CSC_ERR_MEMORY;
    }
    anchors->lists = grown;
    anchors->lists[anchors->list_count++] = list;
    return CSC_OK;
}

/* Takes back what was added since there were COUNT. */
static void cut_certificates(csc_anchors *anchors, size_t count) {
    while (anchors->count > count)
        gnutls_x509_crt_deinit(anchors->certificates[--anchors->count]);
}

int csc_anchors_add_file(csc_anchors *anchors, const char *path) {
    const size_t before = anchors->count;
    gnutls_x509_crt_t *found = NULL;
    gnutls_datum_t text = {0};
    unsigned count = 0;
    char *data = NULL;
    size_t size = 0;
    int rc = cs_file_read(path, ANCHOR_FILE_MAX, &data, &size);

    if (rc != CSC_OK)
        return rc;
    text = (gnutls_datum_t){(unsigned char *)data, (unsigned)size};
    rc = gnutls_x509_crt_list_import2(&found, &count, &text, GNUTLS_X509_FMT_PEM, 0);
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_CERTIFICATE) : CSC_OK;
    for (unsigned i = 0; i < count; i++) {
        if (rc == CSC_OK)
            rc = add_certificate(anchors, found[i]);
        else
            gnutls_x509_crt_deinit(found[i]);
    }
    if (rc != CSC_OK)
        cut_certificates(anchors, before);
    gnutls_free(found);
    free(data);
    return rc;
}

int csc_anchors_add_system(csc_anchors *anchors) {
    const size_t before = anchors->count;
    gnutls_x509_trust_list_iter_t at = NULL;
    gnutls_x509_trust_list_t system = NULL;
    gnutls_x509_crt_t certificate = NULL;
    int rc = gnutls_x509_trust_list_init(&system, 0);

    if (rc >= 0)
        rc = gnutls_x509_trust_list_add_system_trust(system, 0, 0);
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_CERTIFICATE) : CSC_OK;
    while (rc == CSC_OK && gnutls_x509_trust_list_iter_get_ca(system, &at, &certificate) >= 0)
        rc = add_certificate(anchors, certificate);
    gnutls_x509_trust_list_iter_deinit(at);
    gnutls_x509_trust_list_deinit(system, 1);
    if (rc == CSC_OK && anchors->count == before)
        rc = CSC_ERR_CERTIFICATE;
    if (rc != CSC_OK)
        cut_certificates(anchors, before);
    return rc;
}

int csc_anchors_add_crl(csc_anchors *anchors, const char *path) {
    const size_t before = anchors->list_count;
    gnutls_x509_crl_t *found = NULL;
    gnutls_datum_t text = {0};
    unsigned count = 0;
    char *data = NULL;
    size_t size = 0;
    int rc = cs_file_read(path, CRL_FILE_MAX, &data, &size);

    if (rc != CSC_OK)
        return rc;
    text = (gnutls_datum_t){(unsigned char *)data, (unsigned)size};
    rc = gnutls_x509_crl_list_import2(&found, &count, &text, GNUTLS_X509_FMT_PEM, 0);
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_CRL) : CSC_OK;
    for (unsigned i = 0; i < count; i++) {
        if (rc == CSC_OK)
            rc = add_list(anchors, found[i]);
        else
            gnutls_x509_crl_deinit(found[i]);
    }
    while (rc != CSC_OK && anchors->list_count > before)
        gnutls_x509_crl_deinit(anchors->lists[--anchors->list_count]);
    gnutls_free(found);
    free(data);
    return rc;
}
