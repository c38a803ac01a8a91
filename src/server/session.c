#include <config.h>

#include "src/server/session.h"

#include <stdlib.h>

#define PEERS_FIRST 4

int session_new(struct session **session, uint64_t id, int socket, struct outbox_pool *pool) {
    struct session *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return PROTO_E_MEMORY;
    made->id = id;
    if (wake_open(&made->wake) != 0) {
        free(made);
        return PROTO_E_FULL;
    }
    outbox_init(&made->outbox, socket, &made->wake, pool);
    lock_init(&made->lock);
    atomic_init(&made->references, 1);
    atomic_init(&made->dismissal, SESSION_STAYS);
    *session = made;
    return 0;
}

void session_name(struct session *session, struct span name, const char *fingerprint, uint64_t since) {
    name_copy(session->name, name);
    name_fold(session->folded, name);
    memcpy(session->fingerprint, fingerprint, CSC_FINGERPRINT_SIZE);
    session->since = since;
}

struct session *session_hold(struct session *session) {
    atomic_fetch_add(&session->references, 1);
    return session;
}

static void destroy(struct session *session) NO_THREAD_ANALYSIS {
    outbox_close(&session->outbox);
    outbox_destroy(&session->outbox);
    wake_close(&session->wake);
    lock_destroy(&session->lock);
    free(session->peers);
    csc_wipe(session, sizeof(*session));
    free(session);
}

void session_release(struct session *session) {
    if (session != NULL && atomic_fetch_sub(&session->references, 1) == 1)
        destroy(session);
}

void session_dismiss(struct session *session, enum session_dismissal why) {
    enum session_dismissal stays = SESSION_STAYS;

    atomic_compare_exchange_strong(&session->dismissal, &stays, why);
    wake_signal(&session->wake);
}

enum session_dismissal session_dismissal(struct session *session) {
    return atomic_load(&session->dismissal);
}

const char *session_dismissal_word(enum session_dismissal why) {
    static const char *const words[] = {[SESSION_STAYS] = "",
                                        [SESSION_REPLACED] = "replaced",
                                        [SESSION_REMOVED] = "removed",
                                        [SESSION_DENIED] = "denied"};

    return words[why];
}

static int grow_locked(struct session *session) REQUIRES(session->lock) {
    size_t capacity = session->peer_capacity > 0 ? 2 * session->peer_capacity : PEERS_FIRST;
    struct session_peer *peers = realloc(session->peers, capacity * sizeof(*peers));

    if (peers == NULL)
        return PROTO_E_MEMORY;
    session->peers = peers;
    session->peer_capacity = capacity;
    return 0;
}

static int add_peer_locked(struct session *session, const struct session *peer) REQUIRES(session->lock) {
    struct session_peer *place = NULL;

    if (session->departed)
        return PROTO_E_STATE;
    for (size_t i = 0; i < session->peer_count; i++)
        if (session->peers[i].id == peer->id)
            return 0;
    if (session->peer_count == SESSION_PEERS_MAX) {
        place = &session->peers[session->peer_oldest];
        session->peer_oldest = (session->peer_oldest + 1) % SESSION_PEERS_MAX;
    } else {
        if (session->peer_count == session->peer_capacity && grow_locked(session) != 0)
            return PROTO_E_MEMORY;
        place = &session->peers[session->peer_count++];
    }
    *place = (struct session_peer){.id = peer->id};
    memcpy(place->name, peer->folded, NAME_SIZE);
    return 0;
}

static int add_peer(struct session *session, const struct session *peer) {
    int error = 0;

    lock_acquire(&session->lock);
    error = add_peer_locked(session, peer);
    lock_release(&session->lock);
    return error;
}

int session_acquaint(struct session *a, struct session *b) {
    int error = 0;

    if (a == b)
        return 0;
    error = add_peer(a, b);
    return error != 0 ? error : add_peer(b, a);
}
