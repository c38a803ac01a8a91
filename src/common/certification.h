/*
 * certification: what a peer's certificates are worth.
 *
 * Checks what travelled in a handshake (proto's attest) with the authorities of this machine.  Called by the server
 * for its clients, and by the client for its server and its peers, with the key that the peer has shown; that the peer
 * holds it is the handshake's to prove.  Pure, but for the files of certification_anchors().
 *
 * chatsecure-protocol(7), "Certificates".
 */
#ifndef COMMON_CERTIFICATION_H
#define COMMON_CERTIFICATION_H

#include "proto/attest.h"
#include "src/common/diagnostic.h"

enum certification_verdict {
    CERTIFICATION_NONE,    /* nothing was shown */
    CERTIFICATION_GOOD,    /* valid here */
    CERTIFICATION_INVALID, /* not valid here: `why`, and `defects` */
    CERTIFICATION_FORGED,  /* a lie: about another key or name, or with a wrong signature */
};

/* Room for a name of a certificate, each byte of which may be escaped. */
#define CERTIFICATION_NAME_SIZE 1024

struct certification {
    enum certification_verdict verdict;
    unsigned defects;                      /* of the chain, as csc_chain_verify() finds them */
    char subject[CERTIFICATION_NAME_SIZE]; /* escaped, "" if there is none */
    char issuer[CERTIFICATION_NAME_SIZE];
    struct diagnostic why; /* what is wrong, to be read behind "the certificate of X is not valid: " */
};

/* Whom to believe. */
struct certification_rules {
    const csc_anchors *anchors; /* NULL: nobody */
    bool any_name;              /* a user's certificate need not name the user */
    int64_t now;                /* Unix seconds */
};

/* Looks at what a user showed, NULL if nothing, who is called NAME and has KEY. */
void certification_of_user(struct certification *certification, const struct attest *attest, struct span name,
                           const csc_public_key *key, const struct certification_rules *rules);

/* Looks at what the server at HOST showed, NULL if nothing, which has KEY. */
void certification_of_server(struct certification *certification, const struct certificates *shown, const char *host,
                             const csc_public_key *key, const struct certification_rules *rules);

/* Reads the authorities of the file CA (NULL: those that the system trusts), and the lists of the file CRL (NULL:
 * none).  A negative csc_error with WHY. */
int certification_anchors(csc_anchors **anchors, const char *ca, const char *crl, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
