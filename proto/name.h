/*
 * name: names of users, [A-Za-z][A-Za-z0-9._-]{0,31}, compared without case.  Pure.
 *
 * chatsecure-protocol(7), "Names".
 */
#ifndef PROTO_NAME_H
#define PROTO_NAME_H

#include "proto/span.h"

#define NAME_LENGTH_MAX 32
#define NAME_SIZE       (NAME_LENGTH_MAX + 1)

bool name_is_valid(struct span name);

/* Compare as the protocol does: bytes in ASCII order after folding to lower case. */
int name_compare(struct span a, struct span b);
bool name_equal(struct span a, struct span b);

/* Copies a valid NAME with a NUL, as it is or in lower case (the form to hash and to look up by). */
void name_copy(char out[static NAME_SIZE], struct span name);
void name_fold(char out[static NAME_SIZE], struct span name);

#endif
