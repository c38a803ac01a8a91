/*
 * handing: a write-ahead journal for standard output, so that a kill neither loses nor doubles a message.
 *
 * A program that is killed while it writes leaves a message half written, or does not know whether it was.  So text is
 * laid down in the file `handing` of the state directory, which is mapped (mapped_file.h), before any of it is written,
 * together with how much has been written.  What a killed program has left there, the next one on the state directory
 * writes first.  How much was written is known even after a kill:
 *   to a pipe   splice(2) counts in the same system call that writes: its offset in the source is in the mapping
 *   to a file   the journal is compared with what the file has
 *   elsewhere   it is counted after the system call: a kill between the two doubles the last piece, 4 KiB at most
 * A message is noted as received (received.h) when its last byte is written.  Single owner.
 */
#ifndef CLIENT_HANDING_H
#define CLIENT_HANDING_H

#include "proto/span.h"
#include "src/client/received.h"

#include <sys/types.h>

/* Bytes laid down at once: enough for the longest event (json_events.h) and many shorter ones. */
#define HANDING_MAX (256 * 1024)

/* Messages laid down at once. */
#define HANDING_MESSAGES_MAX 256

struct handing;

/* A message in the text. */
struct handing_message {
    uint32_t end; /* its last byte is the one in front of this offset in the text */
    uint8_t digest[RECEIVED_DIGEST_SIZE];
};

/* Opens the journal in the state directory DIR for output to the descriptor FD, and makes it if it is missing and MAKE.
 * RECEIVED, borrowed, is where messages are noted.  A text that was only half laid down is dropped: none of it was
 * written.  0 or -errno with WHY; -ENOENT: there is none. */
int handing_open(struct handing **handing, const char *dir, int fd, struct received *received, bool make,
                 struct diagnostic *why) __attribute__((warn_unused_result));

/* From now on text is of FORM, a number of the caller's, for instance whether it is JSON.  What a killed program has
 * left in another form is dropped; its messages count as not received, and are sent again. */
void handing_set_form(struct handing *handing, uint64_t form);

/* The program ends by itself: what is not written is forgotten, since its senders get no receipt and know it.  NULL is
 * legal. */
void handing_close(struct handing *handing);

/* The text that is laid down and not written yet; after handing_open(), what a killed program has left. */
struct span handing_rest(const struct handing *handing);

/* True if the message of DIGEST is in that text. */
bool handing_has(const struct handing *handing, const uint8_t digest[static RECEIVED_DIGEST_SIZE]);

/* Lays down TEXT, of at most HANDING_MAX bytes, in which the COUNT MESSAGES end, in this order.  handing_rest() must be
 * empty. */
void handing_lay(struct handing *handing, struct span text, const struct handing_message *messages, size_t count);

/* Writes the first SIZE bytes of handing_rest(), which has as many, with the result of write(2). */
ssize_t handing_write(struct handing *handing, size_t size);

#endif
