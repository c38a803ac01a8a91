#include <config.h>

#include "src/common/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* csc_public_key_to_pem() promises that this is enough. */
#define PUBLIC_PEM_SIZE 1024

static int check_file(const char *path, struct diagnostic *why) {
    struct stat status = {0};

    if (stat(path, &status) != 0) {
        diagnostic_set(why, "cannot read the key %s: %s", path, diagnostic_errno(errno));
        return CSC_ERR_SYSTEM;
    }
    if (!S_ISREG(status.st_mode)) {
        diagnostic_set(why, "cannot read the key %s: it is not a file", path);
        return CSC_ERR_SYSTEM;
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        diagnostic_set(why, "others may read the key %s: chmod 600 %s", path, path);
        return CSC_ERR_SYSTEM;
    }
    return 0;
}

/* Fills in what follows from the private key. */
static int derive(struct identity *identity) {
    csc_public_key *public_key = NULL;
    size_t size = PUBLIC_PEM_SIZE;
    int error = csc_private_key_public(identity->key, &public_key);

    if (error != 0)
        goto out;
    identity->pem = calloc(1, PUBLIC_PEM_SIZE + 1);
    if (identity->pem == NULL) {
        error = CSC_ERR_MEMORY;
        goto out;
    }
    error = csc_public_key_to_pem(public_key, identity->pem, &size);
    if (error == 0)
        csc_public_key_fingerprint(public_key, identity->fingerprint);
out:
    csc_public_key_free(public_key);
    return error;
}

int identity_load(struct identity *identity, const char *path, const char *password, struct diagnostic *why) {
    struct identity found = {0};
    int error = check_file(path, why);

    if (error != 0)
        return error;
    error = csc_private_key_load(&found.key, path, password);
    if (error == 0)
        error = derive(&found);
    if (error != 0) {
        diagnostic_set(why, "cannot use the key %s: %s%s", path,
                       error == CSC_ERR_SYSTEM ? diagnostic_errno(errno) : csc_strerror(error),
                       error == CSC_ERR_PASSWORD_NEEDED ? "; `openssl pkey -in FILE -out NEW` takes it off" : "");
        identity_free(&found);
        return error;
    }
    *identity = found;
    return 0;
}

/* Makes a key at PATH.  One that appeared meanwhile is left there and is no error. */
static int make(const char *path, bool *made, struct diagnostic *why) {
    csc_private_key *key = NULL;
    int error = csc_private_key_generate(&key, IDENTITY_BITS);

    *made = false;
    if (error == 0) {
        error = csc_private_key_save(key, path, NULL, false);
        *made = error == 0;
        if (error == CSC_ERR_SYSTEM && errno == EEXIST)
            error = 0;
    }
    if (error != 0)
        diagnostic_set(why, "cannot make the key %s: %s", path,
                       error == CSC_ERR_SYSTEM ? diagnostic_errno(errno) : csc_strerror(error));
    csc_private_key_free(key);
    return error;
}

int identity_load_or_make(struct identity *identity, const char *path, struct diagnostic *why) {
    struct stat status = {0};
    bool made = false;
    int error = 0;

    if (stat(path, &status) != 0 && errno == ENOENT)
        error = make(path, &made, why);
    if (error == 0)
        error = identity_load(identity, path, NULL, why);
    if (error == 0)
        identity->made = made;
    return error;
}

void identity_free(struct identity *identity) {
    csc_private_key_free(identity->key);
    free(identity->pem);
    *identity = (struct identity){0};
}
