/*
 * message_attest: the members `chain` and `attest`, and an attest as a text of its own.
 *
 * The part of message that reads and writes them; with message.c the only user of json-c.  Pure.
 *
 * chatsecure-protocol(7), "Certificates".
 */
#ifndef PROTO_MESSAGE_ATTEST_H
#define PROTO_MESSAGE_ATTEST_H

#include "proto/attest.h"
#include "proto/json_write.h"

struct json_object;

/* Reads ARRAY into *CHAIN, which the caller frees.  PROTO_E_MEMBER if it is not 1 to CSC_CHAIN_MAX strings of base64
 * that are CSC_CHAIN_BYTES at most, PROTO_E_MEMORY. */
int message_read_chain(struct certificates **chain, struct json_object *array) __attribute__((warn_unused_result));

/* Reads OBJECT into *ATTEST likewise; NULL if it is signed by an algorithm that is not known. */
int message_read_attest(struct attest **attest, struct json_object *object) __attribute__((warn_unused_result));

/* Write the member that is called NAME. */
void message_put_chain(struct json_writer *writer, const char *name, const struct certificates *chain);
void message_put_attest(struct json_writer *writer, const char *name, const struct attest *attest);

/* The value of `attest` as a text: what is kept of an attest in a file.  A text of SIZE bytes that is none is
 * PROTO_E_JSON or PROTO_E_MEMBER; the writer's errors are those of json_end(). */
int attest_from_text(struct attest **attest, const char *text, size_t size) __attribute__((warn_unused_result));
int attest_to_text(const struct attest *attest, struct buffer *out) __attribute__((warn_unused_result));

#endif
