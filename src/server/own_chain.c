#include <config.h>

#include "src/server/own_chain.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct shown_chain {
    atomic_size_t holders; /* own_chain is one while it is in force */
    struct certificates certificates;
};

void own_chain_init(struct own_chain *own) NO_THREAD_ANALYSIS {
    lock_init(&own->lock);
    own->current = NULL;
}

void own_chain_destroy(struct own_chain *own) NO_THREAD_ANALYSIS {
    own_chain_release(own->current);
    lock_destroy(&own->lock);
}

static int read_chain(struct shown_chain **shown, const struct identity *identity, const char *path,
                      struct diagnostic *why) {
    csc_public_key *key = NULL;
    csc_chain *chain = NULL;
    int error = csc_private_key_public(identity->key, &key);

    if (error == CSC_OK)
        error = csc_chain_load(&chain, path);
    if (error != CSC_OK) {
        diagnostic_set(why, "cannot use the certificates %s: %s", path,
                       error == CSC_ERR_SYSTEM ? diagnostic_errno(errno) : csc_strerror(error));
    } else if (!csc_chain_has_key(chain, key)) {
        diagnostic_set(why, "the first certificate in %s is not for the server's key, %s", path, identity->fingerprint);
    } else if ((*shown = malloc(sizeof(**shown))) == NULL) {
        diagnostic_set(why, "out of memory");
    } else {
        atomic_init(&(*shown)->holders, 1);
        certificates_set(&(*shown)->certificates, chain);
    }
    csc_chain_free(chain);
    csc_public_key_free(key);
    return *shown != NULL ? 0 : -1;
}

int own_chain_load(struct own_chain *own, const struct identity *identity, const char *path, struct diagnostic *why) {
    struct shown_chain *fresh = NULL, *stale;

    if (path[0] != '\0' && read_chain(&fresh, identity, path, why) != 0)
        return -1;
    lock_acquire(&own->lock);
    stale = own->current;
    own->current = fresh;
    lock_release(&own->lock);
    own_chain_release(stale);
    return 0;
}

struct shown_chain *own_chain_hold(struct own_chain *own) {
    struct shown_chain *shown;

    lock_acquire(&own->lock);
    shown = own->current;
    if (shown != NULL)
        atomic_fetch_add(&shown->holders, 1);
    lock_release(&own->lock);
    return shown;
}

void own_chain_release(struct shown_chain *shown) {
    if (shown != NULL && atomic_fetch_sub(&shown->holders, 1) == 1)
        free(shown);
}

const struct certificates *own_chain_certificates(const struct shown_chain *shown) {
    return shown != NULL ? &shown->certificates : NULL;
}
