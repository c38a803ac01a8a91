#include <config.h>

#include "src/client/credentials.h"

#include "proto/line.h"
#include "proto/message_attest.h"
#include "src/common/clock.h"
#include "src/common/locked_file.h"
#include "src/common/passphrase.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SUFFIX ".attest"

/* How often a person may type a PIN; most cards lock at the third wrong one. */
#define PIN_TRIES 2

/* What is needed to make an attest. */
struct making {
    const struct credentials_config *config;
    csc_signer *signer;
    csc_chain *chain;
};

static enum exit_status fail(enum exit_status status, const struct diagnostic *why) {
    fprintf(stderr, "chatsecure: %s\n", why->text);
    return status;
}

static void error_text(struct diagnostic *why, const char *what, const char *path, int error) {
    diagnostic_set(why, "cannot use the %s %s: %s", what, path,
                   error == CSC_ERR_SYSTEM ? diagnostic_errno(errno) : csc_strerror(error));
}

/* ---- the one that is kept ------------------------------------------------------------------------ */

/* "identity.pem" has its attest in "identity.attest". */
static int attest_path(char out[static LOCKED_FILE_PATH_SIZE], const char *identity_path, struct diagnostic *why) {
    static const char pem[] = ".pem";
    size_t length = strlen(identity_path);

    if (length > sizeof(pem) - 1 && strcmp(identity_path + length - (sizeof(pem) - 1), pem) == 0)
        length -= sizeof(pem) - 1;
    if (length + sizeof(SUFFIX) > LOCKED_FILE_PATH_SIZE) {
        diagnostic_set(why, "the path of the identity is too long");
        return -ENAMETOOLONG;
    }
    memcpy(out, identity_path, length);
    memcpy(out + length, SUFFIX, sizeof(SUFFIX));
    return 0;
}

/* Reads the file at PATH; *ATTEST stays NULL if there is none.  Negative with WHY. */
static int read_kept(struct attest **attest, const char *path, struct diagnostic *why) {
    struct buffer text = BUFFER_INIT(LINE_MAX_HANDSHAKE);
    int error = locked_file_read(path, &text, why);

    if (error == 0 && text.size > 0 &&
        (error = attest_from_text(attest, (const char *)buffer_data(&text), text.size)) != PROTO_OK)
        diagnostic_set(why, "%s is damaged: delete it, and give --certificate or --token to make it anew", path);
    buffer_free(&text);
    return error;
}

static bool same_certificate(const csc_chain *a, const csc_chain *b) {
    const struct csc_part x = csc_chain_der(a, 0), y = csc_chain_der(b, 0);

    return x.size == y.size && memcmp(x.data, y.data, x.size) == 0;
}

/* Why KEPT cannot be shown, or NULL.  GIVEN is the user's certificate if it is known, NAME may be NULL. */
static const char *defect_of(const struct attest *kept, const char *name, const csc_public_key *key,
                             const csc_chain *given) {
    const char *defect = NULL;
    csc_chain *chain = NULL;

    if (certificates_chain(&kept->chain, &chain) != CSC_OK)
        return "its certificates are damaged";
    if (name != NULL && !attest_is_for(kept, span_of(name), key))
        defect = "it is for another name or key";
    else if (csc_chain_expires(chain) < (int64_t)(clock_wall_ms() / 1000))
        defect = "its certificate has expired";
    else if (given != NULL && !same_certificate(chain, given))
        defect = "it is of another certificate";
    csc_chain_free(chain);
    return defect;
}

/* ---- PIN and passphrase --------------------------------------------------------------------------- */

/* csc_pin_function.  A PIN from a file is tried only once: it would be wrong again, and more tries lock the card. */
static bool give_pin(void *user, const char *label, unsigned attempt, bool last, char *pin, size_t size) {
    const struct credentials_config *config = user;
    const struct passphrase_source source = {config->pin_file, -1};
    char line[PASSPHRASE_SIZE] = "";
    char prompt[256];
    struct diagnostic why, shown;
    bool given = false;

    if (attempt >= (config->pin_file != NULL ? 1 : PIN_TRIES))
        return false;
    diagnostic_set(&shown, "%.64s", label);
    snprintf(prompt, sizeof(prompt), "%sPIN of %.160s%s: ", attempt > 0 ? "Wrong. " : "", shown.text,
             last ? " (the last try before it is locked)" : "");
    if ((config->pin_file != NULL ? passphrase_read(line, &source, &why) : passphrase_ask(line, prompt, &why)) != 0)
        fail(STATUS_USAGE, &why);
    else
        given = line[0] != '\0' && strlen(line) < size;
    if (given)
        memcpy(pin, line, strlen(line) + 1);
    csc_wipe(line, sizeof(line));
    return given;
}

static int load_signer_file(struct making *making, struct diagnostic *why) {
    const struct passphrase_source *source = &making->config->passphrase;
    const char *path = making->config->key;
    char passphrase[PASSPHRASE_SIZE] = "", prompt[256];
    int error = identity_check_file(path, why);

    if (error != 0)
        return error;
    error = csc_signer_load(&making->signer, path, NULL);
    if (error == CSC_ERR_PASSWORD_NEEDED) {
        snprintf(prompt, sizeof(prompt), "Passphrase of %.200s: ", path);
        if ((passphrase_is_given(source) ? passphrase_read(passphrase, source, why)
                                         : passphrase_ask(passphrase, prompt, why)) != 0)
            return error;
        error = csc_signer_load(&making->signer, path, passphrase);
        csc_wipe(passphrase, sizeof(passphrase));
    }
    if (error != CSC_OK)
        error_text(why, "key", path, error);
    return error;
}

/* ---- making one ---------------------------------------------------------------------------------- */

static int load_chain(struct making *making, struct diagnostic *why) {
    int error = csc_chain_load(&making->chain, making->config->certificate);

    if (error != CSC_OK)
        error_text(why, "certificates", making->config->certificate, error);
    return error;
}

static int open_token(struct making *making, struct diagnostic *why) {
    const char *url = making->config->token;
    int error = csc_signer_open(&making->signer, url, give_pin, (void *)making->config);

    if (error == CSC_OK && making->chain == NULL)
        error = csc_signer_chain(making->signer, &making->chain);
    if (error != CSC_OK)
        error_text(why, "token", url, error);
    return error;
}

/* Signs with what MAKING has, into *ATTEST. */
static int sign(struct attest **attest, const struct making *making, const csc_public_key *key,
                struct diagnostic *why) {
    struct attest *made = calloc(1, sizeof(*made));
    int error = CSC_ERR_MEMORY;

    if (made != NULL) {
        made->statement_size = attest_statement(made->statement, span_of(making->config->name), key);
        certificates_set(&made->chain, making->chain);
        error = csc_signer_sign(making->signer, making->chain, made->statement, made->statement_size, &made->algorithm,
                                made->signature, &made->signature_size);
    }
    if (error == CSC_ERR_SIGNATURE)
        diagnostic_set(why, "the private key is not that of the certificate");
    else if (error != CSC_OK)
        diagnostic_set(why, "cannot sign with the certificate's key: %s", csc_strerror(error));
    if (error == CSC_OK)
        *attest = made;
    else
        free(made);
    return error;
}

static int keep(const struct attest *attest, const char *path, struct diagnostic *why) {
    struct buffer before = BUFFER_INIT(LINE_MAX_HANDSHAKE), text = BUFFER_INIT(LINE_MAX_HANDSHAKE);
    struct locked_file file;
    int error = locked_file_take(&file, path, &before, why);

    if (error == 0 && (attest_to_text(attest, &text) != PROTO_OK || buffer_append(&text, "\n", 1) != PROTO_OK)) {
        diagnostic_set(why, "out of memory");
        error = -ENOMEM;
    }
    if (error == 0)
        error = locked_file_replace(&file, buffer_span(&text), why);
    locked_file_release(&file);
    buffer_free(&before);
    buffer_free(&text);
    return error;
}

static enum exit_status make(struct attest **attest, struct making *making, const csc_public_key *key,
                             const char *path) {
    struct diagnostic why;
    int error = making->config->token != NULL ? open_token(making, &why) : load_signer_file(making, &why);

    if (error == CSC_OK)
        error = sign(attest, making, key, &why);
    if (error != CSC_OK)
        return fail(error == CSC_ERR_MEMORY ? STATUS_INTERNAL : STATUS_USAGE, &why);
    if (keep(*attest, path, &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    fprintf(stderr, "chatsecure: certified as %s; kept in %s\n", making->config->name, path);
    return STATUS_OK;
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static enum exit_status choose(struct attest **attest, struct making *making, const csc_public_key *key,
                               const char *path) {
    const struct credentials_config *config = making->config;
    const bool wanted = config->certificate != NULL || config->token != NULL;
    struct attest *kept = NULL;
    const char *defect = NULL;
    struct diagnostic why;

    if (config->certificate != NULL && load_chain(making, &why) != CSC_OK)
        return fail(STATUS_USAGE, &why);
    if (read_kept(&kept, path, &why) != 0 && !wanted)
        return fail(STATUS_INTERNAL, &why);
    if (kept != NULL && (defect = defect_of(kept, config->name, key, making->chain)) == NULL) {
        *attest = kept;
        return STATUS_OK;
    }
    free(kept);
    if (wanted)
        return make(attest, making, key, path);
    if (defect != NULL)
        fprintf(stderr, "chatsecure: the certificate kept in %s is not shown: %s\n", path, defect);
    return STATUS_OK;
}

enum exit_status credentials_load(struct attest **attest, const struct credentials_config *config,
                                  const struct identity *identity, const char *identity_path) {
    struct making making = {.config = config};
    char path[LOCKED_FILE_PATH_SIZE];
    csc_public_key *key = NULL;
    struct diagnostic why;
    enum exit_status status = STATUS_INTERNAL;

    *attest = NULL;
    if (attest_path(path, identity_path, &why) != 0)
        return fail(STATUS_INTERNAL, &why);
    if (csc_private_key_public(identity->key, &key) == CSC_OK)
        status = choose(attest, &making, key, path);
    csc_signer_free(making.signer);
    csc_chain_free(making.chain);
    csc_public_key_free(key);
    return status;
}
