#include <config.h>

#include "src/common/trust_store.h"

#include "proto/buffer.h"
#include "proto/error.h"
#include "src/common/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4200

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static bool fingerprint_is_valid(struct span text) {
    static const char prefix[] = "SHA256:";
    char padded[CSC_BASE64_LENGTH(CSC_SHA256_SIZE)];
    uint8_t hash[CSC_BASE64_SIZE(sizeof(padded))];
    size_t size = 0;

    if (text.size != CSC_FINGERPRINT_SIZE - 1 || memcmp(text.data, prefix, sizeof(prefix) - 1) != 0)
        return false;
    memcpy(padded, text.data + sizeof(prefix) - 1, sizeof(padded) - 1);
    padded[sizeof(padded) - 1] = '=';
    return csc_base64_decode(hash, &size, padded, sizeof(padded)) == CSC_OK && size == CSC_SHA256_SIZE;
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

/* Takes the first line off TEXT, without its end. */
static struct span take_line(struct span *text) {
    const char *end = memchr(text->data, '\n', text->size);
    struct span line = {text->data, end != NULL ? (size_t)(end - text->data) : text->size};
    size_t taken = line.size + (end != NULL);

    text->data += taken;
    text->size -= taken;
    return line;
}

static int find(struct span text, const char *path, const char *name, struct trust_entry *entry,
                struct diagnostic *why) {
    size_t length = strlen(name);

    for (unsigned long number = 1; text.size > 0; number++) {
        struct span line = take_line(&text);
        struct span word = take_word(&line);
        struct span fingerprint = take_word(&line);

        if (word.size == 0 || word.data[0] == '#')
            continue;
        if (!fingerprint_is_valid(fingerprint)) {
            diagnostic_set(why, "%s:%lu is not a name and a fingerprint: mend or delete that line", path, number);
            return -EBADMSG;
        }
        if (word.size == length && strncasecmp(word.data, name, length) == 0) {
            memcpy(entry->fingerprint, fingerprint.data, fingerprint.size);
            entry->fingerprint[fingerprint.size] = '\0';
            entry->line = number;
            return 1;
        }
    }
    return 0;
}

static int read_all(int fd, struct buffer *out) {
    uint8_t *room = NULL;
    ssize_t size = 0;

    do {
        size_t piece = out->limit - out->size < 4096 ? out->limit - out->size : 4096;

        if (piece == 0)
            return -EFBIG;
        if (buffer_reserve(out, piece, &room) != PROTO_OK)
            return -ENOMEM;
        size = read(fd, room, piece);
        if (size > 0)
            buffer_commit(out, (size_t)size);
    } while (size > 0 || (size < 0 && errno == EINTR));
    return size < 0 ? -errno : 0;
}

/* Reads the file at PATH, if there is one. */
static int load(const char *path, struct buffer *out, struct diagnostic *why) {
    struct stat status = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = 0;

    if (fd < 0)
        error = errno == ENOENT ? 0 : -errno;
    else if (fstat(fd, &status) != 0)
        error = -errno;
    else
        error = S_ISREG(status.st_mode) ? read_all(fd, out) : -EINVAL;
    if (fd >= 0)
        close(fd);
    if (error != 0)
        diagnostic_set(why, "cannot read %s: %s", path, diagnostic_errno(-error));
    return error;
}

int trust_store_find(const char *path, const char *name, struct trust_entry *entry, struct diagnostic *why) {
    struct buffer text = BUFFER_INIT(TRUST_STORE_MAX);
    int result = load(path, &text, why);

    if (result == 0)
        result = find(buffer_span(&text), path, name, entry, why);
    buffer_free(&text);
    return result;
}

static int write_all(int fd, struct span text) {
    while (text.size > 0) {
        ssize_t size = write(fd, text.data, text.size);

        if (size < 0 && errno != EINTR)
            return -errno;
        if (size > 0) {
            text.data += size;
            text.size -= (size_t)size;
        }
    }
    return fsync(fd) == 0 ? 0 : -errno;
}

/* The rename lasts once the folder is on the disk; a file system that cannot do that is no reason to fail. */
static void sync_folder(const char *path) {
    char folder[PATH_SIZE] = ".";
    const char *slash = strrchr(path, '/');
    int fd = -1;

    if (slash != NULL)
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

static int replace(const char *path, struct span text, struct diagnostic *why) {
    char temporary[PATH_SIZE] = "";
    char *target = realpath(path, NULL);
    int fd = -1;
    int error = 0;

    /* A link stays one, and what it points at is replaced. */
    if (target != NULL)
        path = target;
    snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
    fd = mkstemp(temporary);
    error = fd < 0 ? -errno : write_all(fd, text);
    if (fd >= 0 && close(fd) != 0 && error == 0)
        error = -errno;
    if (error == 0 && rename(temporary, path) != 0)
        error = -errno;
    if (error != 0) {
        diagnostic_set(why, "cannot write %s: %s", path, diagnostic_errno(-error));
        if (fd >= 0)
            unlink(temporary);
    } else {
        sync_folder(path);
    }
    free(target);
    return error;
}

static int append_line(struct buffer *text, const char *name, const char *fingerprint) {
    bool unfinished = text->size > 0 && buffer_data(text)[text->size - 1] != '\n';

    if ((unfinished && buffer_append(text, "\n", 1) != PROTO_OK) ||
        buffer_append(text, name, strlen(name)) != PROTO_OK || buffer_append(text, " ", 1) != PROTO_OK ||
        buffer_append(text, fingerprint, strlen(fingerprint)) != PROTO_OK || buffer_append(text, "\n", 1) != PROTO_OK)
        return -EFBIG;
    return 0;
}

int trust_store_add(const char *path, const char *name, const char *fingerprint, struct diagnostic *why) {
    struct buffer text = BUFFER_INIT(TRUST_STORE_MAX);
    struct trust_entry entry = {0};
    char lock_path[PATH_SIZE] = "";
    int lock = -1;
    int error = 0;

    if ((size_t)snprintf(lock_path, sizeof(lock_path), "%s.lock", path) >= sizeof(lock_path) - sizeof(".XXXXXX"))
        return -ENAMETOOLONG;
    lock = file_lock_take(lock_path, true, why);
    error = lock < 0 ? lock : load(path, &text, why);
    if (error == 0)
        error = find(buffer_span(&text), path, name, &entry, why);
    if (error == 1) {
        diagnostic_set(why, "%s:%lu has %s already", path, entry.line, name);
        error = -EEXIST;
    }
    if (error == 0 && (error = append_line(&text, name, fingerprint)) != 0)
        diagnostic_set(why, "%s is full", path);
    if (error == 0)
        error = replace(path, buffer_span(&text), why);
    file_lock_release(lock);
    buffer_free(&text);
    return error;
}
