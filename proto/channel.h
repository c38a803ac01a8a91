/*
 * channel: secure messages between a client and the server, one object a direction.
 *
 * A sender seals payloads into lines, a receiver opens them; each counts its own sequence numbers.
 * The halves are apart because on the server they belong to different owners: the connection's thread
 * receives, whoever holds the outbox's mutex sends.
 * Each half: single owner.  Any error of a receiver is final.
 *
 * chatsecure-protocol(7), "The secure message".
 */
#ifndef PROTO_CHANNEL_H
#define PROTO_CHANNEL_H

#include "crypto/cscrypto.h"
#include "proto/buffer.h"
#include "proto/suite.h"

/* Messages a direction; a session ends before the sequence number could be reused. */
#define CHANNEL_MESSAGES_MAX (UINT64_C(1) << 32)

struct channel_sender;
struct channel_receiver;

/* KEY and MAC_KEY are secret and copied.  PROTO_E_MEMORY. */
int channel_sender_new(struct channel_sender **sender, enum suite suite, const uint8_t key[static CSC_SYMKEY_SIZE],
                       const uint8_t mac_key[static CSC_SYMKEY_SIZE]) __attribute__((warn_unused_result));
int channel_receiver_new(struct channel_receiver **receiver, enum suite suite,
                         const uint8_t key[static CSC_SYMKEY_SIZE], const uint8_t mac_key[static CSC_SYMKEY_SIZE])
    __attribute__((warn_unused_result));

/* Wipe.  NULL is legal. */
void channel_sender_free(struct channel_sender *sender);
void channel_receiver_free(struct channel_receiver *receiver);

/* Bytes of the line, with its "\n", that a payload of SIZE bytes becomes. */
size_t channel_line_size(size_t size);

/* Appends the line of PAYLOAD, with its "\n", to OUT.  Nothing is counted unless it succeeds.
 *   PROTO_E_TOO_LARGE  the payload is over MESSAGE_PAYLOAD_MAX
 *   PROTO_E_FULL       OUT has no room for it
 *   PROTO_E_EXHAUSTED, PROTO_E_CRYPTO (no random bytes), PROTO_E_MEMORY */
int channel_seal(struct channel_sender *sender, struct span payload, struct buffer *out)
    __attribute__((warn_unused_result));

/* The same under a given IV: for known answers.  An IV must never be used twice. */
int channel_seal_iv(struct channel_sender *sender, struct span payload, const uint8_t iv[static CSC_CBC_IV],
                    struct buffer *out) __attribute__((warn_unused_result));

/* Opens the LINE of SIZE bytes (without "\n") in place; *PAYLOAD then lies within it.  PROTO_E_INTEGRITY for every
 * defect of what it carries; PROTO_E_JSON, PROTO_E_MEMBER, PROTO_E_STATE for a line that is no `secure` message. */
int channel_open(struct channel_receiver *receiver, char *line, size_t size, char **payload, size_t *payload_size)
    __attribute__((warn_unused_result));

#endif
