/*
 * peers: the conversations of a client, by the name of the peer, and what the client knows of each peer.
 *
 * A conversation is made when a line is for somebody, or when somebody's handshake arrives.  There are at most
 * PEERS_MAX, so that strangers cannot fill the memory: for one more, the one that was unused longest, with nothing on
 * its way, is dropped.  Single owner.
 */
#ifndef CLIENT_PEERS_H
#define CLIENT_PEERS_H

#include "proto/conversation.h"
#include "src/client/trust.h"
#include "src/common/certification.h"

/* More than a person talks to; a conversation takes some ten kilobytes. */
#define PEERS_MAX 1024

/* The certificate that a peer has shown, and the key it showed it with. */
struct shown {
    char fingerprint[CSC_FINGERPRINT_SIZE]; /* of that key */
    struct certification certification;
};

struct peer {
    struct conversation *conversation;
    uint64_t used;  /* when it was last looked up */
    bool met;       /* a session was established once, so the conversation knows which messages were handed on */
    size_t waiting; /* messages from this peer that standard output or the handler has not taken yet */
    bool asked_for; /* `whois` waits for a session with it */
    bool pinged;    /* `ping` is running, to this peer */
    uint64_t since; /* when the last session began, Unix milliseconds */
    bool away;      /* its person is away, with this text: */
    char away_text[MESSAGE_PRESENCE_MAX + 1];
    struct trust_memory known; /* the key on file */
    struct shown *shown;       /* in the handshake that is under way, not proven yet; or NULL */
    struct shown *proven;      /* with the key of the last session; or NULL */
};

struct peers {
    struct conversation_config config; /* of every conversation, but for the peer's name */
    struct peer list[PEERS_MAX];
    size_t count;
};

/* The conversation with NAME, or NULL. */
struct conversation *peers_find(struct peers *peers, struct span name, uint64_t now);

/* The same, made if there is none.  PROTO_E_FULL: there are PEERS_MAX, all with something on their way; PROTO_E_MEMORY,
 * PROTO_E_CRYPTO. */
int peers_get(struct peers *peers, struct span name, uint64_t now, struct conversation **conversation)
    __attribute__((warn_unused_result));

/* The entry of CONVERSATION, which is one of PEERS. */
struct peer *peers_entry(struct peers *peers, const struct conversation *conversation);

/* Notes the CERTIFICATION that the peer of CONVERSATION has shown with the key of FINGERPRINT, which it has not proven
 * to own yet.  If memory is lacking, nothing is noted. */
void peers_show(struct peers *peers, const struct conversation *conversation, const char *fingerprint,
                const struct certification *certification);

/* The peer has proven to own the key of FINGERPRINT: the certification shown with it counts from now on.  True if that
 * is new to the person. */
bool peers_prove(struct peers *peers, const struct conversation *conversation, const char *fingerprint);

/* Wipes and frees all conversations. */
void peers_free(struct peers *peers);

#endif
