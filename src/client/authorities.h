/*
 * authorities: the certificate authorities the client believes, and what they make of a server's or a peer's key.
 *
 * The authorities of --ca vouch for both.  Without --ca, those that the system trusts vouch for servers, and nobody for
 * peers, since they certify no names of users.  The system's are read when a server first shows a certificate: most
 * servers never do.
 * Single owner.
 *
 * chatsecure(1), "CERTIFICATES".
 */
#ifndef CLIENT_AUTHORITIES_H
#define CLIENT_AUTHORITIES_H

#include "src/client/trust.h"
#include "src/common/certification.h"

struct authorities {
    const char *crl;        /* file, or NULL; borrowed */
    bool any_name;          /* a certificate need not name the peer who shows it */
    csc_anchors *given;     /* of --ca, or NULL */
    csc_anchors *system;    /* NULL: not read yet */
    bool told_about_server; /* the person knows by now that the server's key is known, but not its issuer */
};

/* Reads the file CA, unless it is NULL; CRL is kept for later.  0, or a negative csc_error with WHY. */
int authorities_open(struct authorities *authorities, const char *ca, const char *crl, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Legal on a zeroed struct. */
void authorities_close(struct authorities *authorities);

/* Sets CERTIFICATION to what the certificates SHOWN by the server HOST, NULL if it showed none, say of its KEY
 * (certification_of_server()). */
void authorities_judge_server(struct authorities *authorities, struct certification *certification,
                              const struct certificates *shown, const char *host, const csc_public_key *key);

/* Sets CERTIFICATION to what ATTEST, NULL if the peer showed none, says of the KEY of the peer NAME. */
void authorities_judge_peer(const struct authorities *authorities, struct certification *certification,
                            const struct attest *attest, struct span name, const csc_public_key *key);

/*
 * The final verdict on SERVER's key: VERDICT is that of known_servers and the policy alone, and CERTIFICATION may
 * change it.  A valid certificate is as good as a known key.  One that is not valid refuses the key, with WHY; except
 * that a known key stays good if the only defect is that the issuer is not known here.
 */
enum trust_verdict authorities_weigh(enum trust_verdict verdict, const char *server,
                                     const struct certification *certification, struct diagnostic *why);

#endif
