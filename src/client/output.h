/*
 * output: a queue of bytes to be written to a descriptor, with marks that come out when the bytes are written.
 *
 * Used for standard output, the screen, and pipes to programs.  The descriptor stays blocking, as it was inherited,
 * since other processes may share it: before each write poll() is asked, and no more is written than is certain not to
 * block, so that a reader who has stopped does not stop this program.  A mark stands behind the bytes of a message, and
 * comes out of output_next_mark() when write(2) has taken all of them and not earlier: receipts go by it.  After an
 * error nothing more is written, and no mark comes.  With a journal (handing.h), bytes are written once even if the
 * program is killed.  Single owner.
 */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include "proto/buffer.h"
#include "proto/message.h"
#include "proto/name.h"
#include "src/client/handing.h"

/* The high-water mark of bytes that wait, above which the client stops reading from the server: what eight peers may
 * have on their way without a receipt, so that a reader who is slow for a while costs nobody the connection. */
#define OUTPUT_HIGH (8 * 512 * 1024)

/* The limit of the queue: room for several more of the longest body, all of it escaped. */
#define OUTPUT_LIMIT (OUTPUT_HIGH + 1024 * 1024)

/* Names the message that has been handed on when the bytes in front of the mark are written. */
struct output_mark {
    char peer[NAME_SIZE];
    char fingerprint[CSC_FINGERPRINT_SIZE]; /* of the key that sent it */
    char id[MESSAGE_ID_MAX + 1];
};

/* Sets MARK to that of the message ID of PEER, sent with the key FINGERPRINT. */
void output_mark_set(struct output_mark *mark, const char *peer, const char *fingerprint, const char *id);

struct output;

/* FD is borrowed.  NULL: out of memory. */
struct output *output_new(int fd);

/* Drops what waits, and wipes it.  NULL is legal. */
void output_free(struct output *output);

int output_fd(const struct output *output);

/* Writes through the journal HANDING, borrowed, from now on.  What a killed program has left there is written first,
 * and no mark comes out before that. */
void output_hand_through(struct output *output, struct handing *handing);

/* Appends TEXT.  PROTO_E_MEMORY, PROTO_E_FULL. */
int output_append(struct output *output, struct span text) __attribute__((warn_unused_result));

/* Puts a copy of MARK behind what was appended so far.  PROTO_E_MEMORY. */
int output_add_mark(struct output *output, const struct output_mark *mark) __attribute__((warn_unused_result));

/* Takes the oldest mark whose bytes are written.  False: there is none. */
bool output_next_mark(struct output *output, struct output_mark *mark);

/* Writes as much as the descriptor takes without blocking.  0, or the errno of a write that failed, now or before. */
int output_write(struct output *output);

/* Writes as much as the descriptor takes within LINGER milliseconds. */
void output_drain(struct output *output, int linger);

/* Bytes that wait to be written. */
size_t output_waiting(const struct output *output);

#endif
