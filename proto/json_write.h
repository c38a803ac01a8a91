/*
 * json_write: builds JSON text into a buffer, member by member.
 *
 * The writer puts the commas; the caller keeps the brackets in order.  The first error sticks and is
 * what json_end() returns, and the buffer is then cut back to where the writer began, so that
 * callers check once.  Never writes a line break.  Single owner.
 */
#ifndef PROTO_JSON_WRITE_H
#define PROTO_JSON_WRITE_H

#include "proto/buffer.h"

struct json_writer {
    struct buffer *out;
    size_t begin; /* size of `out` when the writer began */
    int error;
    bool comma; /* a value stands before this place */
};

/* Starts writing at the end of OUT, with the object's opening brace. */
void json_begin(struct json_writer *writer, struct buffer *out);

/* Ends with the closing brace.  0, or the first error since json_begin(). */
int json_end(struct json_writer *writer) __attribute__((warn_unused_result));

/* Members of the object that is open.  NAME needs no escaping; a string VALUE is valid UTF-8. */
void json_string(struct json_writer *writer, const char *name, struct span value);
/* The same for text of others that may come to be shown: what text_escape() would escape is written as \uXXXX. */
void json_text(struct json_writer *writer, const char *name, struct span value);
void json_integer(struct json_writer *writer, const char *name, uint64_t value);
void json_boolean(struct json_writer *writer, const char *name, bool value);
void json_base64(struct json_writer *writer, const char *name, const void *data, size_t size);

/* Opens and closes an object or array that is a member (NAME) or an array's element (NAME NULL). */
void json_open(struct json_writer *writer, const char *name, char bracket);
void json_close(struct json_writer *writer, char bracket);

/* An element of the open array; json_base64() with NAME NULL makes one too. */
void json_element(struct json_writer *writer, struct span value);

#endif
