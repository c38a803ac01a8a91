#include <config.h>

#include "crypto/cscrypto.h"
#include "proto/buffer.h"
#include "proto/error.h"

#include <assert.h>
#include <stdlib.h>

/* The first piece of memory: a short message fits without growing. */
#define BUFFER_FIRST 1024

/* Wipes and frees the memory. */
static void release(struct buffer *buffer) {
    csc_wipe(buffer->memory, buffer->touched);
    free(buffer->memory);
}

/* SIZE more bytes are held. */
static void grow(struct buffer *buffer, size_t size) {
    buffer->size += size;
    if (buffer->start + buffer->size > buffer->touched)
        buffer->touched = buffer->start + buffer->size;
}

/* Moves what is held to the front, into memory of CAPACITY bytes: the same memory or larger. */
static int buffer_resize(struct buffer *buffer, size_t capacity) {
    uint8_t *memory = malloc(capacity);

    if (memory == NULL)
        return PROTO_E_MEMORY;
    if (buffer->memory != NULL) {
        memcpy(memory, buffer->memory + buffer->start, buffer->size);
        release(buffer);
    }
    buffer->memory = memory;
    buffer->touched = buffer->size;
    buffer->capacity = capacity;
    buffer->start = 0;
    return PROTO_OK;
}

int buffer_reserve(struct buffer *buffer, size_t size, uint8_t **room) {
    size_t needed, capacity;
    int error;

    if (size > buffer->limit || buffer->size > buffer->limit - size)
        return PROTO_E_FULL;
    needed = buffer->size + size;
    if (needed > buffer->capacity) {
        capacity = buffer->capacity ? buffer->capacity : BUFFER_FIRST;
        while (capacity < needed)
            capacity *= 2;
        if (capacity > buffer->limit)
            capacity = buffer->limit;
        if ((error = buffer_resize(buffer, capacity)) != PROTO_OK)
            return error;
    } else if (buffer->memory != NULL && buffer->start > buffer->capacity - needed) {
        memmove(buffer->memory, buffer->memory + buffer->start, buffer->size);
        buffer->start = 0;
    }
    assert(size == 0 || buffer->memory != NULL);
    *room = buffer->memory ? buffer->memory + buffer->start + buffer->size : NULL;
    return PROTO_OK;
}

void buffer_commit(struct buffer *buffer, size_t size) {
    assert(size <= buffer->capacity - buffer->start - buffer->size);
    grow(buffer, size);
}

int buffer_append(struct buffer *buffer, const void *data, size_t size) {
    uint8_t *room;
    int error;

    if (size == 0)
        return PROTO_OK;
    if ((error = buffer_reserve(buffer, size, &room)) != PROTO_OK)
        return error;
    memcpy(room, data, size);
    grow(buffer, size);
    return PROTO_OK;
}

void buffer_consume(struct buffer *buffer, size_t size) {
    assert(size <= buffer->size);
    buffer->size -= size;
    buffer->start = buffer->size > 0 ? buffer->start + size : 0;
}

void buffer_truncate(struct buffer *buffer, size_t size) {
    assert(size <= buffer->size);
    buffer->size = size;
}

void buffer_shrink(struct buffer *buffer, size_t keep) {
    if (buffer->capacity <= keep)
        return;
    if (buffer->size == 0)
        buffer_free(buffer);
    else if (buffer->size < buffer->capacity / 4 &&
             buffer_resize(buffer, 2 * buffer->size > keep ? 2 * buffer->size : keep) != PROTO_OK)
        return; /* what there is will do */
}

void buffer_free(struct buffer *buffer) {
    if (buffer == NULL)
        return;
    release(buffer);
    *buffer = BUFFER_INIT(buffer->limit);
}
