#include <config.h>

#include "src/common/trust_store.h"

#include "proto/buffer.h"
#include "proto/error.h"
#include "proto/fingerprint.h"
#include "src/common/clock.h"
#include "src/common/locked_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define VERIFIED "verified"
#define SINCE    "since="

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* A line of the file, in pieces of it. */
struct line {
    struct span raw;         /* with its end */
    struct span name;        /* empty: no entry */
    struct span fingerprint; /* as it stands there */
    struct span rest;        /* behind the fingerprint, without the words below and the line's end */
    struct span since;       /* a date, or empty */
    bool verified;
    unsigned long number; /* from 1 */
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static bool fingerprint_is_valid(struct span text) {
    uint8_t hash[CSC_SHA256_SIZE];

    return fingerprint_decode(hash, text);
}

bool trust_fingerprint_is_valid(const char *text) {
    return fingerprint_is_valid(span_of(text));
}

/* Takes the first word off TEXT. */
static struct span take_word(struct span *text) {
    struct span word;

    while (text->size > 0 && is_blank(text->data[0])) {
        text->data++;
        text->size--;
    }
    word = (struct span){text->data, 0};
    while (word.size < text->size && !is_blank(text->data[word.size]))
        word.size++;
    text->data += word.size;
    text->size -= word.size;
    return word;
}

/* "2026-03-01"; which months have how many days is nobody's concern here. */
static bool is_date(struct span text) {
    for (size_t i = 0; i < text.size; i++)
        if (i == 4 || i == 7 ? text.data[i] != '-' : text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.size == TRUST_DATE_SIZE - 1;
}

/* Takes the words that are understood off the front of the line's rest. */
static void take_known_words(struct line *line) {
    for (;;) {
        struct span rest = line->rest;
        struct span word = take_word(&rest);
        struct span date = {word.data + strlen(SINCE), word.size - strlen(SINCE)};

        if (span_equal(word, SPAN(VERIFIED)))
            line->verified = true;
        else if (word.size > strlen(SINCE) && memcmp(word.data, SINCE, strlen(SINCE)) == 0 && is_date(date))
            line->since = date;
        else
            return;
        line->rest = rest;
    }
}

/* Takes the next line off TEXT; a first LINE is all zero.  False if it is an entry that cannot be read. */
static bool take_line(struct span *text, struct line *line) {
    const char *end = memchr(text->data, '\n', text->size);
    struct span words;

    *line = (struct line){.raw = {text->data, end != NULL ? (size_t)(end - text->data) + 1 : text->size},
                          .number = line->number + 1};
    text->data += line->raw.size;
    text->size -= line->raw.size;
    words = (struct span){line->raw.data, line->raw.size - (end != NULL)};
    while (words.size > 0 && is_blank(words.data[words.size - 1]))
        words.size--;
    line->name = take_word(&words);
    if (line->name.size == 0 || line->name.data[0] == '#') {
        line->name.size = 0;
        return true;
    }
    line->fingerprint = take_word(&words);
    line->rest = words;
    take_known_words(line);
    /* A NUL would end the name for whoever prints it. */
    return fingerprint_is_valid(line->fingerprint) && memchr(line->name.data, '\0', line->name.size) == NULL;
}

static bool is_of(const struct line *line, struct span name) {
    return name.size > 0 && line->name.size == name.size && strncasecmp(line->name.data, name.data, name.size) == 0;
}

static void copy(char *out, size_t size, struct span text) {
    size_t taken = text.size < size ? text.size : size - 1;

    if (taken > 0)
        memcpy(out, text.data, taken);
    out[taken] = '\0';
}

static void to_entry(struct trust_entry *entry, const struct line *line) {
    *entry = (struct trust_entry){.line = line->number, .verified = line->verified};
    copy(entry->name, sizeof(entry->name), line->name);
    copy(entry->fingerprint, sizeof(entry->fingerprint), line->fingerprint);
    copy(entry->since, sizeof(entry->since), line->since);
}

static int bad_line(const char *path, unsigned long number, struct diagnostic *why) {
    diagnostic_set(why, "%s:%lu is not a name and a fingerprint: mend or delete that line", path, number);
    return -EBADMSG;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* The first line of NAME in TEXT.  All lines before it must be readable. */
static int find(struct span text, const char *path, struct span name, struct trust_entry *entry,
                struct diagnostic *why) {
    struct line line = {.number = 0};

    while (text.size > 0) {
        if (!take_line(&text, &line))
            return bad_line(path, line.number, why);
        if (is_of(&line, name)) {
            to_entry(entry, &line);
            return 1;
        }
    }
    return 0;
}

int trust_store_find(const char *path, const char *name, struct trust_entry *entry, struct diagnostic *why) {
    struct buffer text = BUFFER_INIT(TRUST_STORE_MAX);
    int result = locked_file_read(path, &text, why);

    if (result == 0)
        result = find(buffer_span(&text), path, span_of(name), entry, why);
    buffer_free(&text);
    return result;
}

/* By name, and of those of one name the first line first. */
static int compare_lines(const void *left, const void *right) {
    const struct line *a = left, *b = right;
    size_t size = a->name.size < b->name.size ? a->name.size : b->name.size;
    int order = strncasecmp(a->name.data, b->name.data, size);

    if (order == 0 && a->name.size != b->name.size)
        order = a->name.size < b->name.size ? -1 : 1;
    return order != 0 ? order : a->number < b->number ? -1 : 1;
}

/* Appends the entries of TEXT to LINES, an array of struct line. */
static int gather(struct span text, const char *path, struct buffer *lines, struct diagnostic *why) {
    struct line line = {.number = 0};

    while (text.size > 0) {
        if (!take_line(&text, &line))
            return bad_line(path, line.number, why);
        if (line.name.size > 0 && buffer_append(lines, &line, sizeof(line)) != PROTO_OK) {
            diagnostic_set(why, "no memory for %s", path);
            return -ENOMEM;
        }
    }
    return 0;
}

static int visit_all(struct line *lines, size_t count, trust_store_visitor *visit, void *context) {
    struct trust_entry entry;
    int result = 0;

    if (count > 0)
        qsort(lines, count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < count && result == 0; i++) {
        if (i > 0 && is_of(&lines[i], lines[i - 1].name))
            continue;
        to_entry(&entry, &lines[i]);
        result = visit(context, &entry);
    }
    return result;
}

int trust_store_list(const char *path, trust_store_visitor *visit, void *context, struct diagnostic *why) {
    struct buffer text = BUFFER_INIT(TRUST_STORE_MAX);
    struct buffer lines = BUFFER_INIT(TRUST_STORE_MAX / CSC_FINGERPRINT_SIZE * sizeof(struct line));
    int result = locked_file_read(path, &text, why);

    if (result == 0)
        result = gather(buffer_span(&text), path, &lines, why);
    if (result == 0)
        result = visit_all((void *)buffer_data(&lines), lines.size / sizeof(struct line), visit, context);
    buffer_free(&text);
    buffer_free(&lines);
    return result;
}

bool trust_store_has_changed(const char *path, struct trust_stamp *stamp) {
    struct stat status = {0};
    struct trust_stamp now = {0};
    bool changed;

    if (stat(path, &status) == 0)
        now = (struct trust_stamp){.device = status.st_dev,
                                   .inode = status.st_ino,
                                   .size = status.st_size,
                                   .modified = status.st_mtim,
                                   .changed = status.st_ctim};
    changed = now.device != stamp->device || now.inode != stamp->inode || now.size != stamp->size ||
              now.modified.tv_sec != stamp->modified.tv_sec || now.modified.tv_nsec != stamp->modified.tv_nsec ||
              now.changed.tv_sec != stamp->changed.tv_sec || now.changed.tv_nsec != stamp->changed.tv_nsec;
    *stamp = now;
    return changed;
}

/* ---- changing ---------------------------------------------------------------------------------------------------- */

/* What is to become of the first line of a name. */
enum change { CHANGE_NOTHING, CHANGE_KEY, CHANGE_VERIFIED, CHANGE_REMOVE };

static int append(struct buffer *out, struct span text) {
    return buffer_append(out, text.data, text.size) == PROTO_OK ? 0 : -EFBIG;
}

static void today(char out[static TRUST_DATE_SIZE]) {
    time_t seconds = (time_t)(clock_wall_ms() / 1000);
    struct tm utc = {0};

    gmtime_r(&seconds, &utc);
    strftime(out, TRUST_DATE_SIZE, "%Y-%m-%d", &utc);
}

static int append_words(struct buffer *out, const char *fingerprint, bool verified, struct span since) {
    int error = append(out, span_of(fingerprint));

    if (error == 0 && verified)
        error = append(out, SPAN(" " VERIFIED));
    if (error == 0 && since.size > 0)
        error = append(out, SPAN(" " SINCE));
    return error == 0 ? append(out, since) : error;
}

/* LINE with another key or word, and all else as it was. */
static int append_changed(struct buffer *out, const struct line *line, const char *fingerprint, bool verified,
                          struct span since) {
    const char *end = line->raw.data + line->raw.size;
    const char *behind = line->rest.data + line->rest.size;
    int error = append(out, (struct span){line->raw.data, (size_t)(line->fingerprint.data - line->raw.data)});

    if (error == 0)
        error = append_words(out, fingerprint, verified, since);
    if (error == 0)
        error = append(out, line->rest);
    return error == 0 ? append(out, (struct span){behind, (size_t)(end - behind)}) : error;
}

static int append_new(struct buffer *out, const char *name, const char *fingerprint) {
    bool unfinished = out->size > 0 && buffer_data(out)[out->size - 1] != '\n';
    char date[TRUST_DATE_SIZE] = "";
    int error = unfinished ? append(out, SPAN("\n")) : 0;

    today(date);
    if (error == 0)
        error = append(out, span_of(name));
    if (error == 0)
        error = append(out, SPAN(" "));
    if (error == 0)
        error = append_words(out, fingerprint, false, span_of(date));
    return error == 0 ? append(out, SPAN("\n")) : error;
}

/* Copies TEXT to OUT, with CHANGE made to the first line of NAME; all lines of it go with CHANGE_REMOVE. */
static int edit(struct span text, struct span name, enum change change, const char *fingerprint, struct buffer *out) {
    char date[TRUST_DATE_SIZE] = "";
    struct line line = {.number = 0};
    int error = 0;

    today(date);
    while (error == 0 && text.size > 0) {
        bool readable = take_line(&text, &line);
        bool wanted = (readable ? change != CHANGE_NOTHING : change == CHANGE_REMOVE) && is_of(&line, name);

        if (!wanted)
            error = append(out, line.raw);
        else if (change == CHANGE_KEY)
            error = append_changed(out, &line, fingerprint, false, span_of(date));
        else if (change == CHANGE_VERIFIED)
            error = append_changed(out, &line, fingerprint, true, line.since);
        if (wanted && change != CHANGE_REMOVE)
            change = CHANGE_NOTHING;
    }
    return error;
}

/* What a change of a store is to do, given what it has of the name: an enum change, or -errno. */
typedef int decision(const struct trust_entry *found, const char *fingerprint, struct diagnostic *why);

/* Adds a line if the name has none and CHANGE_KEY is decided on.  1 if the file was replaced, else 0. */
static int change_store(const char *path, const char *name, const char *fingerprint, decision *decide,
                        struct diagnostic *why) {
    struct buffer text = BUFFER_INIT(TRUST_STORE_MAX);
    struct buffer changed = BUFFER_INIT(TRUST_STORE_MAX);
    struct trust_entry entry = {.line = 0};
    struct locked_file file;
    int result = locked_file_take(&file, path, &text, why);
    int change = CHANGE_NOTHING;

    if (result == 0)
        result = find(buffer_span(&text), path, span_of(name), &entry, why);
    if (result >= 0)
        result = change = decide(result == 1 ? &entry : NULL, fingerprint, why);
    if (result > 0) {
        result = edit(buffer_span(&text), span_of(name), (enum change)change, fingerprint, &changed);
        if (result == 0 && change == CHANGE_KEY && entry.line == 0)
            result = append_new(&changed, name, fingerprint);
        if (result != 0)
            diagnostic_set(why, "%s is full: it would have more than %d bytes", path, TRUST_STORE_MAX);
        if (result == 0)
            result = locked_file_replace(&file, buffer_span(&changed), why);
        if (result == 0)
            result = 1;
    }
    locked_file_release(&file);
    buffer_free(&text);
    buffer_free(&changed);
    return result;
}

static int decide_add(const struct trust_entry *found, const char *fingerprint, struct diagnostic *why) {
    (void)fingerprint;
    if (found == NULL)
        return CHANGE_KEY;
    diagnostic_set(why, "%s is there already, in line %lu", found->name, found->line);
    return -EEXIST;
}

static int decide_set(const struct trust_entry *found, const char *fingerprint, struct diagnostic *why) {
    (void)why;
    return found != NULL && strcmp(found->fingerprint, fingerprint) == 0 ? CHANGE_NOTHING : CHANGE_KEY;
}

static int decide_remove(const struct trust_entry *found, const char *fingerprint, struct diagnostic *why) {
    (void)fingerprint;
    (void)why;
    return found != NULL ? CHANGE_REMOVE : CHANGE_NOTHING;
}

static int decide_mark(const struct trust_entry *found, const char *fingerprint, struct diagnostic *why) {
    (void)why;
    return found != NULL && strcmp(found->fingerprint, fingerprint) == 0 ? CHANGE_VERIFIED : CHANGE_NOTHING;
}

int trust_store_add(const char *path, const char *name, const char *fingerprint, struct diagnostic *why) {
    int result = change_store(path, name, fingerprint, decide_add, why);

    return result < 0 ? result : 0;
}

int trust_store_set(const char *path, const char *name, const char *fingerprint, struct diagnostic *why) {
    return change_store(path, name, fingerprint, decide_set, why);
}

int trust_store_remove(const char *path, const char *name, struct diagnostic *why) {
    return change_store(path, name, NULL, decide_remove, why);
}

int trust_store_mark_verified(const char *path, const char *name, const char *fingerprint, struct diagnostic *why) {
    return change_store(path, name, fingerprint, decide_mark, why);
}
