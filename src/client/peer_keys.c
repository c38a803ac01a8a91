#include <config.h>

#include "src/client/peer_keys.h"

#include <string.h>

/* Looks at what the peer showed with the key of FINGERPRINT.  False, and WHY, if no session may come of it: what it
 * showed is a lie, or not enough. */
static bool check_certificate(struct client *client, struct conversation *conversation, const char *fingerprint,
                              struct diagnostic *why) {
    const char *peer = conversation_peer(conversation);
    const bool required = client->config->trust.require_certified;
    const struct attest *attest = NULL;
    const csc_public_key *key = NULL;
    struct certification found;

    if (!conversation_shown(conversation, fingerprint, &key, &attest))
        return true;
    authorities_judge_peer(client->config->authorities, &found, attest, span_of(peer), key);
    peers_show(&client->peers, conversation, fingerprint, &found);
    if (found.verdict == CERTIFICATION_FORGED) {
        diagnostic_set(why, "the certificate of %s is not its own: %s; somebody may pretend to be %s", peer,
                       found.why.text, peer);
        return false;
    }
    if (required && found.verdict == CERTIFICATION_NONE)
        diagnostic_set(why, "%s is not certified, and --require certified is given", peer);
    else if (required)
        diagnostic_set(why, "the certificate of %s is not valid: %s, and --require certified is given", peer,
                       found.why.text);
    return !required || found.verdict == CERTIFICATION_GOOD;
}

bool peer_keys_decide(struct client *client, struct conversation *conversation, const char *fingerprint) {
    const char *peer = conversation_peer(conversation);
    struct diagnostic why;

    if (!check_certificate(client, conversation, fingerprint, &why)) {
        console_notice(client->console, "%s", why.text);
        status_peer_state(&client->statuses, peer, "untrusted", fingerprint, why.text);
        return false;
    }
    switch (trust_peer(&client->config->trust, peer, fingerprint, &why)) {
    case TRUST_GOOD:
    case TRUST_NEW:
        return true;
    /* Anybody may knock under any name.  If a line of ours was meant for it, that fails, and makes the status. */
    case TRUST_CHANGED:
    case TRUST_FAILED:
    case TRUST_REFUSED:
    case TRUST_UNKNOWN:
        console_notice(client->console, "%s", why.text);
        status_peer_state(&client->statuses, peer, "untrusted", fingerprint, why.text);
        break;
    }
    return false;
}

/* Notes the key of a peer that was never seen.  That a disk is full is no reason not to tell anybody so: a key that
 * cannot be noted is trusted all the same, and is new again the next time. */
static void note_peer(struct client *client, const char *peer, const char *fingerprint) {
    struct diagnostic why;

    if (trust_note_peer(&client->config->trust, peer, fingerprint, &why) == 0)
        console_notice(client->console, "new peer %s %s, noted in %s", peer, fingerprint,
                       client->config->trust.peers_path);
    else
        console_notice(client->console, "new peer %s %s, not noted: %s", peer, fingerprint, why.text);
}

/* Says once what the certificate of a peer that has proven its key is worth. */
static void tell_certificate(struct client *client, const struct conversation *conversation, const char *fingerprint) {
    const char *peer = conversation_peer(conversation);
    const struct certification *found;

    if (!peers_prove(&client->peers, conversation, fingerprint))
        return;
    found = &peers_entry(&client->peers, conversation)->proven->certification;
    if (found->verdict == CERTIFICATION_GOOD)
        console_notice(client->console, "%s is certified: %s, by %s", peer, found->subject, found->issuer);
    else
        console_notice(client->console, "the certificate of %s is not valid: %s (subject %s, issuer %s)", peer,
                       found->why.text, found->subject, found->issuer);
}

void peer_keys_proven(struct client *client, const struct conversation *conversation, const char *fingerprint) {
    const char *peer = conversation_peer(conversation);
    struct diagnostic why;

    tell_certificate(client, conversation, fingerprint);
    if (trust_peer(&client->config->trust, peer, fingerprint, &why) == TRUST_NEW)
        note_peer(client, peer, fingerprint);
}

bool peer_keys_is_verified(const struct client *client, const char *peer, const char *fingerprint) {
    struct trust_entry entry;
    struct diagnostic why;

    return trust_store_find(client->config->trust.peers_path, peer, &entry, &why) == 1 && entry.verified &&
           strcmp(entry.fingerprint, fingerprint) == 0;
}
