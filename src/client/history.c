#include <config.h>

#include "src/client/history.h"
#include "src/client/sealed_key.h"
#include "src/common/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A record: the size of the rest, IV, ciphertext, tag.  The tag covers where the record begins, as 8 bytes, as well. */
#define RECORD_HEAD (4 + CSC_CBC_IV)
#define RECORD_MIN  (RECORD_HEAD + CSC_CBC_BLOCK + CSC_SHA256_SIZE)
#define RECORD_MAX  (RECORD_HEAD + CSC_CBC_LENGTH(HISTORY_FORM_MAX) + CSC_SHA256_SIZE)

struct history {
    int fd;
    bool only_read;
    uint64_t size;
    csc_symkey *key;
    char path[STATE_PATH_SIZE];
    uint8_t record[RECORD_MAX], entry[CSC_CBC_LENGTH(HISTORY_FORM_MAX)];
    struct text_signature signature; /* of the entry that was read last */
};

static int fail(const struct history *history, int error, struct diagnostic *why) {
    diagnostic_set(why, "%s: %s", history->path, diagnostic_errno(error));
    return -error;
}

static void put_number(uint8_t *out, size_t size, uint64_t number) {
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
}

static uint64_t get_number(const uint8_t *data, size_t size) {
    uint64_t number = 0;

    for (size_t i = 0; i < size; i++)
        number = number << 8 | data[i];
    return number;
}

/* ---- one record -------------------------------------------------------------------------------------------------- */

/* The associated data that the tag covers: the place and the head of the record, so that a record cannot be moved. */
static void bind(uint8_t out[static 8 + RECORD_HEAD], const uint8_t *record, uint64_t at) {
    put_number(out, 8, at);
    memcpy(out + 8, record, RECORD_HEAD);
}

/* Makes the record of ENTRY that begins AT.  Returns its size, or -EIO. */
static ssize_t encode(struct history *history, const struct history_entry *entry, uint64_t at) {
    const size_t size = history_form_write(history->entry, entry);
    uint8_t *record = history->record, header[8 + RECORD_HEAD];

    put_number(record, 4, CSC_CBC_IV + CSC_CBC_LENGTH(size) + CSC_SHA256_SIZE);
    if (csc_random_nonce(record + 4, CSC_CBC_IV) != CSC_OK)
        return -EIO;
    bind(header, record, at);
    csc_symkey_encrypt(history->key, record + 4, header, sizeof(header), history->entry, size, record + RECORD_HEAD,
                       record + RECORD_HEAD + CSC_CBC_LENGTH(size));
    return (ssize_t)(RECORD_HEAD + CSC_CBC_LENGTH(size) + CSC_SHA256_SIZE);
}

/* The size of the record that begins AT, if all of it is there; 0 at the end, or if the last one was cut short.
 * -EBADMSG: it is no record. */
static ssize_t measure(const struct history *history, uint64_t at) {
    uint8_t bytes[4];
    uint64_t size;

    if (history->size - at < sizeof(bytes))
        return 0;
    if (pread(history->fd, bytes, sizeof(bytes), (off_t)at) != sizeof(bytes))
        return -EIO;
    size = sizeof(bytes) + get_number(bytes, sizeof(bytes));
    if (size < RECORD_MIN || size > RECORD_MAX)
        return -EBADMSG;
    return history->size - at < size ? 0 : (ssize_t)size;
}

/* Reads the record of SIZE that begins AT.  1; 0: it is damaged; -EIO. */
static int read_record(struct history *history, uint64_t at, size_t size, struct history_entry *entry) {
    const size_t cipher_size = size - RECORD_HEAD - CSC_SHA256_SIZE;
    uint8_t *record = history->record, header[8 + RECORD_HEAD];
    size_t plain_size = 0;

    if (pread(history->fd, record, size, (off_t)at) != (ssize_t)size)
        return -EIO;
    bind(header, record, at);
    if (csc_symkey_decrypt(history->key, record + 4, header, sizeof(header), record + RECORD_HEAD, cipher_size,
                           record + RECORD_HEAD + cipher_size, history->entry, &plain_size) != CSC_OK)
        return 0;
    return history_form_read(entry, &history->signature, history->entry, plain_size);
}

/* ---- opening and closing ----------------------------------------------------------------------------------------- */

/* Removes a last record that a crash has cut short; in a file that is only read, its rest may still come. */
static int mend(struct history *history, struct diagnostic *why) {
    uint64_t at = 0;
    ssize_t size;

    while ((size = measure(history, at)) > 0)
        at += (uint64_t)size;
    if (size == -EBADMSG) {
        diagnostic_set(why, "%s is damaged: move it away", history->path);
        return -EBADMSG;
    }
    if (size < 0)
        return fail(history, (int)-size, why);
    if (at < history->size && !history->only_read && ftruncate(history->fd, (off_t)at) != 0)
        return fail(history, errno, why);
    history->size = at;
    return 0;
}

static int open_file(struct history *history, struct diagnostic *why) {
    const int mode = history->only_read ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND;
    struct stat status;

    history->fd = open(history->path, mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (history->fd < 0 || fstat(history->fd, &status) != 0)
        return fail(history, errno, why);
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
        diagnostic_set(why, "%s is not a file of this user's alone", history->path);
        return -EBADMSG;
    }
    history->size = (uint64_t)status.st_size;
    return 0;
}

static int open_in(struct history *history, const char *dir, const struct identity *identity, struct diagnostic *why) {
    char key_path[STATE_PATH_SIZE];
    int error = state_dir_path(history->path, dir, "history", why);

    if (error == 0)
        error = state_dir_path(key_path, dir, "history.key", why);
    if (error == 0)
        error = open_file(history, why);
    if (error == 0 && history->only_read && history->size == 0)
        error = fail(history, ENOENT, why); /* somebody makes it just now */
    if (error == 0)
        error = sealed_key_load(&history->key, "chatsecure/1 history", key_path, history->size == 0, identity, why);
    if (error == -ENOENT && history->size > 0)
        error = -ENOKEY;
    return error == 0 ? mend(history, why) : error;
}

static int open_history(struct history **history, const char *dir, const struct identity *identity, bool only_read,
                        struct diagnostic *why) {
    struct history *found = calloc(1, sizeof(*found));
    int error;

    if (!found) {
        diagnostic_set(why, "%s", diagnostic_errno(ENOMEM));
        return -ENOMEM;
    }
    found->fd = -1;
    found->only_read = only_read;
    error = open_in(found, dir, identity, why);
    if (error != 0) {
        history_close(found);
        return error;
    }
    *history = found;
    return 0;
}

int history_open(struct history **history, const char *dir, const struct identity *identity, struct diagnostic *why) {
    return open_history(history, dir, identity, false, why);
}

int history_open_read(struct history **history, const char *dir, const struct identity *identity,
                      struct diagnostic *why) {
    return open_history(history, dir, identity, true, why);
}

void history_close(struct history *history) {
    if (!history)
        return;
    if (history->fd >= 0)
        close(history->fd);
    csc_symkey_free(history->key);
    csc_wipe(history, sizeof(*history));
    free(history);
}

/* ---- adding ------------------------------------------------------------------------------------------------------ */

/* Appends the record of ENTRY.  If the disk has no room for all of it, nothing of it is left. */
static int append(struct history *history, const struct history_entry *entry) {
    ssize_t size = encode(history, entry, history->size);
    ssize_t written;
    int error;

    if (size < 0)
        return (int)size;
    written = write(history->fd, history->record, (size_t)size);
    if (written == size) {
        history->size += (uint64_t)size;
        return 0;
    }
    error = written < 0 ? errno : ENOSPC;
    return ftruncate(history->fd, (off_t)history->size) == 0 ? -error : -EIO;
}

/* Copies the newer half of OLD to FRESH, whose file is empty. */
static int copy_half(struct history *old, struct history *fresh) {
    struct history_entry entry;
    uint64_t at = 0;
    ssize_t size;
    int error = 0;

    for (; error == 0 && (size = measure(old, at)) > 0; at += (uint64_t)size) {
        if (old->size - at > HISTORY_MAX / 2)
            continue;
        error = read_record(old, at, (size_t)size, &entry);
        error = error == 1 ? append(fresh, &entry) : error;
    }
    return error;
}

/* Replaces the file by one with its newer half. */
static int halve(struct history *history, struct diagnostic *why) {
    struct history *fresh = calloc(1, sizeof(*fresh));
    int error = 0;

    if (!fresh)
        return fail(history, ENOMEM, why);
    fresh->key = history->key;
    fresh->fd = -1;
    if (snprintf(fresh->path, sizeof(fresh->path), "%s.new", history->path) >= (int)sizeof(fresh->path))
        error = -ENAMETOOLONG;
    else if (unlink(fresh->path) != 0 && errno != ENOENT)
        error = -errno;
    if (error == 0)
        error = open_file(fresh, why);
    if (error == 0)
        error = copy_half(history, fresh);
    if (error == 0 && (fsync(fresh->fd) != 0 || rename(fresh->path, history->path) != 0))
        error = -errno;
    if (error == 0) {
        int fd = history->fd;

        history->fd = fresh->fd;
        history->size = fresh->size;
        fresh->fd = fd;
    }
    fresh->key = NULL;
    history_close(fresh);
    return error == 0 ? 0 : fail(history, -error, why);
}

int history_add(struct history *history, const struct history_entry *entry, struct diagnostic *why) {
    int error = 0;

    if (entry->text.size > MESSAGE_BODY_MAX || !name_is_valid(entry->name))
        return fail(history, EINVAL, why);
    if (history->size + RECORD_MAX > HISTORY_MAX)
        error = halve(history, why);
    if (error != 0)
        return error;
    error = append(history, entry);
    csc_wipe(history->entry, sizeof(history->entry));
    return error == 0 ? 0 : fail(history, -error, why);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* The last records that match: a ring. */
struct matches {
    struct match {
        uint64_t at;
        size_t size;
    } ring[HISTORY_ANSWER_MAX];
    size_t first, count, limit;
    uint64_t total; /* bytes */
};

static bool matches(const struct history_query *query, const struct history_entry *entry) {
    if (query->name.size > 0 && !name_equal(query->name, entry->name))
        return false;
    for (size_t at = 0; at + query->text.size <= entry->text.size; at++)
        if (name_equal((struct span){entry->text.data + at, query->text.size}, query->text))
            return true;
    return query->text.size == 0;
}

static void drop_first(struct matches *found) {
    found->total -= found->ring[found->first].size;
    found->first = (found->first + 1) % HISTORY_ANSWER_MAX;
    found->count--;
}

static void remember(struct matches *found, uint64_t at, size_t size) {
    while (found->count > 0 && (found->count >= found->limit || found->total + size > HISTORY_TEXT_MAX))
        drop_first(found);
    found->ring[(found->first + found->count++) % HISTORY_ANSWER_MAX] = (struct match){at, size};
    found->total += size;
}

static int find(struct history *history, const struct history_query *query, struct matches *found, size_t *damaged) {
    struct history_entry entry;
    uint64_t at = 0;
    ssize_t size;

    *damaged = 0;
    for (; (size = measure(history, at)) > 0; at += (uint64_t)size) {
        int result = read_record(history, at, (size_t)size, &entry);

        if (result < 0)
            return result;
        if (result == 0)
            ++*damaged;
        else if (matches(query, &entry))
            remember(found, at, (size_t)size);
    }
    return (int)size;
}

int history_read(struct history *history, const struct history_query *query, history_visitor *visit, void *context,
                 size_t *damaged, struct diagnostic *why) {
    struct matches *found = calloc(1, sizeof(*found));
    struct history_entry entry;
    int result;

    if (!found)
        return fail(history, ENOMEM, why);
    found->limit = query->count > HISTORY_ANSWER_MAX ? HISTORY_ANSWER_MAX : query->count;
    result = query->count > 0 ? find(history, query, found, damaged) : 0;
    for (; result == 0 && found->count > 0; drop_first(found)) {
        const struct match *match = &found->ring[found->first];

        result = read_record(history, match->at, match->size, &entry);
        result = result == 1 ? visit(context, &entry) : result;
    }
    free(found);
    csc_wipe(history->entry, sizeof(history->entry));
    return result < 0 ? fail(history, -result, why) : result;
}
