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
           peer->waiting == 0 && !peer->asked_for;
}

/* True if A is to go before B: strangers first, who can come in any number, and then who rested longest. */
static bool goes_before(const struct peer *a, const struct peer *b) {
    return a->met != b->met ? !a->met : a->used < b->used;
}

/* Frees the place of a conversation that rests.  False if none does. */
static bool make_room(struct peers *peers) {
    struct peer *first = NULL;

    for (size_t i = 0; i < peers->count; i++) {
        struct peer *peer = &peers->list[i];

        if (rests(peer) && (!first || goes_before(peer, first)))
            first = peer;
    }
    if (!first)
        return false;
    conversation_free(first->conversation);
    free(first->certification);
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

bool peers_certify(struct peers *peers, const struct conversation *conversation,
                   const struct certification *certification) {
    struct peer *peer = peers_entry(peers, conversation);
    const struct certification *before = peer->certification;
    const bool news = before == NULL || before->verdict != certification->verdict ||
                      strcmp(before->subject, certification->subject) != 0 ||
                      strcmp(before->why.text, certification->why.text) != 0;

    if (peer->certification == NULL && certification->verdict != CERTIFICATION_NONE)
        peer->certification = malloc(sizeof(*peer->certification));
    if (peer->certification != NULL)
        *peer->certification = *certification;
    return news;
}

void peers_free(struct peers *peers) {
    for (size_t i = 0; i < peers->count; i++) {
        conversation_free(peers->list[i].conversation);
        free(peers->list[i].certification);
    }
    peers->count = 0;
}
