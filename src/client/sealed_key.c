#include <config.h>

#include "src/client/sealed_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As much as any identity's key encrypts to. */
#define SEALED_MAX (CSC_RSA_MAX_BITS / 8)

static int fail(struct diagnostic *why, int error, const char *path) {
    diagnostic_set(why, "%s: %s", path, diagnostic_errno(error));
    return -error;
}

/* The two keys that come of SECRET. */
static int expand(csc_symkey **key, const char *label, const uint8_t secret[static CSC_SYMKEY_SIZE]) {
    uint8_t prk[CSC_SHA256_SIZE], keys[2 * CSC_SYMKEY_SIZE];
    int error;

    csc_hkdf_extract(prk, NULL, 0, secret, CSC_SYMKEY_SIZE);
    error = csc_hkdf_expand(keys, sizeof(keys), prk, label, strlen(label));
    if (error == CSC_OK)
        error = csc_symkey_new(key, CSC_AES_256_CBC, keys, keys + CSC_SYMKEY_SIZE);
    csc_wipe(prk, sizeof(prk));
    csc_wipe(keys, sizeof(keys));
    return error;
}

/* Writes SEALED to a file beside PATH and moves it there, whole. */
static int save(const char *path, const uint8_t *sealed, size_t size) {
    char temporary[4096];
    int fd, error = 0;

    if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
        return ENAMETOOLONG;
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    if (write(fd, sealed, size) != (ssize_t)size || fsync(fd) != 0)
        error = errno != 0 ? errno : EIO;
    close(fd);
    if (error == 0 && rename(temporary, path) != 0)
        error = errno;
    if (error != 0)
        unlink(temporary);
    return error;
}

static int make_key(csc_symkey **key, const char *label, const char *path, const struct identity *identity,
                    struct diagnostic *why) {
    uint8_t secret[CSC_SYMKEY_SIZE], sealed[SEALED_MAX];
    csc_public_key *public_key = NULL;
    int saved = 0;
    int error = csc_random_secret(secret, sizeof(secret));

    if (error == CSC_OK)
        error = csc_private_key_public(identity->key, &public_key);
    if (error == CSC_OK)
        error = csc_oaep_encrypt(public_key, label, strlen(label), secret, sizeof(secret), sealed);
    if (error == CSC_OK)
        saved = save(path, sealed, csc_public_key_size(public_key));
    if (error == CSC_OK && saved == 0)
        error = expand(key, label, secret);
    csc_public_key_free(public_key);
    csc_wipe(secret, sizeof(secret));
    if (saved != 0)
        return fail(why, saved, path);
    if (error == CSC_OK)
        return 0;
    diagnostic_set(why, "%s: %s", path, csc_strerror(error));
    return -EIO;
}

static int open_key(csc_symkey **key, const char *label, const char *path, const uint8_t *sealed, size_t size,
                    const struct identity *identity, struct diagnostic *why) {
    uint8_t secret[SEALED_MAX];
    size_t secret_size = sizeof(secret);
    int error = CSC_ERR_VERIFY;

    if (size == csc_private_key_size(identity->key))
        error = csc_oaep_decrypt(identity->key, label, strlen(label), sealed, size, secret, &secret_size);
    if (error == CSC_OK && secret_size != CSC_SYMKEY_SIZE)
        error = CSC_ERR_VERIFY;
    if (error == CSC_OK)
        error = expand(key, label, secret);
    csc_wipe(secret, sizeof(secret));
    if (error == CSC_OK)
        return 0;
    diagnostic_set(why, "%s is not for this identity", path);
    return -EKEYREJECTED;
}

int sealed_key_load(csc_symkey **key, const char *label, const char *path, bool make, const struct identity *identity,
                    struct diagnostic *why) {
    uint8_t sealed[SEALED_MAX + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t size;

    if (fd < 0 && errno == ENOENT && make)
        return make_key(key, label, path, identity, why);
    if (fd < 0)
        return fail(why, errno, path);
    size = read(fd, sealed, sizeof(sealed));
    if (size < 0) {
        int error = errno;

        close(fd);
        return fail(why, error, path);
    }
    close(fd);
    return open_key(key, label, path, sealed, (size_t)size, identity, why);
}
