/*
 * session: a connected client as the other threads see it.
 *
 * Made when the connection is accepted, by its thread; entered into the session_table when the client
 * has proven its key.  Counted: whoever looks it up holds a reference, so that it outlives its
 * connection for as long as somebody is about to push to it.
 * Name, fingerprint and time are set before it is entered and never change after.
 *
 * It knows with whom it exchanged client-connect, so that they can be told when it leaves.
 * Locked: rank session, the lowest, because departing visits other sessions.
 */
#ifndef SERVER_SESSION_H
#define SERVER_SESSION_H

#include "proto/name.h"
#include "src/server/outbox.h"
#include <stdatomic.h>

/* Peers that are told: more than people talk to; the oldest is forgotten, and learns it from the next message's
 * no-such-user. */
#define SESSION_PEERS_MAX 1024

/* Why a session is to end that others have ended. */
enum session_dismissal {
    SESSION_STAYS,
    SESSION_REPLACED, /* somebody with the same key has taken the name */
    SESSION_REMOVED,  /* the name was taken away from the key */
    SESSION_DENIED    /* the name may not come any more */
};

struct session_peer {
    char name[NAME_SIZE]; /* folded */
    uint64_t id;          /* of the session it was then */
};

struct session {
    uint64_t id; /* from 1, unique while the server runs: also the client's number in the log */
    char name[NAME_SIZE];
    char folded[NAME_SIZE];
    char fingerprint[CSC_FINGERPRINT_SIZE];
    uint64_t since; /* Unix seconds */

    struct wake wake;
    struct outbox outbox;
    atomic_uint references;
    _Atomic(enum session_dismissal) dismissal; /* not SESSION_STAYS: say bye and end */

    struct session *next; /* in its bucket of the session_table, whose lock guards it */

    struct lock lock;
    bool departed GUARDED_BY(lock);
    struct session_peer *peers GUARDED_BY(lock);
    size_t peer_count GUARDED_BY(lock);
    size_t peer_capacity GUARDED_BY(lock);
    size_t peer_oldest GUARDED_BY(lock); /* where the next goes when all places are taken */
};

/* A session for SOCKET, with one reference, whose outbox is of POOL; both are borrowed.  0, PROTO_E_MEMORY, or
 * PROTO_E_FULL when there is no descriptor left. */
int session_new(struct session **session, uint64_t id, int socket, struct outbox_pool *pool)
    __attribute__((warn_unused_result));

/* Name and key, before others can see the session. */
void session_name(struct session *session, struct span name, const char *fingerprint, uint64_t since);

struct session *session_hold(struct session *session);

/* The last one wipes and frees it.  NULL is legal. */
void session_release(struct session *session);

/* Has SESSION end.  The first of several counts. */
void session_dismiss(struct session *session, enum session_dismissal why);

enum session_dismissal session_dismissal(struct session *session);

/* The word for it in the bye. */
const char *session_dismissal_word(enum session_dismissal why);

/* Notes that the two exchange client-connect, in both.  PROTO_E_STATE if either has departed, PROTO_E_MEMORY. */
int session_acquaint(struct session *a, struct session *b) __attribute__((warn_unused_result));

#endif
