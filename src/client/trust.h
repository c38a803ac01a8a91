/*
 * trust: decides whether a key is acceptable for a name.
 *
 * The server's key is judged by --fingerprint, known_servers and the policy; a peer's by known_peers and the policy.  A
 * key that differs from the one on file is refused, whatever the policy and whatever anybody types.  trust_note_*()
 * write a new key to the file, once the caller has decided.  Single owner.
 *
 * A text goes to the key that is on file when it is typed, and to no other: trust_text() says which that is, and
 * refuses peers that are not verified under --require verified.  Messages of such peers are still received: the reader
 * can judge what somebody says, but what is sent cannot be taken back.
 *
 * chatsecure(1), "TRUST".
 */
#ifndef CLIENT_TRUST_H
#define CLIENT_TRUST_H

#include "src/common/state_dir.h"
#include "src/common/trust_store.h"

enum trust_policy { TRUST_ASK, TRUST_FIRST_USE, TRUST_KNOWN };

enum trust_verdict {
    TRUST_GOOD,    /* it is on file, or pinned by --fingerprint */
    TRUST_NEW,     /* never seen; the policy accepts it, and it is to be noted */
    TRUST_UNKNOWN, /* never seen; the person must be asked */
    TRUST_REFUSED, /* not acceptable; WHY says what would help */
    TRUST_CHANGED, /* not acceptable, since another key is on file; likewise */
    TRUST_FAILED,  /* the file cannot be read: WHY */
};

/* Bytes of "chatsecure --state-dir DIR", quoted for a shell; a DIR that is too long is left out. */
#define TRUST_COMMAND_SIZE 512

struct trust {
    char servers_path[STATE_PATH_SIZE];
    char peers_path[STATE_PATH_SIZE];
    enum trust_policy server_policy;
    enum trust_policy peer_policy;    /* not TRUST_ASK */
    const char *pin;                  /* the server's fingerprint, or NULL; borrowed */
    bool require_certified;           /* no session with a peer that is not certified */
    bool require_verified;            /* send only to peers that are verified */
    bool servers_fixed;               /* the file of servers is never written, nor locked */
    bool peers_fixed;                 /* the same for the file of peers */
    char command[TRUST_COMMAND_SIZE]; /* what to type in a shell to call this program for the same files */
};

/* A cache of what known_peers has of a peer, valid until the file changes.  All zero at first. */
struct trust_memory {
    bool asked; /* the rest is filled in */
    struct trust_stamp stamp;
    int found; /* as trust_store_find() has it */
    struct trust_entry entry;
};

/* The verdict on the key of FINGERPRINT that SERVER shows, "host:port" as the user wrote it, in lower case. */
enum trust_verdict trust_server(const struct trust *trust, const char *server, const char *fingerprint,
                                struct diagnostic *why);

/* The verdict on the key of FINGERPRINT that PEER shows; never TRUST_UNKNOWN. */
enum trust_verdict trust_peer(const struct trust *trust, const char *peer, const char *fingerprint,
                              struct diagnostic *why);

/* The key that a text for PEER is meant for: TRUST_GOOD, and *KEY is the fingerprint on file, or NULL if there is none;
 * TRUST_REFUSED or TRUST_FAILED with WHY.  *KEY points into MEMORY. */
enum trust_verdict trust_text(const struct trust *trust, const char *peer, struct trust_memory *memory,
                              const char **key, struct diagnostic *why);

/* Add a name and key to the file; a name that is on file by now is left alone.  0 or -errno with WHY; -EROFS: the file
 * is fixed. */
int trust_note_server(const struct trust *trust, const char *server, const char *fingerprint, struct diagnostic *why);
int trust_note_peer(const struct trust *trust, const char *peer, const char *fingerprint, struct diagnostic *why);

#endif
