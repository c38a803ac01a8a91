#include <config.h>

#include "src/common/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* csc_public_key_to_pem() promises that this is enough. */
#define PUBLIC_PEM_SIZE 1024

int identity_check_file(const char *path, struct diagnostic *why) {
    struct stat status = {0};

    if (stat(path, &status) != 0) {
        diagnostic_set(why, "cannot read the key %s: %s", path, diagnostic_errno(errno));
        return CSC_ERR_SYSTEM;
    }
    if (!S_ISREG(status.st_mode)) {
        diagnostic_set(why, "cannot read the key %s: it is not a file", path);
        return CSC_ERR_SYSTEM;
    }
    /* Of another user's file, say root's for a group, that user decides. */
    if (status.st_uid == geteuid() && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        diagnostic_set(why, "others may use the key %s (mode %03o), so it is not used: chmod 600 %s", path,
                       (unsigned)status.st_mode & 0777, path);
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

/* Loads the key with PASSPHRASE, or NULL if there is none (yet). */
static int load(struct identity *identity, const char *path, const char *passphrase, struct diagnostic *why) {
    struct identity found = {0};
    int error = csc_private_key_load(&found.key, path, passphrase);

    if (error == 0)
        error = derive(&found);
    if (error != 0) {
        diagnostic_set(why, "cannot use the key %s: %s", path,
                       error == CSC_ERR_SYSTEM ? diagnostic_errno(errno) : csc_strerror(error));
        identity_free(&found);
        return error;
    }
    *identity = found;
    return 0;
}

/* Loads the encrypted key with what SOURCE has. */
static int load_with_source(struct identity *identity, const char *path, const struct passphrase_source *source,
                            struct diagnostic *why) {
    char passphrase[PASSPHRASE_SIZE] = "";
    int error = CSC_ERR_PASSWORD_NEEDED;

    if (passphrase_read(passphrase, source, why) == 0)
        error = load(identity, path, passphrase, why);
    csc_wipe(passphrase, sizeof(passphrase));
    if (error == CSC_ERR_PASSWORD_WRONG)
        diagnostic_set(why, "the passphrase in %s does not open the key %s",
                       source->file != NULL ? source->file : "the descriptor", path);
    return error;
}

/* Loads the encrypted key with what a person types. */
static int load_with_answer(struct identity *identity, const char *path, struct diagnostic *why) {
    char passphrase[PASSPHRASE_SIZE] = "";
    struct diagnostic prompt = {""};
    int error = CSC_ERR_PASSWORD_WRONG;
    int asked = 0;

    diagnostic_set(&prompt, "Passphrase for %s: ", path);
    for (int i = 0; i < PASSPHRASE_TRIES && asked == 0 && error == CSC_ERR_PASSWORD_WRONG; i++) {
        if (i > 0)
            passphrase_say("That does not open it.");
        asked = passphrase_ask(passphrase, prompt.text, why);
        if (asked == 0)
            error = load(identity, path, passphrase, why);
        csc_wipe(passphrase, sizeof(passphrase));
    }
    if (asked == -ENXIO || asked == -ENOTTY || asked == -ENOENT)
        diagnostic_set(why,
                       "the key %s is encrypted and there is no terminal to ask at: give --passphrase-file FILE "
                       "or --passphrase-fd N",
                       path);
    else if (asked == 0 && error == CSC_ERR_PASSWORD_WRONG)
        diagnostic_set(why, "that passphrase does not open the key %s", path);
    return asked == 0 ? error : CSC_ERR_PASSWORD_NEEDED;
}

int identity_load(struct identity *identity, const char *path, const struct passphrase_source *source,
                  struct diagnostic *why) {
    int error = identity_check_file(path, why);

    if (error == 0)
        error = load(identity, path, NULL, why);
    if (error != CSC_ERR_PASSWORD_NEEDED)
        return error;
    return passphrase_is_given(source) ? load_with_source(identity, path, source, why)
                                       : load_with_answer(identity, path, why);
}

int identity_make(struct identity *identity, const char *path, unsigned bits, const char *passphrase,
                  struct diagnostic *why) {
    struct identity made = {.made = true};
    int error = csc_private_key_generate(&made.key, bits);
    int saved = 0;

    if (error == 0)
        error = derive(&made);
    if (error == 0 && (error = csc_private_key_save(made.key, path, passphrase, false)) == CSC_ERR_SYSTEM)
        saved = errno;
    if (error == 0) {
        *identity = made;
        return 0;
    }
    diagnostic_set(why, "cannot make the key %s: %s", path, saved != 0 ? diagnostic_errno(saved) : csc_strerror(error));
    identity_free(&made);
    errno = saved;
    return error;
}

int identity_choose_passphrase(char passphrase[static PASSPHRASE_SIZE], const struct passphrase_source *source,
                               bool ask, struct diagnostic *why) {
    int error = 0;

    passphrase[0] = '\0';
    if (passphrase_is_given(source))
        error = passphrase_read(passphrase, source, why);
    else if (ask)
        error = passphrase_ask_new(passphrase, why);
    return error == 0 ? 0 : CSC_ERR_PASSWORD_NEEDED;
}

/* Makes the key that is missing; or loads one that appeared meanwhile, with the same passphrase, which SOURCE may give
 * only once. */
static int make(struct identity *identity, const char *path, const struct passphrase_source *source,
                struct diagnostic *why) {
    char passphrase[PASSPHRASE_SIZE] = "";
    int error = identity_choose_passphrase(passphrase, source, false, why);
    const char *given = passphrase[0] != '\0' ? passphrase : NULL;

    if (error == 0)
        error = identity_make(identity, path, IDENTITY_BITS, given, why);
    if (error == CSC_ERR_SYSTEM && errno == EEXIST)
        error = load(identity, path, given, why);
    csc_wipe(passphrase, sizeof(passphrase));
    return error;
}

int identity_load_or_make(struct identity *identity, const char *path, const struct passphrase_source *source,
                          struct diagnostic *why) {
    struct stat status = {0};

    if (stat(path, &status) != 0 && errno == ENOENT)
        return make(identity, path, source, why);
    return identity_load(identity, path, source, why);
}

void identity_free(struct identity *identity) {
    csc_private_key_free(identity->key);
    free(identity->pem);
    *identity = (struct identity){0};
}
