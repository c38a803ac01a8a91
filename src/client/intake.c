#include <config.h>

#include "src/client/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "chatsecure input 1\n"

#define BLANK 0xff

/* One of two areas: what is kept of one is copied to the other, which then becomes the current one in a single store.
 * Bytes behind `used` are BLANK, and so is all of the other area. */
struct area {
    uint64_t base; /* the position of the first byte */
    uint64_t used;
    uint8_t bytes[INTAKE_SIZE];
};

struct held {
    char magic[MAPPED_FILE_MAGIC_SIZE];
    uint64_t device, inode; /* of the input */
    uint8_t way[CSC_SHA256_SIZE];
    uint64_t current;
    struct area areas[2];
};

struct intake {
    struct mapped_file file;
    struct held *held;
    int fd;
    struct stat input;
};

static struct area *area_of(const struct intake *intake, uint64_t number) {
    return &intake->held->areas[number % 2];
}

static struct area *current(const struct intake *intake) {
    return area_of(intake, intake->held->current);
}

/* Counts bytes that read(2) has put there and a killed program has not counted; never more than there is room for. */
static void count_read(struct area *area) {
    size_t end = INTAKE_SIZE;

    while (end > area->used && area->bytes[end - 1] == BLANK)
        end--;
    area->used = end;
}

int intake_open(struct intake **intake, const char *dir, int fd, uint64_t position, struct diagnostic *why) {
    struct intake *made = calloc(1, sizeof(*made));
    int error = made ? 0 : -ENOMEM;

    if (made) {
        *made = (struct intake){.file = MAPPED_FILE_INIT, .fd = fd};
        error = fstat(fd, &made->input) == 0 ? 0 : -errno;
    }
    if (error != 0)
        diagnostic_set(why, "standard input: %s", diagnostic_errno(-error));
    else
        error = mapped_file_open(&made->file, dir, "spool.input", MAGIC, sizeof(struct held), true, why);
    if (error != 0) {
        free(made);
        return error;
    }
    made->held = made->file.memory;
    /* Nothing was ever read or added: it is as it was made. */
    if (made->held->inode == 0 && current(made)->used == 0)
        memset(current(made)->bytes, BLANK, INTAKE_SIZE);
    memset(area_of(made, made->held->current + 1)->bytes, BLANK, INTAKE_SIZE);
    count_read(current(made));
    intake_forget(made, position);
    *intake = made;
    return 0;
}

bool intake_bind(struct intake *intake, const uint8_t way[static CSC_SHA256_SIZE]) {
    struct held *held = intake->held;

    if (current(intake)->used > 0)
        return memcmp(held->way, way, CSC_SHA256_SIZE) == 0;
    memcpy(held->way, way, CSC_SHA256_SIZE);
    mapped_file_order();
    return true;
}

void intake_close(struct intake *intake) {
    if (!intake)
        return;
    mapped_file_close(&intake->file);
    free(intake);
}

struct span intake_rest(const struct intake *intake) {
    const struct area *area = current(intake);

    return (struct span){(const char *)area->bytes, (size_t)area->used};
}

enum intake_input intake_compare(const struct intake *intake) {
    const struct held *held = intake->held;

    if (held->device != (uint64_t)intake->input.st_dev || held->inode != (uint64_t)intake->input.st_ino)
        return INTAKE_OTHER;
    if (S_ISREG(intake->input.st_mode) && lseek(intake->fd, 0, SEEK_CUR) == 0)
        return INTAKE_AGAIN;
    return INTAKE_SAME;
}

uint64_t intake_position(const struct intake *intake) {
    return current(intake)->base + current(intake)->used;
}

/* Makes sure that the pages are present, so that read(2) cannot fail in the middle of its copying for want of one. */
static void touch(uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i += 1024)
        ((volatile uint8_t *)bytes)[i] = BLANK;
}

ssize_t intake_read(struct intake *intake, size_t size) {
    struct area *area = current(intake);
    const size_t room = INTAKE_SIZE - (size_t)area->used;
    ssize_t got;

    intake->held->device = (uint64_t)intake->input.st_dev;
    intake->held->inode = (uint64_t)intake->input.st_ino;
    size = size < room ? size : room;
    touch(area->bytes + area->used, size);
    mapped_file_order();
    got = read(intake->fd, area->bytes + area->used, size);
    if (got > 0)
        area->used += (uint64_t)got;
    return got;
}

void intake_add(struct intake *intake, struct span text) {
    struct area *area = current(intake);

    if (text.size > INTAKE_SIZE - area->used)
        return;
    memcpy(area->bytes + area->used, text.data, text.size);
    mapped_file_order();
    area->used += text.size;
}

void intake_forget(struct intake *intake, uint64_t position) {
    struct area *old = current(intake), *new = area_of(intake, intake->held->current + 1);
    size_t gone = 0;

    if (position > old->base)
        gone = position - old->base < old->used ? (size_t)(position - old->base) : (size_t)old->used;
    new->base = old->base + gone;
    /* The two files disagree if the database was restored from a backup, or the journal was removed: the database
     * counts. */
    if (gone == old->used)
        new->base = position;
    new->used = old->used - gone;
    memcpy(new->bytes, old->bytes + gone, (size_t) new->used);
    mapped_file_order();
    intake->held->current++;
    mapped_file_order();
    memset(old->bytes, BLANK, (size_t)old->used);
}
