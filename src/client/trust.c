#include <config.h>

#include "src/client/trust.h"

#include <errno.h>
#include <string.h>

/* Looks NAME up in PATH; TRUST_UNKNOWN if it is not there. */
static enum trust_verdict look_up(const char *path, const char *what, const char *name, const char *fingerprint,
                                  struct diagnostic *why) {
    struct trust_entry entry;
    int found = trust_store_find(path, name, &entry, why);

    if (found < 0)
        return TRUST_FAILED;
    if (found == 0)
        return TRUST_UNKNOWN;
    if (strcmp(entry.fingerprint, fingerprint) == 0)
        return TRUST_GOOD;
    diagnostic_set(why,
                   "the key of %s %s has changed: it is %s, and %s:%lu has %s; somebody may be in between; if the "
                   "change is meant, delete that line",
                   what, name, fingerprint, path, entry.line, entry.fingerprint);
    return TRUST_CHANGED;
}

enum trust_verdict trust_server(const struct trust *trust, const char *server, const char *fingerprint,
                                struct diagnostic *why) {
    enum trust_verdict verdict;

    if (trust->pin && strcmp(trust->pin, fingerprint) != 0) {
        diagnostic_set(why, "the key of the server %s is %s and not %s, which --fingerprint wants", server, fingerprint,
                       trust->pin);
        return TRUST_REFUSED;
    }
    verdict = look_up(trust->servers_path, "the server", server, fingerprint, why);
    if (trust->pin && verdict != TRUST_FAILED)
        return verdict == TRUST_UNKNOWN ? TRUST_NEW : TRUST_GOOD;
    if (verdict != TRUST_UNKNOWN || trust->server_policy == TRUST_ASK)
        return verdict;
    if (trust->server_policy == TRUST_FIRST_USE)
        return TRUST_NEW;
    diagnostic_set(why,
                   "the server %s is not known; its key is %s: if that is right, give --fingerprint %s (or --trust "
                   "first-use)",
                   server, fingerprint, fingerprint);
    return TRUST_REFUSED;
}

enum trust_verdict trust_peer(const struct trust *trust, const char *peer, const char *fingerprint,
                              struct diagnostic *why) {
    enum trust_verdict verdict = look_up(trust->peers_path, "the peer", peer, fingerprint, why);

    if (verdict != TRUST_UNKNOWN)
        return verdict;
    if (trust->peer_policy == TRUST_FIRST_USE)
        return TRUST_NEW;
    diagnostic_set(why,
                   "the peer %s is not known; its key is %s: if that is right, add the line \"%s %s\" to %s (or give "
                   "--trust-peers first-use)",
                   peer, fingerprint, peer, fingerprint, trust->peers_path);
    return TRUST_REFUSED;
}

static int note(const char *path, const char *name, const char *fingerprint, struct diagnostic *why) {
    int error = trust_store_add(path, name, fingerprint, why);

    return error == -EEXIST ? 0 : error;
}

int trust_note_server(const struct trust *trust, const char *server, const char *fingerprint, struct diagnostic *why) {
    return note(trust->servers_path, server, fingerprint, why);
}

int trust_note_peer(const struct trust *trust, const char *peer, const char *fingerprint, struct diagnostic *why) {
    return note(trust->peers_path, peer, fingerprint, why);
}
