#include <config.h>

#include "src/client/peers.h"

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

/* Frees the place of the conversation that rested longest.  False if none rests. */
static bool make_room(struct peers *peers) {
    struct peer *oldest = NULL;

    for (size_t i = 0; i < peers->count; i++) {
        struct peer *peer = &peers->list[i];

        if (conversation_pending(peer->conversation) == 0 && conversation_output(peer->conversation)->size == 0 &&
            (!oldest || peer->used < oldest->used))
            oldest = peer;
    }
    if (!oldest)
        return false;
    conversation_free(oldest->conversation);
    *oldest = peers->list[--peers->count];
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
        peers->list[peers->count++] = (struct peer){*conversation, now};
    return error;
}

void peers_free(struct peers *peers) {
    for (size_t i = 0; i < peers->count; i++)
        conversation_free(peers->list[i].conversation);
    peers->count = 0;
}
