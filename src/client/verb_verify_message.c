/* `chatsecure verify-message`: signed messages, checked later and by anybody. */
#include <config.h>

#include "src/client/home.h"
#include "src/client/signed_record.h"
#include "src/client/verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct verification {
    FILE *file;
    const char *name;                    /* of the file */
    char *line;                          /* SIGNED_RECORD_MAX bytes, and one for what is longer */
    unsigned long number, records;       /* of the line, and lines that are not empty so far */
    char expected[CSC_FINGERPRINT_SIZE]; /* of --key, or "" */
    char peers_path[STATE_PATH_SIZE];    /* known_peers, or "" */
    bool strict;                         /* that is a file of --known-peers, and nobody else is trusted */
    char known[NAME_SIZE];               /* the name that known_peers has for the record's key, or "" */
    bool contradicted;                   /* it has another key for the name that the record has */
    const struct signed_record *record;  /* while it is looked up */
    enum exit_status status;
};

static enum exit_status fail(enum exit_status status, const struct diagnostic *why) {
    fprintf(stderr, "chatsecure: %s\n", why->text);
    return status;
}

/* ---- input ---- */

/* Takes the next line, without its end, of which no more than fits is kept.  False at the end. */
static bool next_line(struct verification *verification, size_t *size) {
    int c = getc(verification->file);

    if (c == EOF)
        return false;
    for (*size = 0; c != EOF && c != '\n'; c = getc(verification->file))
        if (*size <= SIGNED_RECORD_MAX)
            verification->line[(*size)++] = (char)c;
    verification->number++;
    return true;
}

static bool is_empty(const char *line, size_t size) {
    return size == 0 || (size == 1 && line[0] == '\r');
}

static int read_key(csc_public_key **key, const char *path, struct diagnostic *why) {
    char pem[CSC_PEM_MAX + 1];
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(pem, 1, sizeof(pem), file) : 0;
    int rc;

    if (!file || ferror(file)) {
        diagnostic_set(why, "cannot read %s: %s", path, diagnostic_errno(errno));
        if (file)
            fclose(file);
        return -1;
    }
    fclose(file);
    if ((rc = csc_public_key_from_pem(key, pem, size)) != CSC_OK)
        diagnostic_set(why, "%s is not a public key in PEM, as export-key prints it: %s", path, csc_strerror(rc));
    return rc;
}

/* ---- whose key it is ---- */

static int compare(void *context, const struct trust_entry *entry) {
    struct verification *verification = context;
    const struct signed_record *record = verification->record;
    const bool same_key = strcmp(entry->fingerprint, record->fingerprint) == 0;
    const bool same_name = name_equal(span_of(entry->name), span_of(record->from));

    if (same_name && !same_key)
        verification->contradicted = true;
    if (same_key && (same_name || verification->known[0] == '\0') && name_is_valid(span_of(entry->name)))
        name_copy(verification->known, span_of(entry->name));
    return 0;
}

/* What known_peers has to say of the record. */
static int look_up(struct verification *verification, const struct signed_record *record, struct diagnostic *why) {
    int result;

    verification->known[0] = '\0';
    verification->contradicted = false;
    if (verification->peers_path[0] == '\0' || record->fingerprint[0] == '\0')
        return 0;
    verification->record = record;
    result = trust_store_list(verification->peers_path, compare, verification, why);
    verification->record = NULL;
    return result;
}

/* A signature that holds proves a key; what is known of the key decides. */
static enum record_verdict judge(const struct verification *verification, struct signed_record *record) {
    if (verification->expected[0] != '\0') {
        if (strcmp(verification->expected, record->fingerprint) == 0)
            return RECORD_GOOD;
        record->why = "signed by another key than --key has";
        return RECORD_BAD;
    }
    if (verification->contradicted)
        record->why = "known_peers has another key for that name";
    else if (verification->strict && !name_equal(span_of(verification->known), span_of(record->from)))
        record->why = "--known-peers does not have that key for that name";
    else
        return RECORD_GOOD;
    return RECORD_BAD;
}

/* ---- output ---- */

static const char *or_dash(const char *text) {
    return text[0] != '\0' ? text : "-";
}

static void format_time(char *out, size_t size, uint64_t wall) {
    time_t seconds = (time_t)(wall / 1000);
    char date[40];
    struct tm utc;

    if (gmtime_r(&seconds, &utc) && strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc) > 0)
        snprintf(out, size, "%s.%03uZ", date, (unsigned)(wall % 1000));
    else
        snprintf(out, size, "-");
}

static void report(struct verification *verification, enum record_verdict verdict, const struct signed_record *record) {
    static const char *const words[] = {[RECORD_GOOD] = "good", [RECORD_BAD] = "bad", [RECORD_NONE] = "none"};
    char when[64] = "-";

    if (verdict != RECORD_NONE)
        format_time(when, sizeof(when), record->time);
    printf("%lu %s %s %s %s %s\n", verification->number, words[verdict], when, or_dash(record->from),
           or_dash(record->fingerprint), or_dash(verification->known));
    if (verdict != RECORD_GOOD)
        fprintf(stderr, "chatsecure: %s:%lu: %s\n", verification->name, verification->number, record->why);
}

/* ---- the whole ---- */

/* Not STATUS_OK: there is no going on. */
static enum exit_status check_line(struct verification *verification, size_t size) {
    struct signed_record record;
    struct diagnostic why;
    enum record_verdict verdict = signed_record_check(&record, verification->line, size);

    if (verdict == RECORD_FAILED) {
        diagnostic_set(&why, "%s", record.why);
        return fail(STATUS_INTERNAL, &why);
    }
    if (look_up(verification, &record, &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    if (verdict == RECORD_GOOD)
        verdict = judge(verification, &record);
    report(verification, verdict, &record);
    if (verdict != RECORD_GOOD)
        verification->status =
            exit_status_worse(verification->status, verdict == RECORD_BAD ? STATUS_INTEGRITY : STATUS_BAD_LINE);
    return STATUS_OK;
}

static enum exit_status check_file(struct verification *verification) {
    enum exit_status status = STATUS_OK;
    struct diagnostic why;
    size_t size;

    while (status == STATUS_OK && next_line(verification, &size)) {
        if (is_empty(verification->line, size))
            continue;
        verification->records++;
        status = check_line(verification, size);
    }
    if (status != STATUS_OK)
        return status;
    if (ferror(verification->file)) {
        diagnostic_set(&why, "cannot read %s: %s", verification->name, diagnostic_errno(errno));
        return fail(STATUS_INTERNAL, &why);
    }
    /* A file without any record proves nothing. */
    if (verification->records == 0) {
        diagnostic_set(&why, "there is no message in %s", verification->name);
        return fail(STATUS_BAD_LINE, &why);
    }
    return exit_status_worse(verification->status, verb_flush());
}

/* A missing state directory is no error: nobody is known then, and --key may be given. */
static void find_own_peers(struct verification *verification, const struct arguments *arguments) {
    struct home home = HOME_INIT;
    struct diagnostic why;

    if (home_find(&home, arguments, &why) != 0 ||
        state_dir_path(verification->peers_path, home.dir, "known_peers", &why) != 0)
        verification->peers_path[0] = '\0';
}

/* What is to be compared with. */
static enum exit_status set_expectations(struct verification *verification, const struct arguments *arguments) {
    csc_public_key *key = NULL;
    struct diagnostic why;

    verification->strict = arguments->known_peers != NULL;
    if (!verification->strict)
        find_own_peers(verification, arguments);
    else if (home_given_file(verification->peers_path, arguments->known_peers, &why) != 0)
        return fail(STATUS_USAGE, &why);
    if (!arguments->key)
        return STATUS_OK;
    if (read_key(&key, arguments->key, &why) != 0)
        return fail(STATUS_USAGE, &why);
    csc_public_key_fingerprint(key, verification->expected);
    csc_public_key_free(key);
    return STATUS_OK;
}

enum exit_status verb_verify_message(const struct arguments *arguments) {
    const char *path = arguments->operands[0];
    const bool standard = strcmp(path, "-") == 0;
    struct verification verification = {.name = standard ? "standard input" : path};
    struct diagnostic why;
    enum exit_status status = set_expectations(&verification, arguments);

    if (status != STATUS_OK)
        return status;
    verification.file = standard ? stdin : fopen(path, "re");
    if (!verification.file) {
        diagnostic_set(&why, "cannot read %s: %s", path, diagnostic_errno(errno));
        return fail(STATUS_USAGE, &why);
    }
    verification.line = malloc(SIGNED_RECORD_MAX + 1);
    if (verification.line)
        status = check_file(&verification);
    else
        status = STATUS_INTERNAL;
    free(verification.line);
    if (!standard)
        fclose(verification.file);
    return status;
}
