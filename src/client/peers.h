/*
 * peers: the conversations of a client, by name.
 *
 * Made when a line is for somebody or somebody's handshake arrives.  At most PEERS_MAX at once, so that strangers
 * cannot fill the memory: then the one that rested longest, with nothing on its way, makes room.  Single owner.
 */
#ifndef CLIENT_PEERS_H
#define CLIENT_PEERS_H

#include "proto/conversation.h"
#include "src/client/trust.h"
#include "src/common/certification.h"

/* More than a person talks to; a conversation takes some ten kilobytes. */
#define PEERS_MAX 1024

/* What a peer showed of certificates, and with which key. */
struct shown {
    char fingerprint[CSC_FINGERPRINT_SIZE];
    struct certification certification;
};

struct peer {
    struct conversation *conversation;
    uint64_t used;  /* when it was last asked for */
    bool met;       /* a session stood once: it knows what was handed on */
    size_t waiting; /* messages of this peer that standard output has not taken yet */
    bool asked_for; /* `whois` waits for a session */
    bool pinged;    /* `ping` goes on */
    uint64_t since; /* when the last session began, Unix milliseconds */
    bool away;      /* its person, as it says: */
    char away_text[MESSAGE_PRESENCE_MAX + 1];
    struct trust_memory known;
    struct shown *shown;  /* with the key in the handshake that is under way, or NULL */
    struct shown *proven; /* with the key of the last session, or NULL */
};

struct peers {
    struct conversation_config config; /* for each of them, but for the peer's name */
    struct peer list[PEERS_MAX];
    size_t count;
};

/* The conversation with NAME, or NULL. */
struct conversation *peers_find(struct peers *peers, struct span name, uint64_t now);

/* The same, made if there is none.  PROTO_E_FULL if all have something on their way, PROTO_E_MEMORY, PROTO_E_CRYPTO. */
int peers_get(struct peers *peers, struct span name, uint64_t now, struct conversation **conversation)
    __attribute__((warn_unused_result));

/* The entry of a CONVERSATION that is one of PEERS. */
struct peer *peers_entry(struct peers *peers, const struct conversation *conversation);

/* Notes what CERTIFICATION the peer of CONVERSATION has shown with the key FINGERPRINT, which it has not proven yet.
 * Without memory nothing is noted. */
void peers_show(struct peers *peers, const struct conversation *conversation, const char *fingerprint,
                const struct certification *certification);

/* The key FINGERPRINT is proven: what was shown with it counts from now on.  True if that is news. */
bool peers_prove(struct peers *peers, const struct conversation *conversation, const char *fingerprint);

/* Wipes. */
void peers_free(struct peers *peers);

#endif
