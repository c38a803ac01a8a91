/* Chains of certificates: where they come from, and what they say. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "crypto/chain.h"
#include "crypto/file.h"
#include "crypto/pem.h"
#include "crypto/rsa_key.h"

#define LABEL "CERTIFICATE"

/* Of a chain in PEM: base64 takes a third more, and there may be text around it. */
#define CHAIN_FILE_MAX 65536

#define OID_COMMON_NAME "2.5.4.3"

/* More subjectAltNames are not looked at. */
#define ALTERNATIVE_NAMES_MAX 64

/* Copies COUNT parts that were found to fit. */
static void copy_parts(csc_chain *chain, const struct csc_part *parts, size_t count) {
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        memcpy(chain->der + used, parts[i].data, parts[i].size);
        chain->parts[i] = (struct csc_part){chain->der + used, parts[i].size};
        used += parts[i].size;
    }
}

/* Makes a certificate of PART.  GnuTLS takes nothing but DER, and nothing behind it. */
static int import(gnutls_x509_crt_t *certificate, const struct csc_part *part) {
    const gnutls_datum_t der = {(unsigned char *)part->data, (unsigned)part->size};
    gnutls_x509_crt_t made = NULL;
    int rc = gnutls_x509_crt_init(&made);

    if (rc >= 0)
        rc = gnutls_x509_crt_import(made, &der, GNUTLS_X509_FMT_DER);
    if (rc < 0) {
        gnutls_x509_crt_deinit(made);
        return cs_error_from_gnutls(rc, CSC_ERR_CERTIFICATE);
    }
    *certificate = made;
    return CSC_OK;
}

int csc_chain_from_der(csc_chain **chain, const struct csc_part *parts, size_t count) {
    csc_chain *made;
    size_t total = 0;
    int rc = CSC_OK;

    if (count == 0 || count > CSC_CHAIN_MAX)
        return CSC_ERR_CHAIN_SIZE;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size == 0 || parts[i].size > CSC_CHAIN_BYTES - total)
            return CSC_ERR_CHAIN_SIZE;
        total += parts[i].size;
    }
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return CSC_ERR_MEMORY;
    copy_parts(made, parts, count);
    for (; rc == CSC_OK && made->count < count; made->count += rc == CSC_OK)
        rc = import(&made->certificates[made->count], &made->parts[made->count]);
    if (rc == CSC_OK)
        *chain = made;
    else
        csc_chain_free(made);
    return rc;
}

/* Takes the blocks out of TEXT.  One more than is allowed is looked for, and refused. */
static int chain_from_pem(csc_chain **chain, const char *text, size_t size) {
    struct cs_pem blocks[CSC_CHAIN_MAX + 1] = {{0}};
    struct csc_part parts[CSC_CHAIN_MAX + 1];
    size_t count = 0;
    int rc = 1;

    while (count <= CSC_CHAIN_MAX && (rc = cs_pem_find(&blocks[count], &text, &size, LABEL)) == 1) {
        parts[count] = (struct csc_part){blocks[count].der, blocks[count].der_size};
        count++;
    }
    if (rc >= 0)
        rc = count == 0 ? CSC_ERR_CERTIFICATE : csc_chain_from_der(chain, parts, count);
    else if (rc != CSC_ERR_MEMORY && rc != CSC_ERR_TRUNCATED)
        rc = CSC_ERR_CERTIFICATE;
    for (size_t i = 0; i < count; i++)
        cs_pem_close(&blocks[i]);
    return rc;
}

int csc_chain_load(csc_chain **chain, const char *path) {
    char *text = NULL;
    size_t size = 0;
    int rc = cs_file_read(path, CHAIN_FILE_MAX, &text, &size);

    if (rc != CSC_OK)
        return rc;
    rc = chain_from_pem(chain, text, size);
    csc_wipe(text, size); /* a private key is often in the same file */
    free(text);
    return rc;
}

void csc_chain_free(csc_chain *chain) {
    if (chain == NULL)
        return;
    for (size_t i = 0; i < chain->count; i++)
        gnutls_x509_crt_deinit(chain->certificates[i]);
    free(chain);
}

size_t csc_chain_count(const csc_chain *chain) {
    return chain->count;
}

struct csc_part csc_chain_der(const csc_chain *chain, size_t index) {
    return chain->parts[index];
}

/* ---- what the first certificate says -------------------------------------------------------------- */

/* Copies SIZE bytes of TEXT, and cuts at the end of a UTF-8 character what is too long. */
static void copy_name(char out[static CSC_CERTIFICATE_NAME_SIZE], const void *text, size_t size) {
    const unsigned char *bytes = text;

    if (size >= CSC_CERTIFICATE_NAME_SIZE) {
        size = CSC_CERTIFICATE_NAME_SIZE - 1;
        while (size > 0 && (bytes[size] & 0xc0) == 0x80)
            size--;
    }
    memcpy(out, bytes, size);
    out[size] = '\0';
}

typedef int get_name(gnutls_x509_crt_t certificate, gnutls_datum_t *name, unsigned flags);

static void get_text(const csc_chain *chain, get_name *get, char out[static CSC_CERTIFICATE_NAME_SIZE]) {
    gnutls_datum_t text = {0};

    out[0] = '\0';
    if (get(chain->certificates[0], &text, 0) < 0)
        return;
    copy_name(out, text.data, text.size);
    gnutls_free(text.data);
}

void csc_chain_subject(const csc_chain *chain, char out[static CSC_CERTIFICATE_NAME_SIZE]) {
    get_text(chain, gnutls_x509_crt_get_dn3, out);
}

void csc_chain_issuer(const csc_chain *chain, char out[static CSC_CERTIFICATE_NAME_SIZE]) {
    get_text(chain, gnutls_x509_crt_get_issuer_dn3, out);
}

/* What GnuTLS wrote to OUT counts only as a whole and without a NUL inside: half a name is another one. */
static bool finish_name(int rc, char out[static CSC_CERTIFICATE_NAME_SIZE], size_t size) {
    if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return false;
    if (rc < 0 || size >= CSC_CERTIFICATE_NAME_SIZE || memchr(out, '\0', size) != NULL)
        size = 0;
    out[size] = '\0';
    return true;
}

static bool common_name(const csc_chain *chain, size_t index, char out[static CSC_CERTIFICATE_NAME_SIZE]) {
    size_t size = CSC_CERTIFICATE_NAME_SIZE;
    int rc = gnutls_x509_crt_get_dn_by_oid(chain->certificates[0], OID_COMMON_NAME, (unsigned)index, 0, out, &size);

    return finish_name(rc, out, size);
}

/* The extension counts names of all kinds, and GnuTLS reads all of it each time. */
static bool alternative_name(const csc_chain *chain, enum csc_name_kind kind, size_t index,
                             char out[static CSC_CERTIFICATE_NAME_SIZE]) {
    const unsigned wanted = kind == CSC_NAME_EMAIL ? GNUTLS_SAN_RFC822NAME : GNUTLS_SAN_URI;

    for (unsigned i = 0; i < ALTERNATIVE_NAMES_MAX; i++) {
        size_t size = CSC_CERTIFICATE_NAME_SIZE;
        unsigned type = GNUTLS_SAN_OTHERNAME;
        int rc = gnutls_x509_crt_get_subject_alt_name2(chain->certificates[0], i, out, &size, &type, NULL);

        if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return false;
        /* It does not tell the kind of one with a NUL in it. */
        if (rc < 0 && rc != GNUTLS_E_SHORT_MEMORY_BUFFER)
            continue;
        if (type == wanted && index-- == 0)
            return finish_name(rc, out, size);
    }
    return false;
}

bool csc_chain_name(const csc_chain *chain, enum csc_name_kind kind, size_t index,
                    char out[static CSC_CERTIFICATE_NAME_SIZE]) {
    return kind == CSC_NAME_COMMON ? common_name(chain, index, out) : alternative_name(chain, kind, index, out);
}

bool csc_chain_has_key(const csc_chain *chain, const csc_public_key *key) {
    gnutls_pubkey_t leaf = NULL;
    gnutls_datum_t der = {0};
    bool same = false;

    if (gnutls_pubkey_init(&leaf) >= 0 && gnutls_pubkey_import_x509(leaf, chain->certificates[0], 0) >= 0 &&
        gnutls_pubkey_export2(leaf, GNUTLS_X509_FMT_DER, &der) >= 0)
        same = der.size == key->der_size && memcmp(der.data, key->der, der.size) == 0;
    gnutls_free(der.data);
    gnutls_pubkey_deinit(leaf);
    return same;
}

int64_t csc_chain_expires(const csc_chain *chain) {
    return gnutls_x509_crt_get_expiration_time(chain->certificates[0]);
}
