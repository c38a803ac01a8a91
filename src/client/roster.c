#include <config.h>

#include "src/client/roster.h"

#include "proto/name.h"
#include "proto/safety_number.h"
#include "proto/text.h"
#include "src/client/qr_code.h"
#include "src/common/net.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A line of an answer: a name, a fingerprint, a few words. */
#define LINE_SIZE (TRUST_NAME_SIZE + CSC_FINGERPRINT_SIZE + 64)

/* ---- whom a command is about ------------------------------------------------------------------------------------- */

/* An entry of one of the two files. */
struct subject {
    const char *path;
    bool fixed;
    bool is_peer;
    char name[TRUST_NAME_SIZE];
};

/* The server's name as known_servers has it. */
static enum exit_status find_server(struct subject *subject, const char *text, struct diagnostic *said) {
    struct net_endpoint endpoint;

    if (net_parse(&endpoint, text, NET_PORT_DEFAULT, said) != 0)
        return STATUS_USAGE;
    net_endpoint_text(subject->name, sizeof(subject->name), &endpoint);
    for (char *c = subject->name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return STATUS_OK;
}

static enum exit_status find_subject(const struct trust *trust, struct subject *subject, const char *name,
                                     struct diagnostic *said) {
    bool is_server = strchr(name, ':') != NULL;

    *subject = (struct subject){.path = is_server ? trust->servers_path : trust->peers_path,
                                .fixed = is_server ? trust->servers_fixed : trust->peers_fixed,
                                .is_peer = !is_server};
    if (is_server)
        return find_server(subject, name, said);
    if (!name_is_valid(span_of(name))) {
        diagnostic_set(said, "\"%s\" is neither a user's name nor HOST:PORT", name);
        return STATUS_USAGE;
    }
    name_copy(subject->name, span_of(name));
    return STATUS_OK;
}

/* The same for a command that changes the file. */
static enum exit_status find_changeable(const struct trust *trust, struct subject *subject, const char *name,
                                        struct diagnostic *said) {
    enum exit_status status = find_subject(trust, subject, name, said);

    if (status != STATUS_OK || !subject->fixed)
        return status;
    diagnostic_set(said, "%s is only read: change it where it comes from", subject->path);
    return STATUS_USAGE;
}

/* Looks up a user who must be on file. */
static enum exit_status find_peer(const struct trust *trust, const char *name, struct trust_entry *entry,
                                  struct diagnostic *said) {
    int found;

    if (!name_is_valid(span_of(name))) {
        diagnostic_set(said, "\"%s\" is not a user's name", name);
        return STATUS_USAGE;
    }
    found = trust_store_find(trust->peers_path, name, entry, said);
    if (found == 1)
        return STATUS_OK;
    if (found == 0)
        diagnostic_set(said, "%s is not in %s: it is noted when a session with %s first stands", name,
                       trust->peers_path, name);
    return found == 0 ? STATUS_NO_SUCH_USER : STATUS_INTERNAL;
}

/* ---- trust and untrust ------------------------------------------------------------------------------------------- */

enum exit_status roster_trust(const struct trust *trust, const char *name, const char *fingerprint,
                              struct diagnostic *said) {
    struct subject subject;
    enum exit_status status = find_changeable(trust, &subject, name, said);
    int changed;

    if (status != STATUS_OK)
        return status;
    if (!trust_fingerprint_is_valid(fingerprint)) {
        diagnostic_set(said, "\"%s\" is not a fingerprint: SHA256: and 43 characters of base64", fingerprint);
        return STATUS_USAGE;
    }
    changed = trust_store_set(subject.path, subject.name, fingerprint, said);
    if (changed < 0)
        return STATUS_INTERNAL;
    diagnostic_set(said, changed == 1 ? "%s %s, noted in %s" : "%s has %s in %s already", subject.name, fingerprint,
                   subject.path);
    return STATUS_OK;
}

enum exit_status roster_untrust(const struct trust *trust, const char *name, struct diagnostic *said) {
    struct subject subject;
    enum exit_status status = find_changeable(trust, &subject, name, said);
    int removed;

    if (status != STATUS_OK)
        return status;
    removed = trust_store_remove(subject.path, subject.name, said);
    if (removed < 0)
        return STATUS_INTERNAL;
    diagnostic_set(said, removed == 1 ? "%s is no longer in %s" : "%s is not in %s", subject.name, subject.path);
    return removed == 1 ? STATUS_OK : STATUS_NO_SUCH_USER;
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static enum exit_status out_of_memory(struct diagnostic *said) {
    diagnostic_set(said, "%s", proto_strerror(PROTO_E_MEMORY));
    return STATUS_INTERNAL;
}

/* Appends a line, escaped: what a file has may have been anybody's. */
static int append_line(struct buffer *out, const char *line) {
    int error = text_escape(out, span_of(line));

    return error == PROTO_OK ? buffer_append(out, "\n", 1) : error;
}

struct listing {
    roster_has_session *has_session;
    void *context;
    struct buffer *out;
};

static int list_entry(void *context, const struct trust_entry *entry) {
    const struct listing *listing = context;
    bool has_session = listing->has_session && listing->has_session(listing->context, entry->name);
    char line[LINE_SIZE];

    snprintf(line, sizeof(line), "%s %s %s %s %s", entry->name, entry->fingerprint,
             entry->verified ? "verified" : "unverified", entry->since[0] != '\0' ? entry->since : "-",
             has_session ? "session" : "-");
    return append_line(listing->out, line) == PROTO_OK ? 0 : 1;
}

enum exit_status roster_peers(const struct trust *trust, roster_has_session *has_session, void *context,
                              struct buffer *out, struct diagnostic *said) {
    struct listing listing = {.has_session = has_session, .context = context, .out = out};
    int result = trust_store_list(trust->peers_path, list_entry, &listing, said);

    if (result > 0)
        return out_of_memory(said);
    if (result < 0)
        return STATUS_INTERNAL;
    said->text[0] = '\0';
    return STATUS_OK;
}

enum exit_status roster_describe(const struct trust *trust, const char *peer, const char *fingerprint,
                                 struct buffer *out, struct diagnostic *said) {
    struct trust_entry entry = {.line = 0};
    int found = trust_store_find(trust->peers_path, peer, &entry, said);
    bool known = found == 1 && strcmp(entry.fingerprint, fingerprint) == 0;
    char line[LINE_SIZE];
    int error;

    if (found < 0)
        return STATUS_INTERNAL;
    said->text[0] = '\0';
    snprintf(line, sizeof(line), "%s fingerprint %s", peer, fingerprint);
    error = append_line(out, line);
    snprintf(line, sizeof(line), "%s known since %s", peer, known && entry.since[0] != '\0' ? entry.since : "-");
    if (error == PROTO_OK)
        error = append_line(out, line);
    snprintf(line, sizeof(line), "%s verified %s", peer, known && entry.verified ? "yes" : "no");
    if (error == PROTO_OK)
        error = append_line(out, line);
    return error == PROTO_OK ? STATUS_OK : out_of_memory(said);
}

/* ---- verify ------------------------------------------------------------------------------------------------------ */

static enum exit_status show_number(const struct trust_entry *entry, const char *digits, bool code, struct buffer *out,
                                    struct diagnostic *said) {
    char text[SAFETY_NUMBER_TEXT_SIZE];
    int error;

    safety_number_text(text, digits);
    error = append_line(out, text);
    if (error == PROTO_OK && code)
        error = qr_code_append(out, digits);
    if (error != PROTO_OK)
        return out_of_memory(said);
    diagnostic_set(said, "%s; if %s sees the same number, over a way that nobody else can change: verify %s yes",
                   entry->verified ? "verified before" : "not verified yet", entry->name, entry->name);
    return STATUS_OK;
}

static enum exit_status mark(const struct trust *trust, const struct trust_entry *entry, struct diagnostic *said) {
    int marked;

    if (trust->peers_fixed) {
        diagnostic_set(said, "%s is only read: change it where it comes from", trust->peers_path);
        return STATUS_USAGE;
    }
    marked = trust_store_mark_verified(trust->peers_path, entry->name, entry->fingerprint, said);
    if (marked < 0)
        return STATUS_INTERNAL;
    if (marked == 0) {
        diagnostic_set(said, "the key of %s has just become another one: compare again", entry->name);
        return STATUS_UNTRUSTED;
    }
    diagnostic_set(said, "%s %s is verified", entry->name, entry->fingerprint);
    return STATUS_OK;
}

static bool is_number(struct span text) {
    for (size_t i = 0; i < text.size; i++)
        if ((text.data[i] < '0' || text.data[i] > '9') && text.data[i] != ' ' && text.data[i] != '\t')
            return false;
    return true;
}

enum exit_status roster_verify(const struct trust *trust, const char *own, const char *peer, struct span answer,
                               bool code, struct buffer *out, struct diagnostic *said) {
    struct trust_entry entry = {.line = 0};
    char digits[SAFETY_NUMBER_SIZE];
    enum exit_status status = find_peer(trust, peer, &entry, said);

    if (status != STATUS_OK)
        return status;
    if (safety_number(digits, own, entry.fingerprint) != PROTO_OK)
        return out_of_memory(said);
    if (answer.size == 0)
        return show_number(&entry, digits, code, out, said);
    if (span_equal(answer, SPAN("yes")) || safety_number_equal(digits, answer))
        return mark(trust, &entry, said);
    if (!is_number(answer)) {
        diagnostic_set(said, "write yes, or the number as %s sees it", entry.name);
        return STATUS_USAGE;
    }
    diagnostic_set(said,
                   "WARNING: that is not the number of this key of %s (%s), which is not verified: the number was "
                   "mistyped, or somebody is between the two of you",
                   entry.name, entry.fingerprint);
    return STATUS_INTEGRITY;
}
