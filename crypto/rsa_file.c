/* Private keys from and to files. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/cscrypto.h"
#include "crypto/file.h"

/* Of the random part of a temporary file's name, in hexadecimal digits, with the dot before it. */
#define SUFFIX_BYTES  8
#define SUFFIX_LENGTH (1 + 2 * SUFFIX_BYTES)

/* Closes without disturbing errno, for use after a failure. */
static void close_quietly(int fd) {
    int saved = errno;

    if (fd >= 0)
        (void)close(fd);
    errno = saved;
}

static int write_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int csc_private_key_load(csc_private_key **key, const char *path, const char *password) {
    char *pem = NULL;
    size_t size = 0;
    int rc = cs_file_read(path, CSC_PEM_MAX, &pem, &size);

    if (rc != CSC_OK)
        return rc;
    rc = csc_private_key_from_pem(key, pem, size, password);
    csc_wipe(pem, size);
    free(pem);
    return rc;
}

/* A name beside PATH, which the caller frees. */
static int temporary_name(char **name, const char *path) {
    uint8_t random[SUFFIX_BYTES];
    size_t length = strlen(path);
    char *made = NULL;
    int rc = csc_random_nonce(random, sizeof(random));

    if (rc != CSC_OK)
        return rc;
    made = malloc(length + SUFFIX_LENGTH + 1);
    if (made == NULL)
        return CSC_ERR_MEMORY;
    memcpy(made, path, length);
    made[length] = '.';
    for (size_t i = 0; i < SUFFIX_BYTES; i++)
        (void)snprintf(made + length + 1 + 2 * i, 3, "%02x", random[i]);
    *name = made;
    return CSC_OK;
}

/* Makes what was renamed in PATH's folder last.  Some file systems cannot (EINVAL); then they have done what they do.
 */
static int sync_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    int fd = -1;
    int result = -1;

    if (folder == NULL)
        return -1;
    fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd >= 0 && (fsync(fd) == 0 || errno == EINVAL))
        result = 0;
    close_quietly(fd);
    free(folder);
    return result;
}

static void unlink_quietly(const char *name) {
    int saved = errno;

    (void)unlink(name);
    errno = saved;
}

/* Makes the file NAME, or nothing.  fchmod(), since the umask may have taken even the owner's rights away. */
static int write_new_file(const char *name, const char *data, size_t size) {
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (fd < 0)
        return -1;
    if (fchmod(fd, S_IRUSR | S_IWUSR) == 0 && write_all(fd, data, size) == 0 && fsync(fd) == 0) {
        if (close(fd) == 0)
            return 0;
    } else {
        close_quietly(fd);
    }
    unlink_quietly(name);
    return -1;
}

/* Gives the file NAME its final PATH, or removes it.  link() is the one call that takes a name only if it is free. */
static int move_into_place(const char *name, const char *path, bool replace) {
    if (replace ? rename(name, path) == 0 : link(name, path) == 0 && unlink(name) == 0)
        return 0;
    unlink_quietly(name);
    return -1;
}

static int save(const char *path, const char *pem, size_t size, bool replace) {
    char *name = NULL;
    int rc = temporary_name(&name, path);

    if (rc != CSC_OK)
        return rc;
    if (write_new_file(name, pem, size) != 0 || move_into_place(name, path, replace) != 0 || sync_folder(path) != 0)
        rc = CSC_ERR_SYSTEM;
    free(name);
    return rc;
}

int csc_private_key_save(const csc_private_key *key, const char *path, const char *password, bool replace) {
    size_t size = CSC_PEM_MAX;
    char *pem = malloc(CSC_PEM_MAX);
    int rc;

    if (pem == NULL)
        return CSC_ERR_MEMORY;
    rc = csc_private_key_to_pem(key, pem, &size, password);
    if (rc == CSC_OK)
        rc = save(path, pem, size, replace);
    csc_wipe(pem, CSC_PEM_MAX);
    free(pem);
    return rc;
}
