/*
 * buffer: bytes in a row with a hard upper bound, wiped when they go.
 *
 * Used for everything that is received, built or queued.  Bytes are appended at the end and consumed
 * from the front; memory grows on demand up to `limit` and is wiped before it is given back.
 * What was never filled is not wiped, which matters to a buffer that offers 64 KiB and gets a line:
 * whoever writes a secret into reserved room and does not commit it wipes it.
 * The fields may be read; only the functions here change them.
 * Invariant: start + size <= touched <= capacity <= limit (capacity 0: no memory yet).
 * Single owner.  Errors: PROTO_E_MEMORY, PROTO_E_FULL; a failed call changes nothing.
 */
#ifndef PROTO_BUFFER_H
#define PROTO_BUFFER_H

#include "proto/span.h"
#include <stdint.h>

struct buffer {
    uint8_t *memory;
    size_t start;   /* offset of the first byte not yet consumed */
    size_t size;    /* bytes from there */
    size_t touched; /* bytes of `memory` that ever held something */
    size_t capacity;
    size_t limit;
};

/* An empty buffer that will never hold more than LIMIT bytes.  Takes no memory yet. */
#define BUFFER_INIT(bytes) ((struct buffer){.limit = (bytes)})

/* The bytes held, valid until the next call that changes BUFFER. */
static inline uint8_t *buffer_data(const struct buffer *buffer) {
    return buffer->memory ? buffer->memory + buffer->start : NULL;
}

static inline struct span buffer_span(const struct buffer *buffer) {
    return (struct span){(const char *)buffer_data(buffer), buffer->memory ? buffer->size : 0};
}

/* Makes room for SIZE more bytes behind what is held and points *ROOM at it; buffer_commit() then
 * says how many of them were filled. */
int buffer_reserve(struct buffer *buffer, size_t size, uint8_t **room) __attribute__((warn_unused_result));
void buffer_commit(struct buffer *buffer, size_t size);

/* Appends SIZE bytes. */
int buffer_append(struct buffer *buffer, const void *data, size_t size) __attribute__((warn_unused_result));

/* Drops the first SIZE bytes, or all behind the first SIZE.  SIZE may not exceed what is held. */
void buffer_consume(struct buffer *buffer, size_t size);
void buffer_truncate(struct buffer *buffer, size_t size);

/* Gives memory back when the buffer has more than KEEP bytes of it: all when it is empty, and all but KEEP, or twice
 * what it holds, when that is less than a quarter. */
void buffer_shrink(struct buffer *buffer, size_t keep);

/* Wipes and frees the memory; the buffer is empty then and may be used again.  NULL is legal. */
void buffer_free(struct buffer *buffer);

#endif
