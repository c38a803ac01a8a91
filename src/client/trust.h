/*
 * trust: whose keys are acceptable.
 *
 * The server's key is decided on by --fingerprint, known_servers and the policy; a peer's by known_peers and the
 * policy.  A key that differs from the one on file is refused whatever the policy and whatever anybody types.
 * Names and keys are noted with trust_note_*(), once the caller has decided.  Single owner.
 *
 * chatsecure(1), "TRUST".
 */
#ifndef CLIENT_TRUST_H
#define CLIENT_TRUST_H

#include "src/common/state_dir.h"
#include "src/common/trust_store.h"

enum trust_policy { TRUST_ASK, TRUST_FIRST_USE, TRUST_KNOWN };

enum trust_verdict {
    TRUST_GOOD,    /* known or pinned */
    TRUST_NEW,     /* never seen; acceptable by the policy, and to be noted */
    TRUST_UNKNOWN, /* never seen; somebody must be asked */
    TRUST_REFUSED, /* `why` says why, and what would help */
    TRUST_CHANGED, /* the same, and what is on file is another key */
    TRUST_FAILED,  /* the file cannot be read: `why` */
};

struct trust {
    char servers_path[STATE_PATH_SIZE];
    char peers_path[STATE_PATH_SIZE];
    enum trust_policy server_policy;
    enum trust_policy peer_policy; /* not TRUST_ASK */
    const char *pin;               /* the server's fingerprint, or NULL; borrowed */
    bool require_certified;        /* no session with a peer who is not */
};

/* SERVER is "host:port" as the user wrote it, in lower case. */
enum trust_verdict trust_server(const struct trust *trust, const char *server, const char *fingerprint,
                                struct diagnostic *why);

enum trust_verdict trust_peer(const struct trust *trust, const char *peer, const char *fingerprint,
                              struct diagnostic *why);

/* Write the name and key down.  0 or -errno with WHY; a name that is on file by now is left alone. */
int trust_note_server(const struct trust *trust, const char *server, const char *fingerprint, struct diagnostic *why);
int trust_note_peer(const struct trust *trust, const char *peer, const char *fingerprint, struct diagnostic *why);

#endif
