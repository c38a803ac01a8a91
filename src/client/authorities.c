#include <config.h>

#include "src/client/authorities.h"
#include "src/common/clock.h"

int authorities_open(struct authorities *authorities, const char *ca, const char *crl, struct diagnostic *why) {
    authorities->crl = crl;
    return ca == NULL ? 0 : certification_anchors(&authorities->given, ca, crl, why);
}

void authorities_close(struct authorities *authorities) {
    csc_anchors_free(authorities->given);
    csc_anchors_free(authorities->system);
    authorities->given = authorities->system = NULL;
}

static int64_t now(void) {
    return (int64_t)(clock_wall_ms() / 1000);
}

void authorities_judge_server(struct authorities *authorities, struct certification *certification,
                              const struct certificates *shown, const char *host, const csc_public_key *key) {
    struct certification_rules rules = {.anchors = authorities->given, .now = now()};
    struct diagnostic why = {""};

    if (shown != NULL && rules.anchors == NULL) {
        /* If they cannot be read, there are none, and no certificate is valid. */
        if (authorities->system == NULL &&
            certification_anchors(&authorities->system, NULL, authorities->crl, &why) != CSC_OK)
            authorities->system = NULL;
        rules.anchors = authorities->system;
    }
    certification_of_server(certification, shown, host, key, &rules);
    if (why.text[0] != '\0' && certification->verdict == CERTIFICATION_INVALID)
        certification->why = why;
}

void authorities_judge_peer(const struct authorities *authorities, struct certification *certification,
                            const struct attest *attest, struct span name, const csc_public_key *key) {
    const struct certification_rules rules = {
        .anchors = authorities->given, .any_name = authorities->any_name, .now = now()};

    certification_of_user(certification, attest, name, key, &rules);
}

/* What the person can do about a server that is refused. */
static const char *remedy(const struct certification *certification) {
    if (certification->verdict == CERTIFICATION_INVALID && certification->defects == CSC_DEFECT_ISSUER)
        return "if the issuer is to be trusted, give --ca with the file of its certificate; or, with the fingerprint "
               "of the server's key from somebody you trust, --fingerprint";
    return "tell the server's operator; with the fingerprint of its key from somebody you trust, --fingerprint does "
           "without a certificate";
}

enum trust_verdict authorities_weigh(enum trust_verdict verdict, const char *server,
                                     const struct certification *certification, struct diagnostic *why) {
    if (certification->verdict == CERTIFICATION_NONE || verdict == TRUST_FAILED || verdict == TRUST_CHANGED)
        return verdict;
    if (certification->verdict == CERTIFICATION_GOOD)
        return TRUST_GOOD;
    if (verdict == TRUST_GOOD && certification->verdict == CERTIFICATION_INVALID &&
        certification->defects == CSC_DEFECT_ISSUER)
        return TRUST_GOOD;
    diagnostic_set(why, "the certificate of the server %s is not valid: %s (subject %s, issuer %s): %s", server,
                   certification->why.text, certification->subject, certification->issuer, remedy(certification));
    return TRUST_REFUSED;
}
