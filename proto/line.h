/*
 * line: cuts a stream of bytes into lines.
 *
 * A line ends with "\n"; a "\r" before it is dropped, empty lines are skipped.  Bytes are looked at
 * once however they are cut up on the way.  Too long a line is an error as soon as it is known to be
 * too long.  Single owner.
 *
 * chatsecure-protocol(7), "Lines".
 */
#ifndef PROTO_LINE_H
#define PROTO_LINE_H

#include "proto/buffer.h"

/* Bytes of a line with its "\n", in a session and before there is one. */
#define LINE_MAX_SESSION   65536
#define LINE_MAX_HANDSHAKE 32768

struct line_reader {
    struct buffer input; /* append received bytes here, with buffer_reserve() and buffer_commit() */
    size_t scanned;      /* bytes of `input` known to hold no "\n" */
    size_t taken;        /* bytes of `input` that the last line took, dropped at the next call */
};

/* Bytes that may wait in a reader: the longest line and what one receive call may add to it. */
#define LINE_INPUT_LIMIT (2 * LINE_MAX_SESSION)

#define LINE_READER_INIT ((struct line_reader){.input = BUFFER_INIT(LINE_INPUT_LIMIT)})

/* Takes the next line, without its end, of at most LIMIT bytes with it.  1: *LINE and *SIZE are the
 * line, which may be written to and is valid until the next call.  0: there is no complete line.
 * PROTO_E_LINE: the line is too long. */
int line_next(struct line_reader *reader, size_t limit, char **line, size_t *size);

/* True if bytes of an unfinished line are waiting. */
bool line_partial(const struct line_reader *reader);

void line_reader_free(struct line_reader *reader);

#endif
