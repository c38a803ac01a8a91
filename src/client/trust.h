/*
 * trust: whose keys are acceptable.
 *
 * The server's key is decided on by --fingerprint, known_servers and the policy; a peer's by known_peers and the
 * policy.  A key that differs from the one on file is refused whatever the policy and whatever anybody types.
 * Names and keys are noted with trust_note_*(), once the caller has decided.  Single owner.
 *
 * A text goes to the key that is on file when it is typed, and to no other: trust_text() says which that is.  A peer
 * that is not verified may be refused there (--require verified), but is still received from: what somebody says can
 * be judged by who reads it, what is sent cannot be taken back.
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

/* "chatsecure --state-dir DIR", with a quoted path; one that is too long for a line is left out. */
#define TRUST_COMMAND_SIZE 512

struct trust {
    char servers_path[STATE_PATH_SIZE];
    char peers_path[STATE_PATH_SIZE];
    enum trust_policy server_policy;
    enum trust_policy peer_policy; /* not TRUST_ASK */
    const char *pin;               /* the server's fingerprint, or NULL; borrowed */
    bool require_certified;        /* no session with a peer who is not */
    bool servers_fixed;            /* the file is never written, nor locked */
    bool peers_fixed;
    bool require_verified;            /* to send to a peer */
    char command[TRUST_COMMAND_SIZE]; /* how a shell calls this program for the same files */
};

/* What known_peers has of a peer, until the file changes; all zero at first. */
struct trust_memory {
    bool asked;
    struct trust_stamp stamp;
    int found; /* as trust_store_find() has it */
    struct trust_entry entry;
};

/* SERVER is "host:port" as the user wrote it, in lower case. */
enum trust_verdict trust_server(const struct trust *trust, const char *server, const char *fingerprint,
                                struct diagnostic *why);

enum trust_verdict trust_peer(const struct trust *trust, const char *peer, const char *fingerprint,
                              struct diagnostic *why);

/* The key that a text for PEER is meant for: GOOD and *KEY, which is NULL while there is none on file, or REFUSED or
 * FAILED with WHY.  *KEY lives as long as MEMORY is left alone. */
enum trust_verdict trust_text(const struct trust *trust, const char *peer, struct trust_memory *memory,
                              const char **key, struct diagnostic *why);

/* Write the name and key down.  0 or -errno with WHY; a name that is on file by now is left alone, and
 * -EROFS is the error where the file is fixed. */
int trust_note_server(const struct trust *trust, const char *server, const char *fingerprint, struct diagnostic *why);
int trust_note_peer(const struct trust *trust, const char *peer, const char *fingerprint, struct diagnostic *why);

#endif
