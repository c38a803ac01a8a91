/*
 * handing: the text that is being handed on to standard output, laid down until all of it is written.
 *
 * A program that is killed while it writes leaves a message half written, or does not know whether it was.  So text is
 * laid down in the file `handing` of the state directory, a mapping, before any of it is written, beside how much of
 * it is.  What a killed program has left, the next one on the state directory writes first: nothing twice, nothing
 * half.  How much was written is known after a kill too:
 *   a pipe    the kernel counts in the system call that writes, splice(2), whose place in its source is in the mapping
 *   a file    what is in it is compared
 *   the rest  is counted after the system call: a kill between the two makes the last piece, 4 KiB at most, come twice
 * A message is noted as received when its last byte is written.  Single owner.
 */
#ifndef CLIENT_HANDING_H
#define CLIENT_HANDING_H

#include "proto/span.h"
#include "src/client/received.h"

#include <sys/types.h>

/* Bytes laid down at once: the longest event (json_events.h), and room for more of others. */
#define HANDING_MAX (256 * 1024)
/* Messages in them. */
#define HANDING_MESSAGES_MAX 256

struct handing;

/* A message ends END bytes behind the beginning of the text. */
struct handing_message {
    uint32_t end;
    uint8_t digest[RECEIVED_DIGEST_SIZE];
};

/* Opens the file of the state directory DIR for the descriptor FD; -ENOENT without MAKE if there is none.  RECEIVED is
 * borrowed.  What does not hold is dropped.  0 or -errno with WHY. */
int handing_open(struct handing **handing, const char *dir, int fd, struct received *received, bool make,
                 struct diagnostic *why) __attribute__((warn_unused_result));

/* Text is in FORM from now on, a number of the caller's own; what is left in another one is dropped, and sent again. */
void handing_set_form(struct handing *handing, uint64_t form);

/* What is laid down and not written is forgotten: the program ends by itself, and whoever sent it knows.  NULL is
 * legal. */
void handing_close(struct handing *handing);

/* What is laid down and not written yet; after opening, what another program has left. */
struct span handing_rest(const struct handing *handing);

/* True if the message of DIGEST is among it. */
bool handing_has(const struct handing *handing, const uint8_t digest[static RECEIVED_DIGEST_SIZE]);

/* Lays TEXT of at most HANDING_MAX bytes down, in which COUNT messages end, in this order.  Nothing is laid down. */
void handing_lay(struct handing *handing, struct span text, const struct handing_message *messages, size_t count);

/* Writes SIZE bytes of the rest, not more than there are, as write(2) does. */
ssize_t handing_write(struct handing *handing, size_t size);

#endif
