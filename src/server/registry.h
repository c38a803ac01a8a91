/*
 * registry: which key a name belongs to, and who may come.
 *
 * The first key that proves itself under a name owns it.  Names are in memory for whoever asks, and in a database for
 * the next run.  One thread, the writer, works on the database: nobody waits for the disk but a client that claims a
 * new name, which is on the disk before it is told so.  Claims that come while the disk is busy go there together.
 * When a name was last seen is written down from time to time and at the end.
 *
 * When the database cannot be written, new names are refused, those that are known go on, and the log says why.
 * Locked: rank registry.
 */
#ifndef SERVER_REGISTRY_H
#define SERVER_REGISTRY_H

#include "src/common/diagnostic.h"
#include "src/server/name_table.h"

/* How long the last-seen times are gathered before they are written down. */
#define REGISTRY_GATHER_MS 10000

enum registry_answer {
    REGISTRY_FREE,   /* nobody's, and there for the taking */
    REGISTRY_OWN,    /* this key's */
    REGISTRY_OTHER,  /* another key's */
    REGISTRY_DENIED, /* blocked, or the policy does not let it in */
    REGISTRY_FULL    /* nobody's, but it cannot be written down or remembered */
};

/* Who may come: anybody; only names that are there; only those that a list has, and with the key it has for them. */
enum registry_policy { REGISTRY_OPEN, REGISTRY_CLOSED, REGISTRY_ALLOW };

struct registry;

/* Opens the database at PATH, which is made if it is missing, reads it and starts the writer.  -1 with WHY. */
int registry_open(struct registry **registry, const char *path, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Ends the writer, which first writes down what is left.  False if that is not done by DEADLINE on the monotonic clock
 * in milliseconds: then the registry must not be freed. */
bool registry_stop(struct registry *registry, uint64_t deadline) __attribute__((warn_unused_result));

/* After registry_stop() or registry_open().  NULL is legal. */
void registry_free(struct registry *registry);

/* Lets in according to POLICY from now on.  Takes ALLOWED, which is for REGISTRY_ALLOW and else NULL. */
void registry_set_policy(struct registry *registry, enum registry_policy policy, struct name_table *allowed);

/* Whose NAME is, from the point of view of the key with FINGERPRINT.  Never REGISTRY_FULL.  Does not wait. */
enum registry_answer registry_look(struct registry *registry, struct span name, const char *fingerprint);

/* Takes NAME for the key with FINGERPRINT, which has proven itself.  REGISTRY_OWN: it is that key's now or was
 * before.  Never REGISTRY_FREE.  Waits for the disk if the name is new. */
enum registry_answer registry_claim(struct registry *registry, struct span name, const char *fingerprint)
    __attribute__((warn_unused_result));

/* The key with FINGERPRINT is here under NAME at this moment. */
void registry_seen(struct registry *registry, struct span name, const char *fingerprint);

/* These have the writer do something and wait until it is done.  -1 with WHY, which the log does not have. */

/* Reads NAME from the database again, where another process has changed it. */
int registry_refresh(struct registry *registry, struct span name, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Reads all of it again. */
int registry_reload(struct registry *registry, struct diagnostic *why) __attribute__((warn_unused_result));

/* Writes down what has been gathered. */
int registry_flush(struct registry *registry, struct diagnostic *why) __attribute__((warn_unused_result));

#endif
