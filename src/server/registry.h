/*
 * registry: which key a name belongs to.
 *
 * The first key that proves itself under a name owns it for as long as the registry remembers, and that
 * is until the server ends.  At most REGISTRY_NAMES_MAX names; what comes after them is refused.
 * Locked: rank registry.
 */
#ifndef SERVER_REGISTRY_H
#define SERVER_REGISTRY_H

#include "crypto/cscrypto.h"
#include "proto/name.h"

/* Any key may claim any number of names, so there is a bound: 8 MB of memory at most. */
#define REGISTRY_NAMES_MAX 65536

enum registry_answer {
    REGISTRY_FREE,  /* nobody's */
    REGISTRY_OWN,   /* this key's */
    REGISTRY_OTHER, /* another key's */
    REGISTRY_FULL   /* nobody's, but there is no room to remember it (or no memory) */
};

struct registry;

/* PROTO_E_MEMORY, PROTO_E_CRYPTO. */
int registry_new(struct registry **registry) __attribute__((warn_unused_result));

/* NULL is legal. */
void registry_free(struct registry *registry);

/* Whose NAME is, from the point of view of the key with FINGERPRINT.  Never REGISTRY_FULL. */
enum registry_answer registry_look(struct registry *registry, struct span name, const char *fingerprint);

/* Takes NAME for the key with FINGERPRINT, which has proven itself.  REGISTRY_OWN: it is that key's now or was
 * before.  REGISTRY_OTHER, REGISTRY_FULL: refused.  Never REGISTRY_FREE. */
enum registry_answer registry_claim(struct registry *registry, struct span name, const char *fingerprint)
    __attribute__((warn_unused_result));

#endif
