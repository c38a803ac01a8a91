#include <config.h>

#include "src/client/home.h"
#include "src/client/spool_place.h"
#include "src/common/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum exit_status fail(const struct diagnostic *why) {
    fprintf(stderr, "chatsecure: %s\n", why->text);
    return STATUS_USAGE;
}

/* Refuses a folder that others may look into. */
static int check_folder(const char *dir, struct diagnostic *why) {
    struct stat status;
    int error = state_dir_make(dir, why);

    if (error != 0)
        return error;
    if (stat(dir, &status) != 0 || (status.st_mode & 077) == 0)
        return 0;
    diagnostic_set(why, "others may look into the spool %s: chmod 700 %s", dir, dir);
    return -EPERM;
}

/* What was made in it lasts once it is on the disk; a file system that cannot do that is no reason to fail. */
static void sync_folder(const char *dir) {
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

enum exit_status spool_place_open(struct spool_place *place, const char *dir, const struct identity *identity,
                                  uint64_t wait) {
    struct diagnostic why;
    enum exit_status status;

    if (check_folder(dir, &why) != 0)
        return fail(&why);
    status = home_lock_folder(&place->lock, dir, "spool.lock", "spool", wait);
    if (status != STATUS_OK)
        return status;
    if (spool_open(&place->spool, dir, identity, &why) != 0)
        return fail(&why);
    sync_folder(dir);
    return STATUS_OK;
}

/* True if a kill loses nothing of FD: /dev/null, or what is typed. */
static bool has_nothing(int fd) {
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode);
}

enum exit_status spool_place_read(struct spool_place *place, const char *dir, int input_fd,
                                  const uint8_t way[static CSC_SHA256_SIZE]) {
    struct spool_taken taken;
    struct diagnostic why;

    if (spool_get_taken(place->spool, &taken, &why) != 0 ||
        intake_open(&place->intake, dir, input_fd, taken.position, &why) != 0)
        return fail(&why);
    if (intake_bind(place->intake, way))
        return STATUS_OK;
    intake_close(place->intake);
    place->intake = NULL;
    diagnostic_set(&why,
                   "%s/spool.input has what another run has read and not sent: start one with the same --to, -i, -s "
                   "and --sign, which sends it, or delete the file",
                   dir);
    return has_nothing(input_fd) ? (fail(&why), STATUS_OK) : fail(&why);
}

void spool_place_close(struct spool_place *place) {
    intake_close(place->intake);
    spool_close(place->spool);
    file_lock_release(place->lock);
}
