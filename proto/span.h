/*
 * span: a piece of text that belongs to somebody else.
 *
 * A span never owns what it points at and is not terminated by a NUL.  Whoever hands one out says
 * how long it stays valid.  Pure.
 */
#ifndef PROTO_SPAN_H
#define PROTO_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *data; /* NULL only if SIZE is 0 */
    size_t size;
};

/* The span of a string literal, and of a NUL-terminated string. */
#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})

static inline struct span span_of(const char *string) {
    return (struct span){string, strlen(string)};
}

static inline bool span_equal(struct span a, struct span b) {
    return a.size == b.size && (a.size == 0 || (a.data && b.data && memcmp(a.data, b.data, a.size) == 0));
}

#endif
