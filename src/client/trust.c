#include <config.h>

#include "src/client/trust.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The verdict of the file at PATH on the key of NAME; TRUST_UNKNOWN if the file does not have NAME. */
static enum trust_verdict look_up(const struct trust *trust, const char *path, const char *what, const char *name,
                                  const char *fingerprint, struct diagnostic *why) {
    struct trust_entry entry;
    char remedy[TRUST_COMMAND_SIZE + 16];
    int found = trust_store_find(path, name, &entry, why);

    if (found < 0)
        return TRUST_FAILED;
    if (found == 0)
        return TRUST_UNKNOWN;
    if (strcmp(entry.fingerprint, fingerprint) == 0)
        return TRUST_GOOD;
    snprintf(remedy, sizeof(remedy), "%s trust", trust->command);
    diagnostic_set(why,
                   "the key of %s %s has changed: it is %s, and %s:%lu has %s; somebody may be in between, so nothing "
                   "was sent; if the change is meant: %s %s %s",
                   what, name, fingerprint, path, entry.line, entry.fingerprint, remedy, name, fingerprint);
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
    verdict = look_up(trust, trust->servers_path, "the server", server, fingerprint, why);
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
    enum trust_verdict verdict = look_up(trust, trust->peers_path, "the peer", peer, fingerprint, why);

    if (verdict != TRUST_UNKNOWN)
        return verdict;
    if (trust->peer_policy == TRUST_FIRST_USE)
        return TRUST_NEW;
    diagnostic_set(why,
                   "the peer %s is not known; its key is %s: if that is right: %s trust %s %s (or give --trust-peers "
                   "first-use)",
                   peer, fingerprint, trust->command, peer, fingerprint);
    return TRUST_REFUSED;
}

enum trust_verdict trust_text(const struct trust *trust, const char *peer, struct trust_memory *memory,
                              const char **key, struct diagnostic *why) {
    bool news = trust_store_has_changed(trust->peers_path, &memory->stamp);

    *key = NULL;
    if (news || !memory->asked || memory->found < 0)
        memory->found = trust_store_find(trust->peers_path, peer, &memory->entry, why);
    memory->asked = true;
    if (memory->found < 0)
        return TRUST_FAILED;
    if (memory->found == 1)
        *key = memory->entry.fingerprint;
    if (!trust->require_verified || (*key && memory->entry.verified))
        return TRUST_GOOD;
    diagnostic_set(why, "%s is not verified, and --require verified is given: compare the digits of %s verify %s%s",
                   peer, trust->command, peer, *key ? "" : ", once its key is known");
    return TRUST_REFUSED;
}

static int note(const char *path, const char *name, const char *fingerprint, struct diagnostic *why) {
    int error = trust_store_add(path, name, fingerprint, why);

    return error == -EEXIST ? 0 : error;
}

static int fixed(const char *path, struct diagnostic *why) {
    diagnostic_set(why, "%s is only read", path);
    return -EROFS;
}

int trust_note_server(const struct trust *trust, const char *server, const char *fingerprint, struct diagnostic *why) {
    return trust->servers_fixed ? fixed(trust->servers_path, why) : note(trust->servers_path, server, fingerprint, why);
}

int trust_note_peer(const struct trust *trust, const char *peer, const char *fingerprint, struct diagnostic *why) {
    return trust->peers_fixed ? fixed(trust->peers_path, why) : note(trust->peers_path, peer, fingerprint, why);
}
