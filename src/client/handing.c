#include <config.h>

#include "crypto/cscrypto.h"
#include "src/client/handing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(HAVE_MEMFD_CREATE) && defined(HAVE_SPLICE)
#define HAVE_COUNTED_WRITE 1
#else
#define HAVE_COUNTED_WRITE 0
#endif

#define MAGIC "chatsecure handing 1\n"

/* The pipe's reader may look at the pages it was given at any time, so they are never written again.  When a source has
 * so many bytes, the next one is made. */
#define SOURCE_MAX (1024 * 1024)

/* The content of the file.  It is valid if `check` is the hash of the text, its size and its messages. */
struct laid {
    char magic[MAPPED_FILE_MAGIC_SIZE];
    uint64_t size; /* 0: nothing is laid down */
    uint64_t count;
    uint64_t form;
    uint64_t device, inode; /* of the output */
    int64_t origin;         /* offset of the text in the output; -1: that is no regular file */
    uint64_t current;       /* selects the valid one of the two, so that base and place change at once */
    struct progress {
        off_t base, place; /* the text begins at `base` in the source, and is written up to `place` */
    } progress[2];
    uint8_t check[CSC_SHA256_SIZE];
    struct handing_message messages[HANDING_MESSAGES_MAX];
    char text[HANDING_MAX];
};

struct handing {
    struct mapped_file file;
    struct laid *laid;
    struct received *received;
    size_t noted; /* messages of the text that are written, and noted as received */
    int fd;
    struct stat output;
    int source; /* memory file that is spliced into a pipe, -1: none yet */
    off_t source_size;
    bool sourced; /* the rest of the text has been copied to the source */
};

static struct progress *progress_of(struct laid *laid) {
    return &laid->progress[laid->current % 2];
}

static void set_progress(struct laid *laid, struct progress progress) {
    laid->progress[(laid->current + 1) % 2] = progress;
    mapped_file_order();
    laid->current++;
    mapped_file_order();
}

static size_t written(const struct handing *handing) {
    const struct progress *progress = progress_of(handing->laid);

    return (size_t)(progress->place - progress->base);
}

static void make_check(const struct laid *laid, uint64_t size, uint8_t check[static CSC_SHA256_SIZE]) {
    const struct csc_part parts[] = {
        {&size, sizeof(size)}, {laid->messages, laid->count * sizeof(laid->messages[0])}, {laid->text, size}};

    csc_sha256(check, parts, sizeof(parts) / sizeof(parts[0]));
}

/* ---- what was left ----------------------------------------------------------------------------------------------- */

static bool holds(struct laid *laid) {
    const struct progress *progress = progress_of(laid);
    uint8_t check[CSC_SHA256_SIZE];

    if (laid->size > HANDING_MAX || laid->count > HANDING_MESSAGES_MAX || laid->origin > INT64_MAX - HANDING_MAX ||
        progress->base < -HANDING_MAX || progress->place < progress->base || progress->place > 2 * SOURCE_MAX ||
        (uint64_t)(progress->place - progress->base) > laid->size)
        return false;
    make_check(laid, laid->size, check);
    return memcmp(check, laid->check, sizeof(check)) == 0;
}

/* Counts what a regular file has of the rest.  The descriptor may be for writing only, so it is opened anew. */
static void compare_file(struct handing *handing) {
    struct span rest = handing_rest(handing);
    char path[32], bytes[4096];
    bool same = true;
    int fd;

    snprintf(path, sizeof(path), "/dev/fd/%d", handing->fd);
    fd = open(path, O_RDONLY | O_CLOEXEC);

    while (same && rest.size > 0) {
        const size_t size = rest.size < sizeof(bytes) ? rest.size : sizeof(bytes);
        const ssize_t got = pread(fd, bytes, size, (off_t)handing->laid->origin + (off_t)written(handing));
        size_t equal = 0;

        while (got > 0 && equal < (size_t)got && bytes[equal] == rest.data[equal])
            equal++;
        progress_of(handing->laid)->place += (off_t)equal;
        same = got > 0 && equal == size;
        rest = handing_rest(handing);
    }
    if (fd >= 0)
        close(fd);
}

/* The output is another one than before, or was emptied, so it has no part of the message that was being written: goes
 * back to the beginning of that message. */
static void go_back(struct handing *handing) {
    const struct laid *laid = handing->laid;
    uint32_t begin = 0;

    for (size_t i = 0; i < laid->count && laid->messages[i].end <= written(handing); i++)
        begin = laid->messages[i].end;
    progress_of(handing->laid)->place = progress_of(handing->laid)->base + (off_t)begin;
}

/* Notes the messages that are written as received. */
static void note_written(struct handing *handing) {
    const struct laid *laid = handing->laid;

    for (; handing->noted < laid->count && laid->messages[handing->noted].end <= written(handing); handing->noted++)
        received_note(handing->received, laid->messages[handing->noted].digest);
}

static void forget(struct handing *handing) {
    const size_t size = (size_t)handing->laid->size;

    handing->laid->size = 0;
    mapped_file_order();
    csc_wipe(handing->laid->text, size < HANDING_MAX ? size : HANDING_MAX);
    handing->noted = 0;
    handing->sourced = false;
}

/* Wipes text that is not valid: of a program that was killed while it laid it down, or while it wiped it. */
static void wipe_text(struct laid *laid) {
    size_t size = HANDING_MAX;

    while (size > 0 && laid->text[size - 1] == '\0')
        size--;
    csc_wipe(laid->text, size);
}

static void resume(struct handing *handing) {
    struct laid *laid = handing->laid;

    if (laid->size == 0 || !holds(laid)) {
        wipe_text(laid);
        forget(handing);
        return;
    }
    if (laid->device != (uint64_t)handing->output.st_dev || laid->inode != (uint64_t)handing->output.st_ino ||
        (laid->origin >= 0 && laid->origin + (int64_t)written(handing) > (int64_t)handing->output.st_size))
        go_back(handing);
    else if (laid->origin >= 0)
        compare_file(handing);
    note_written(handing);
    if (written(handing) == laid->size)
        forget(handing);
}

int handing_open(struct handing **handing, const char *dir, int fd, struct received *received, bool make,
                 struct diagnostic *why) {
    struct handing *made = calloc(1, sizeof(*made));
    int error = made ? 0 : -ENOMEM;

    if (made) {
        *made = (struct handing){.file = MAPPED_FILE_INIT, .received = received, .fd = fd, .source = -1};
        error = fstat(fd, &made->output) == 0 ? 0 : -errno;
    }
    if (error != 0)
        diagnostic_set(why, "standard output: %s", diagnostic_errno(-error));
    else
        error = mapped_file_open(&made->file, dir, "handing", MAGIC, sizeof(struct laid), make, why);
    if (error != 0) {
        free(made);
        return error;
    }
    made->laid = made->file.memory;
    resume(made);
    *handing = made;
    return 0;
}

void handing_set_form(struct handing *handing, uint64_t form) {
    if (handing->laid->form != form)
        forget(handing);
    handing->laid->form = form;
}

void handing_close(struct handing *handing) {
    if (!handing)
        return;
    forget(handing);
    mapped_file_close(&handing->file);
    if (handing->source >= 0)
        close(handing->source);
    free(handing);
}

/* ---- laying down and writing ------------------------------------------------------------------------------------- */

struct span handing_rest(const struct handing *handing) {
    const struct laid *laid = handing->laid;

    if (laid->size == 0)
        return (struct span){NULL, 0};
    return (struct span){laid->text + written(handing), (size_t)laid->size - written(handing)};
}

bool handing_has(const struct handing *handing, const uint8_t digest[static RECEIVED_DIGEST_SIZE]) {
    const struct laid *laid = handing->laid;

    for (size_t i = handing->noted; laid->size > 0 && i < laid->count; i++)
        if (memcmp(laid->messages[i].digest, digest, RECEIVED_DIGEST_SIZE) == 0)
            return true;
    return false;
}

#if HAVE_COUNTED_WRITE
/* Copies the rest to pages of its own in the source: splice(2) passes them on without a copy, and the reader may look
 * at them at any time later. */
static bool fill_source(struct handing *handing) {
    const struct span rest = handing_rest(handing);
    const off_t page = (off_t)sysconf(_SC_PAGESIZE);

    if (handing->source >= 0 && handing->source_size + (off_t)rest.size > SOURCE_MAX) {
        close(handing->source);
        handing->source = -1;
    }
    if (handing->source < 0) {
        handing->source = memfd_create("chatsecure", MFD_CLOEXEC);
        handing->source_size = 0;
    }
    if (handing->source < 0 ||
        pwrite(handing->source, rest.data, rest.size, handing->source_size) != (ssize_t)rest.size)
        return false;
    set_progress(handing->laid, (struct progress){.base = handing->source_size - (off_t)written(handing),
                                                  .place = handing->source_size});
    handing->source_size += ((off_t)rest.size + page - 1) / page * page;
    return handing->sourced = true;
}

static ssize_t write_pipe(struct handing *handing, size_t size) {
    return splice(handing->source, &progress_of(handing->laid)->place, handing->fd, NULL, size, SPLICE_F_NONBLOCK);
}
#else
static bool fill_source(struct handing *handing) {
    (void)handing;
    return false;
}

static ssize_t write_pipe(struct handing *handing, size_t size) {
    (void)handing;
    (void)size;
    errno = ENOSYS;
    return -1;
}
#endif

/* The offset at which the output will get the next byte; -1: it is no regular file. */
static int64_t find_origin(const struct handing *handing) {
    struct stat status;

    if (!S_ISREG(handing->output.st_mode) || fstat(handing->fd, &status) != 0)
        return -1;
    if ((fcntl(handing->fd, F_GETFL) & O_APPEND) != 0)
        return (int64_t)status.st_size;
    return (int64_t)lseek(handing->fd, 0, SEEK_CUR);
}

void handing_lay(struct handing *handing, struct span text, const struct handing_message *messages, size_t count) {
    struct laid *laid = handing->laid;

    laid->count = count;
    memcpy(laid->messages, messages, count * sizeof(messages[0]));
    memcpy(laid->text, text.data, text.size);
    laid->device = (uint64_t)handing->output.st_dev;
    laid->inode = (uint64_t)handing->output.st_ino;
    laid->origin = -1;
    set_progress(laid, (struct progress){0, 0});
    make_check(laid, text.size, laid->check);
    handing->noted = 0;
    mapped_file_order();
    laid->size = text.size;
}

static ssize_t write_counted(struct handing *handing, size_t size) {
    struct laid *laid = handing->laid;
    const int64_t place = find_origin(handing);
    ssize_t done;

    laid->origin = place >= 0 ? place - (int64_t)written(handing) : -1;
    mapped_file_order();
    done = write(handing->fd, handing_rest(handing).data, size);
    if (done > 0)
        progress_of(laid)->place += done;
    return done;
}

ssize_t handing_write(struct handing *handing, size_t size) {
    ssize_t done = -1;
    const bool counts = S_ISFIFO(handing->output.st_mode) && (handing->sourced || fill_source(handing));

    if (counts)
        done = write_pipe(handing, size);
    if (!counts || (done < 0 && (errno == EINVAL || errno == ENOSYS || errno == EPERM)))
        done = write_counted(handing, size);
    mapped_file_order();
    note_written(handing);
    if (written(handing) == handing->laid->size)
        forget(handing);
    return done;
}
