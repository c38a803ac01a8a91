/* The client's conversations: who keeps a place when there are more peers than places. */
#include <config.h>

#include "src/client/peers.h"
#include "t/pump.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

static const struct suite_list all = SUITE_LIST_ALL;

static int get(struct peers *peers, const char *kind, unsigned number, uint64_t now,
               struct conversation **conversation) {
    char name[NAME_SIZE];

    snprintf(name, sizeof(name), "%s%u", kind, number);
    return peers_get(peers, span_of(name), now, conversation);
}

/* Strangers can come in any number; a conversation that knows what was handed on must outlive them. */
static void test_strangers(struct peers *peers) {
    struct conversation *conversation = NULL, *friend = NULL, *shown = NULL;
    unsigned made = 0;

    OK(get(peers, "friend", 0, 1, &friend) == PROTO_OK && get(peers, "shown", 0, 1, &shown) == PROTO_OK, "two peers");
    peers_entry(peers, friend)->met = true;
    peers_entry(peers, shown)->waiting = 1;
    for (unsigned i = 0; i < PEERS_MAX + 10; i++)
        made += get(peers, "stranger", i, 2 + i, &conversation) == PROTO_OK;
    IS_INT(made, PEERS_MAX + 10, "and more strangers than there are places");
    IS_INT(peers->count, PEERS_MAX, "fill the places");
    OK(peers_find(peers, SPAN("FRIEND0"), 9999) == friend,
       "who had a session keeps its place, though it rested longest");
    OK(peers_find(peers, SPAN("shown0"), 9999) == shown, "so does one with a message that is not written yet");
    OK(peers_find(peers, SPAN("stranger0"), 9999) == NULL, "the first of the strangers went");
}

static void test_all_busy(struct peers *peers) {
    struct conversation *conversation = NULL;

    for (unsigned i = 0; i < PEERS_MAX; i++)
        if (get(peers, "busy", i, i, &conversation) == PROTO_OK)
            peers_entry(peers, conversation)->waiting = 1;
    IS_INT(get(peers, "late", 0, 9999, &conversation), PROTO_E_FULL, "when nobody rests there is no place");
}

int main(void) {
    struct identity adam;
    void (*const tests[])(struct peers *) = {test_strangers, test_all_busy};

    identity_load(&adam, "adam");
    for (size_t i = 0; i < 2; i++) {
        struct peers *peers = calloc(1, sizeof(*peers));

        if (peers == NULL)
            return 1;
        peers->config = (struct conversation_config){
            .identity = adam.key, .identity_pem = adam.pem, .self = "Adam", .suites = &all, .timeout = 30000};
        tests[i](peers);
        peers_free(peers);
        free(peers);
    }
    identity_free(&adam);
    return tap_done();
}
