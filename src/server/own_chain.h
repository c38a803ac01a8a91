/*
 * own_chain: the server's own certificates, which may be read anew while it runs.
 *
 * Whoever shows them holds those that were in force when it began, and gives them back.
 * Locked: rank own_chain, held for a moment.
 *
 * chatsecure-server(8), "CERTIFICATES".
 */
#ifndef SERVER_OWN_CHAIN_H
#define SERVER_OWN_CHAIN_H

#include "proto/attest.h"
#include "src/common/diagnostic.h"
#include "src/common/identity.h"
#include "src/common/lock.h"

/* Constant, but for the number of those who hold it. */
struct shown_chain;

struct own_chain {
    struct lock lock;
    struct shown_chain *current GUARDED_BY(lock); /* NULL: there are none */
};

void own_chain_init(struct own_chain *own);

/* Nobody else uses OWN, but what was taken from it may still be held. */
void own_chain_destroy(struct own_chain *own);

/* Has what is in the file at PATH in force, whose first certificate must be for the key of IDENTITY; "" is none.  -1
 * with WHY: nothing has changed. */
int own_chain_load(struct own_chain *own, const struct identity *identity, const char *path, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* What is in force, or NULL; to be given to own_chain_release(), for which NULL is legal. */
struct shown_chain *own_chain_hold(struct own_chain *own);
void own_chain_release(struct shown_chain *shown);

/* NULL for NULL. */
const struct certificates *own_chain_certificates(const struct shown_chain *shown);

#endif
