/*
 * received: which messages were handed on, for the runs to come.
 *
 * A message whose receipt was lost is sent again, maybe to a program that was started in between; it must know.  The
 * file `received` of the state directory has the last RECEIVED_MAX of them, as the beginning of a hash over the
 * sender's key and the id, in a ring.  It is a mapping: what is noted outlives a kill at once.  Single owner.
 *
 * chatsecure(1), "FILES".
 */
#ifndef CLIENT_RECEIVED_H
#define CLIENT_RECEIVED_H

#include "src/client/mapped_file.h"

#include <stdbool.h>
#include <stdint.h>

/* Many windows of many senders: what is sent again is never older. */
#define RECEIVED_MAX         65536
#define RECEIVED_DIGEST_SIZE 16

struct received;

/* Opens the file of the state directory DIR; -ENOENT without MAKE if there is none.  0 or -errno with WHY. */
int received_open(struct received **received, const char *dir, bool make, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* NULL is legal. */
void received_close(struct received *received);

/* What the message ID of the key FINGERPRINT is known by. */
void received_digest(uint8_t digest[static RECEIVED_DIGEST_SIZE], const char *fingerprint, const char *id);

bool received_has(const struct received *received, const uint8_t digest[static RECEIVED_DIGEST_SIZE]);

/* Notes it, in place of the oldest; once is enough. */
void received_note(struct received *received, const uint8_t digest[static RECEIVED_DIGEST_SIZE]);

#endif
