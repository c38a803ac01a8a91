/* Private keys that certificates belong to, in files and on tokens. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <gnutls/pkcs11.h>

#include "crypto/chain.h"
#include "crypto/envelope.h"
#include "crypto/file.h"
#include "crypto/pem.h"
#include "crypto/rsa_key.h"

#define URL_SCHEME "pkcs11:"
#define URL_MAX    1024

struct csc_signer {
    gnutls_privkey_t key;
    bool token; /* the key is on one: PKCS#11 was initialised */
    char url[URL_MAX];
    csc_pin_function pin;
    void *user;
    bool gave_up;   /* PIN returned false */
    bool wrong_pin; /* and a PIN had been wrong before */
};

void csc_signer_free(csc_signer *signer) {
    if (signer == NULL)
        return;
    gnutls_privkey_deinit(signer->key);
    if (signer->token)
        gnutls_pkcs11_deinit();
    free(signer);
}

static int new_signer(csc_signer **signer) {
    csc_signer *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return CSC_ERR_MEMORY;
    if (gnutls_privkey_init(&made->key) < 0) {
        free(made);
        return CSC_ERR_MEMORY;
    }
    *signer = made;
    return CSC_OK;
}

/* ---- files ----------------------------------------------------------------------------------------- */

/* Reads the key in the SIZE bytes of TEXT, which are BLOCK. */
static int import_text(csc_signer *signer, const char *text, size_t size, const struct cs_pem *block,
                       const char *password) {
    const gnutls_datum_t pem = {(unsigned char *)text, (unsigned)size};
    const bool encrypted = cs_pem_has_label(block, "ENCRYPTED PRIVATE KEY");
    gnutls_x509_privkey_t key = NULL;
    int rc;

    if (encrypted && password == NULL)
        return CSC_ERR_PASSWORD_NEEDED;
    rc = encrypted ? cs_envelope_check(block) : CSC_OK;
    if (rc != CSC_OK)
        return rc;
    rc = gnutls_x509_privkey_init(&key);
    if (rc >= 0)
        rc = gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, encrypted ? password : NULL,
                                         encrypted ? 0 : GNUTLS_PKCS_PLAIN);
    if (rc >= 0)
        rc = gnutls_privkey_import_x509(signer->key, key, GNUTLS_PRIVKEY_IMPORT_COPY);
    gnutls_x509_privkey_deinit(key);
    return rc < 0 ? cs_error_from_gnutls(rc, encrypted ? CSC_ERR_PASSWORD_WRONG : CSC_ERR_SIGNER) : CSC_OK;
}

static int check_key(const csc_signer *signer) {
    gnutls_pk_algorithm_t kind;
    gnutls_pubkey_t key = NULL;
    int rc = gnutls_pubkey_init(&key);

    if (rc >= 0)
        rc = gnutls_pubkey_import_privkey(key, signer->key, 0, 0);
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_SIGNER) : cs_signer_kind(key, &kind);
    gnutls_pubkey_deinit(key);
    return rc;
}

/* Finds the private key in the *SIZE bytes of *TEXT, and sets both to its block.  Programs that make keys write about
 * them, or their certificate, in the same file. */
static int find_key(struct cs_pem *block, const char **text, size_t *size) {
    static const char *const labels[] = {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"};

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        const char *behind = *text;
        size_t left = *size;
        int rc = cs_pem_find(block, &behind, &left, labels[i]);

        if (rc == 1) {
            *text = block->label - strlen("-----BEGIN ");
            *size = (size_t)(behind - *text);
            return CSC_OK;
        }
        if (rc < 0)
            return rc;
    }
    return CSC_ERR_FORMAT;
}

int csc_signer_load(csc_signer **signer, const char *path, const char *password) {
    struct cs_pem block = {0};
    csc_signer *made = NULL;
    char *text = NULL;
    size_t size = 0, key_size = 0;
    const char *key = NULL;
    int rc = cs_file_read(path, CSC_PEM_MAX, &text, &size);

    if (rc != CSC_OK)
        return rc;
    key = text;
    key_size = size;
    rc = find_key(&block, &key, &key_size);
    if (rc == CSC_OK)
        rc = new_signer(&made);
    if (rc == CSC_OK)
        rc = import_text(made, key, key_size, &block, password);
    if (rc == CSC_OK)
        rc = check_key(made);
    cs_pem_close(&block);
    csc_wipe(text, size);
    free(text);
    if (rc == CSC_OK)
        *signer = made;
    else
        csc_signer_free(made);
    return rc;
}

/* ---- tokens ---------------------------------------------------------------------------------------- */

/* The value of the attribute NAME in URL, up to *SIZE characters of it, or NULL. */
static const char *find_attribute(const char *url, const char *name, size_t *size) {
    const size_t length = strlen(name);
    const char *at = url + strlen(URL_SCHEME);

    while (*at != '\0') {
        size_t whole = strcspn(at, ";?&");

        if (whole > length && strncasecmp(at, name, length) == 0 && at[length] == '=') {
            *size = whole - length - 1;
            return at + length + 1;
        }
        at += whole + (at[whole] != '\0');
    }
    return NULL;
}

static bool is_token_url(const char *url) {
    size_t size;

    return strlen(url) < URL_MAX && strncasecmp(url, URL_SCHEME, strlen(URL_SCHEME)) == 0 &&
           find_attribute(url, "pin-value", &size) == NULL && find_attribute(url, "pin-source", &size) == NULL;
}

/* Resolves the %XX of SIZE characters at TEXT.  False if one is none, or NUL. */
static bool percent_decode(char out[static URL_MAX], const char *text, size_t size) {
    size_t length = 0;

    for (size_t i = 0; i < size; i++) {
        char digits[3] = {0};

        out[length] = text[i];
        if (text[i] == '%') {
            if (size - i < 3 || !isxdigit((unsigned char)text[i + 1]) || !isxdigit((unsigned char)text[i + 2]))
                return false;
            memcpy(digits, text + i + 1, 2);
            out[length] = (char)strtoul(digits, NULL, 16);
            i += 2;
        }
        if (out[length++] == '\0')
            return false;
    }
    out[length] = '\0';
    return true;
}

static int load_module(const char *url) {
    size_t size = 0;
    const char *value = find_attribute(url, "module-path", &size);
    char path[URL_MAX];

    if (value == NULL)
        return gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_AUTO, NULL) < 0 ? CSC_ERR_TOKEN_MODULE : CSC_OK;
    if (!percent_decode(path, value, size))
        return CSC_ERR_TOKEN_URL;
    if (gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL) < 0 || gnutls_pkcs11_add_provider(path, NULL) < 0)
        return CSC_ERR_TOKEN_MODULE;
    return CSC_OK;
}

/* Called by GnuTLS. */
static int ask_pin(void *data, int attempt, const char *url, const char *label, unsigned flags, char *pin,
                   size_t size) {
    csc_signer *signer = data;
    const bool wrong = attempt > 0 || (flags & GNUTLS_PIN_WRONG) != 0;

    (void)url;
    signer->wrong_pin = signer->wrong_pin || wrong;
    if (signer->pin != NULL && signer->pin(signer->user, label, wrong && attempt == 0 ? 1 : (unsigned)attempt,
                                           (flags & GNUTLS_PIN_FINAL_TRY) != 0, pin, size))
        return 0;
    csc_wipe(pin, size);
    signer->gave_up = true;
    return GNUTLS_E_PKCS11_PIN_ERROR;
}

static int token_error(const csc_signer *signer, int result, int fallback) {
    if (result == GNUTLS_E_PKCS11_PIN_LOCKED)
        return CSC_ERR_PIN_LOCKED;
    if (signer->gave_up)
        return signer->wrong_pin ? CSC_ERR_PIN_WRONG : CSC_ERR_PIN_NEEDED;
    if (result == GNUTLS_E_PKCS11_PIN_ERROR)
        return CSC_ERR_PIN_WRONG;
    return cs_error_from_gnutls(result, fallback);
}

int csc_signer_open(csc_signer **signer, const char *url, csc_pin_function pin, void *user) {
    csc_signer *made = NULL;
    int rc;

    if (!is_token_url(url))
        return CSC_ERR_TOKEN_URL;
    rc = new_signer(&made);
    if (rc != CSC_OK)
        return rc;
    made->token = true;
    made->pin = pin;
    made->user = user;
    memcpy(made->url, url, strlen(url) + 1);
    rc = load_module(url);
    if (rc == CSC_OK) {
        gnutls_privkey_set_pin_function(made->key, ask_pin, made);
        rc = gnutls_privkey_import_url(made->key, url, 0);
        rc = rc < 0 ? token_error(made, rc, CSC_ERR_TOKEN) : CSC_OK;
    }
    if (rc == CSC_OK)
        *signer = made;
    else
        csc_signer_free(made);
    return rc;
}

/* Makes a chain of the COUNT certificates that GnuTLS has. */
static int chain_of(csc_chain **chain, gnutls_x509_crt_t *certificates, unsigned count) {
    gnutls_datum_t der[CSC_CHAIN_MAX] = {{0}};
    struct csc_part parts[CSC_CHAIN_MAX] = {{0}};
    int rc = CSC_OK;

    if (count > CSC_CHAIN_MAX)
        return CSC_ERR_CHAIN_SIZE;
    for (unsigned i = 0; i < count && rc >= 0; i++) {
        rc = gnutls_x509_crt_export2(certificates[i], GNUTLS_X509_FMT_DER, &der[i]);
        parts[i] = (struct csc_part){der[i].data, der[i].size};
    }
    rc = rc < 0 ? cs_error_from_gnutls(rc, CSC_ERR_CERTIFICATE) : csc_chain_from_der(chain, parts, count);
    for (unsigned i = 0; i < count; i++)
        gnutls_free(der[i].data);
    return rc;
}

int csc_signer_chain(csc_signer *signer, csc_chain **chain) {
    gnutls_x509_crt_t *certificates = NULL;
    unsigned count = 0;
    int rc;

    if (!signer->token)
        return CSC_ERR_TOKEN;
    rc = gnutls_x509_crt_list_import_url(&certificates, &count, signer->url, ask_pin, signer, 0);
    if (rc < 0)
        return token_error(signer, rc, CSC_ERR_TOKEN);
    rc = chain_of(chain, certificates, count);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(certificates[i]);
    gnutls_free(certificates);
    return rc;
}

/* ---- signatures ------------------------------------------------------------------------------------ */

/* Whether it was the way of signing that failed. */
static bool is_unsupported(int result) {
    return result == GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM || result == GNUTLS_E_UNIMPLEMENTED_FEATURE ||
           result == GNUTLS_E_INVALID_REQUEST || result == GNUTLS_E_PKCS11_UNSUPPORTED_FEATURE_ERROR ||
           result == GNUTLS_E_PKCS11_ERROR || result == GNUTLS_E_CONSTRAINT_ERROR;
}

int csc_signer_sign(csc_signer *signer, const csc_chain *chain, const void *data, size_t size,
                    enum csc_signature *algorithm, uint8_t signature[static CSC_SIGNATURE_MAX],
                    size_t *signature_size) {
    const gnutls_datum_t text = {(unsigned char *)data, (unsigned)size};
    gnutls_datum_t value = {0};
    enum csc_signature chosen = CSC_RSA_PSS_SHA256;
    int rc = cs_signer_choose(chain, &chosen);

    if (rc != CSC_OK)
        return rc;
    rc = gnutls_privkey_sign_data2(signer->key, cs_signer_algorithm(chosen), 0, &text, &value);
    if (is_unsupported(rc) && signer->token && chosen == CSC_RSA_PSS_SHA256) {
        chosen = CSC_RSA_PKCS1_SHA256;
        rc = gnutls_privkey_sign_data2(signer->key, cs_signer_algorithm(chosen), 0, &text, &value);
    }
    if (rc < 0)
        return is_unsupported(rc) ? CSC_ERR_SIGNATURE : token_error(signer, rc, CSC_ERR_INTERNAL);
    rc = csc_chain_check_signature(chain, chosen, data, size, value.data, value.size);
    if (rc == CSC_OK) {
        memcpy(signature, value.data, value.size);
        *signature_size = value.size;
        *algorithm = chosen;
    }
    gnutls_free(value.data);
    return rc;
}
