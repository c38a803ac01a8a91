/*
 * peer_keys: the client's judgement of the keys that its peers show.
 *
 * A key is judged by the certificate that came with it and by what known_peers has of the peer (trust.h).  What was
 * decided, and why, is told to the person or the program that runs the client.  Called with the events of
 * conversations.  Single owner.
 *
 * chatsecure(1), "TRUST" and "CERTIFICATES".
 */
#ifndef CLIENT_PEER_KEYS_H
#define CLIENT_PEER_KEYS_H

#include "src/client/client_state.h"

/* True if a session may begin with the peer of CONVERSATION, who has shown the key of FINGERPRINT. */
bool peer_keys_decide(struct client *client, struct conversation *conversation, const char *fingerprint);

/* A session has begun, so the peer has proven to own the key: a peer that was never seen is noted in known_peers now,
 * and not before. */
void peer_keys_proven(struct client *client, const struct conversation *conversation, const char *fingerprint);

/* True if the user has marked the key of FINGERPRINT as verified for PEER.  Reads known_peers each time, since another
 * process may mark it at any moment. */
bool peer_keys_is_verified(const struct client *client, const char *peer, const char *fingerprint);

#endif
