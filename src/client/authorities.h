/*
 * authorities: who vouches for servers and people, and what that comes to.
 *
 * The authorities of --ca, for both; without it those that the system trusts, for servers only, since they do not
 * vouch for names of people.  The system's are read when a server first shows a certificate: most never do.
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
    bool told_about_server; /* that it is known although its issuer is not */
};

/* Reads the file CA, unless it is NULL.  A negative csc_error with WHY. */
int authorities_open(struct authorities *authorities, const char *ca, const char *crl, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Legal on a zeroed struct. */
void authorities_close(struct authorities *authorities);

/* What a server's certificates are worth, as certification_of_server() has it. */
void authorities_judge_server(struct authorities *authorities, struct certification *certification,
                              const struct certificates *shown, const char *host, const csc_public_key *key);

/* What a peer's attest is worth. */
void authorities_judge_peer(const struct authorities *authorities, struct certification *certification,
                            const struct attest *attest, struct span name, const csc_public_key *key);

/* What VERDICT on SERVER's key, found without its certificates, becomes with them.  A valid one is as good as a known
 * key, and one that is not valid as bad as another key, WHY; but a known key stays good if nobody here knows the
 * issuer, and nothing else is wrong. */
enum trust_verdict authorities_weigh(enum trust_verdict verdict, const char *server,
                                     const struct certification *certification, struct diagnostic *why);

#endif
