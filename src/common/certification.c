#include <config.h>

#include "src/common/certification.h"

#include "proto/text.h"
#include <errno.h>
#include <strings.h>

#define SCHEME "chatsecure:"

/* ---- files --------------------------------------------------------------------------------------- */

static int file_error(struct diagnostic *why, const char *what, const char *path, int error) {
    diagnostic_set(why, "cannot read the %s %s: %s", what, path,
                   error == CSC_ERR_SYSTEM ? diagnostic_errno(errno) : csc_strerror(error));
    return error;
}

int certification_anchors(csc_anchors **anchors, const char *ca, const char *crl, struct diagnostic *why) {
    csc_anchors *made = NULL;
    int error = csc_anchors_new(&made);

    if (error != CSC_OK) {
        diagnostic_set(why, "%s", csc_strerror(error));
        return error;
    }
    if (ca == NULL)
        error = csc_anchors_add_system(made);
    else if ((error = csc_anchors_add_file(made, ca)) != CSC_OK)
        file_error(why, "authorities of", ca, error);
    if (ca == NULL && error != CSC_OK)
        diagnostic_set(why, "the system has no list of authorities: install ca-certificates, or give --ca FILE");
    if (error == CSC_OK && crl != NULL && (error = csc_anchors_add_crl(made, crl)) != CSC_OK)
        file_error(why, "list of revoked certificates", crl, error);
    if (error == CSC_OK)
        *anchors = made;
    else
        csc_anchors_free(made);
    return error;
}

/* ---- chains -------------------------------------------------------------------------------------- */

/* The library's word for an error ends in no full stop, and does as a reason. */
static void invalid(struct certification *certification, const char *why) {
    certification->verdict = CERTIFICATION_INVALID;
    diagnostic_set(&certification->why, "%s", why);
}

static void forged(struct certification *certification, const char *why) {
    certification->verdict = CERTIFICATION_FORGED;
    diagnostic_set(&certification->why, "%s", why);
}

static void take_names(struct certification *certification, const csc_chain *chain) {
    char name[CSC_CERTIFICATE_NAME_SIZE];

    csc_chain_subject(chain, name);
    text_escape_cut(certification->subject, sizeof(certification->subject), span_of(name));
    csc_chain_issuer(chain, name);
    text_escape_cut(certification->issuer, sizeof(certification->issuer), span_of(name));
}

static void judge_chain(struct certification *certification, const csc_chain *chain, enum csc_purpose purpose,
                        const char *host, const struct certification_rules *rules) {
    int error;

    if (rules->anchors == NULL) {
        certification->defects = CSC_DEFECT_ISSUER;
        invalid(certification, "no authority is known here: give --ca FILE");
        return;
    }
    error = csc_chain_verify(chain, rules->anchors, purpose, host, rules->now, &certification->defects);
    if (error != CSC_OK)
        invalid(certification, csc_strerror(error));
    else if (certification->defects != 0)
        invalid(certification, csc_defect_text(certification->defects));
}

/* ---- whose it is ----------------------------------------------------------------------------------- */

/* Whether TEXT up to END is NAME. */
static bool is_name(const char *text, size_t size, struct span name) {
    return size == name.size && strncasecmp(text, name.data, size) == 0;
}

/* 1 if a URI of the scheme has NAME, -1 if such URIs have others, 0 if there is none. */
static int check_uris(const csc_chain *chain, struct span name) {
    char text[CSC_CERTIFICATE_NAME_SIZE];
    int found = 0;

    for (size_t i = 0; csc_chain_name(chain, CSC_NAME_URI, i, text); i++) {
        if (strncasecmp(text, SCHEME, strlen(SCHEME)) != 0)
            continue;
        if (is_name(text + strlen(SCHEME), strlen(text) - strlen(SCHEME), name))
            return 1;
        found = -1;
    }
    return found;
}

static bool names_user(const csc_chain *chain, struct span name) {
    char text[CSC_CERTIFICATE_NAME_SIZE];
    const int uris = check_uris(chain, name);

    if (uris != 0)
        return uris > 0;
    for (size_t i = 0; csc_chain_name(chain, CSC_NAME_COMMON, i, text); i++)
        if (is_name(text, strlen(text), name))
            return true;
    for (size_t i = 0; csc_chain_name(chain, CSC_NAME_EMAIL, i, text); i++)
        if (strchr(text, '@') != NULL && is_name(text, strcspn(text, "@"), name))
            return true;
    return false;
}

/* ---- what was shown -------------------------------------------------------------------------------- */

static void judge_user(struct certification *certification, const csc_chain *chain, const struct attest *attest,
                       struct span name, const struct certification_rules *rules) {
    int error = csc_chain_check_signature(chain, attest->algorithm, attest->statement, attest->statement_size,
                                          attest->signature, attest->signature_size);

    take_names(certification, chain);
    if (error == CSC_ERR_SIGNATURE) {
        forged(certification, "the statement was not signed by the certificate's key");
        return;
    }
    if (error != CSC_OK) {
        invalid(certification, csc_strerror(error));
        return;
    }
    judge_chain(certification, chain, CSC_PURPOSE_USER, NULL, rules);
    if (certification->verdict == CERTIFICATION_GOOD && !rules->any_name && !names_user(chain, name))
        invalid(certification, "it names somebody else");
}

void certification_of_user(struct certification *certification, const struct attest *attest, struct span name,
                           const csc_public_key *key, const struct certification_rules *rules) {
    csc_chain *chain = NULL;
    int error;

    *certification = (struct certification){.verdict = attest == NULL ? CERTIFICATION_NONE : CERTIFICATION_GOOD};
    if (attest == NULL)
        return;
    if (!attest_is_for(attest, name, key)) {
        forged(certification, "the statement is about another name or key");
        return;
    }
    error = certificates_chain(&attest->chain, &chain);
    if (error != CSC_OK)
        invalid(certification, csc_strerror(error));
    else
        judge_user(certification, chain, attest, name, rules);
    csc_chain_free(chain);
}

void certification_of_server(struct certification *certification, const struct certificates *shown, const char *host,
                             const csc_public_key *key, const struct certification_rules *rules) {
    csc_chain *chain = NULL;
    int error;

    *certification = (struct certification){.verdict = shown == NULL ? CERTIFICATION_NONE : CERTIFICATION_GOOD};
    if (shown == NULL)
        return;
    error = certificates_chain(shown, &chain);
    if (error != CSC_OK) {
        invalid(certification, csc_strerror(error));
        return;
    }
    take_names(certification, chain);
    if (!csc_chain_has_key(chain, key))
        forged(certification, "the certificate is for another key");
    else
        judge_chain(certification, chain, CSC_PURPOSE_SERVER, host, rules);
    csc_chain_free(chain);
}
