/*
 * received: remembers across runs which messages were handed on, so that none is shown twice.
 *
 * A message whose receipt was lost is sent again, perhaps to a program that was started in between.  So the file
 * `received` of the state directory has a ring of the last RECEIVED_MAX messages, each as the beginning of a hash over
 * the sender's key and the message's id.  It is mapped (mapped_file.h): what is noted survives a kill at once.  Single
 * owner.
 *
 * chatsecure(1), "FILES".
 */
#ifndef CLIENT_RECEIVED_H
#define CLIENT_RECEIVED_H

#include "src/client/mapped_file.h"

#include <stdbool.h>
#include <stdint.h>

/* Messages that are remembered: many windows of many senders, and no message is sent again that is older. */
#define RECEIVED_MAX         65536
#define RECEIVED_DIGEST_SIZE 16

struct received;

/* Opens the file in the state directory DIR, and makes it if it is missing and MAKE.  0 or -errno with WHY; -ENOENT: it
 * is missing. */
int received_open(struct received **received, const char *dir, bool make, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* NULL is legal. */
void received_close(struct received *received);

/* Sets DIGEST to what the message ID from the key FINGERPRINT is known by. */
void received_digest(uint8_t digest[static RECEIVED_DIGEST_SIZE], const char *fingerprint, const char *id);

/* True if the message of DIGEST was noted. */
bool received_has(const struct received *received, const uint8_t digest[static RECEIVED_DIGEST_SIZE]);

/* Notes the message of DIGEST, in place of the oldest, unless it is noted already. */
void received_note(struct received *received, const uint8_t digest[static RECEIVED_DIGEST_SIZE]);

#endif
