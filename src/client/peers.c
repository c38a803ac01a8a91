#include <config.h>

#include "src/client/peers.h"

#include <assert.h>
#include <stdlib.h>

struct conversation *peers_find(struct peers *peers, struct span name, uint64_t now) {
    for (size_t i = 0; i < peers->count; i++) {
        struct peer *peer = &peers->list[i];

        if (name_equal(span_of(conversation_peer(peer->conversation)), name)) {
            peer->used = now;
            return peer->conversation;
        }
    }
    return NULL;
}

static bool rests(const struct peer *peer) {
    return conversation_pending(peer->conversation) == 0 && conversation_output(peer->conversation)->size == 0 &&
           peer->waiting == 0 && !peer->asked_for && !peer->pinged;
}

/* True if A is to make room rather than B: peers that never had a session come first, since strangers can send any
 * number of handshakes; then the one that was unused longest. */
static bool goes_before(const struct peer *a, const struct peer *b) {
    return a->met != b->met ? !a->met : a->used < b->used;
}

static void forget(struct peer *peer) {
    conversation_free(peer->conversation);
    free(peer->shown);
    free(peer->proven);
}

/* Drops a conversation that has nothing on its way.  False: there is none. */
static bool make_room(struct peers *peers) {
    struct peer *first = NULL;

    for (size_t i = 0; i < peers->count; i++) {
        struct peer *peer = &peers->list[i];

        if (rests(peer) && (!first || goes_before(peer, first)))
            first = peer;
    }
    if (!first)
        return false;
    forget(first);
    *first = peers->list[--peers->count];
    return true;
}

int peers_get(struct peers *peers, struct span name, uint64_t now, struct conversation **conversation) {
    struct conversation_config config = peers->config;
    char text[NAME_SIZE];
    int error;

    *conversation = peers_find(peers, name, now);
    if (*conversation)
        return PROTO_OK;
    if (peers->count == PEERS_MAX && !make_room(peers))
        return PROTO_E_FULL;
    name_copy(text, name);
    config.peer = text;
    error = conversation_new(conversation, &config);
    if (error == PROTO_OK)
        peers->list[peers->count++] = (struct peer){.conversation = *conversation, .used = now};
    return error;
}

struct peer *peers_entry(struct peers *peers, const struct conversation *conversation) {
    size_t i = 0;

    while (i < peers->count && peers->list[i].conversation != conversation)
        i++;
    assert(i < peers->count);
    return &peers->list[i];
}

void peers_show(struct peers *peers, const struct conversation *conversation, const char *fingerprint,
                const struct certification *certification) {
    struct peer *peer = peers_entry(peers, conversation);

    free(peer->shown);
    peer->shown = certification->verdict == CERTIFICATION_NONE ? NULL : malloc(sizeof(*peer->shown));
    if (peer->shown == NULL)
        return;
    memcpy(peer->shown->fingerprint, fingerprint, CSC_FINGERPRINT_SIZE);
    peer->shown->certification = *certification;
}

static bool same(const struct shown *a, const struct shown *b) {
    return strcmp(a->fingerprint, b->fingerprint) == 0 && a->certification.verdict == b->certification.verdict &&
           strcmp(a->certification.subject, b->certification.subject) == 0 &&
           strcmp(a->certification.why.text, b->certification.why.text) == 0;
}

bool peers_prove(struct peers *peers, const struct conversation *conversation, const char *fingerprint) {
    struct peer *peer = peers_entry(peers, conversation);
    struct shown *before = peer->proven;
    bool news;

    peer->proven = peer->shown;
    peer->shown = NULL;
    /* Two handshakes at once may have shown two keys; only the proven one counts. */
    if (peer->proven != NULL && strcmp(peer->proven->fingerprint, fingerprint) != 0) {
        free(peer->proven);
        peer->proven = NULL;
    }
    news = peer->proven != NULL && (before == NULL || !same(before, peer->proven));
    free(before);
    return news;
}

void peers_free(struct peers *peers) {
    for (size_t i = 0; i < peers->count; i++)
        forget(&peers->list[i]);
    peers->count = 0;
}
