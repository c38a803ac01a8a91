/*
 * output: what waits to be written to one descriptor, and what depends on its being written.
 *
 * Used for standard output and for the screen.  The descriptor stays as it was inherited, others may share it: it is
 * asked before each write whether it takes one, and gets no more than it promised to take, so that a reader who has
 * stopped never stops the program.
 * A mark belongs to the bytes before it and comes out of output_next_mark() when write(2) has taken them all, not
 * earlier: receipts go by it.  After an error nothing is written any more and no mark comes.
 * What is to be handed on once, whenever the program is killed, goes through a `handing`.
 * Single owner.
 */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include "proto/buffer.h"
#include "proto/message.h"
#include "proto/name.h"
#include "src/client/handing.h"

/* Bytes that may wait before the program stops listening to the server: what eight peers may have on their way without
 * a receipt, so that a reader who is slow for a while costs nobody the connection. */
#define OUTPUT_HIGH (8 * 512 * 1024)

/* And the most there is ever room for: the longest body in escapes, several times. */
#define OUTPUT_LIMIT (OUTPUT_HIGH + 1024 * 1024)

/* The message that was handed on when the bytes before it are written. */
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

/* From now on all is laid down in HANDING, borrowed, and what that has is written first; no mark comes before it is. */
void output_hand_through(struct output *output, struct handing *handing);

/* Appends TEXT.  PROTO_E_MEMORY, PROTO_E_FULL. */
int output_append(struct output *output, struct span text) __attribute__((warn_unused_result));

/* Puts a copy of MARK at the end of what was appended so far.  PROTO_E_MEMORY. */
int output_add_mark(struct output *output, const struct output_mark *mark) __attribute__((warn_unused_result));

/* Takes the oldest mark whose bytes are written.  False if there is none. */
bool output_next_mark(struct output *output, struct output_mark *mark);

/* Writes what the descriptor takes without waiting.  0, or the errno of the write that failed, then and ever after. */
int output_write(struct output *output);

/* Writes what the descriptor takes within LINGER milliseconds. */
void output_drain(struct output *output, int linger);

/* Bytes that wait. */
size_t output_waiting(const struct output *output);

#endif
