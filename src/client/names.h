/*
 * names: the users that the client has seen, to complete their names when a person types.
 *
 * The last NAMES_MAX are kept, each once.  Pure.  Single owner.
 */
#ifndef CLIENT_NAMES_H
#define CLIENT_NAMES_H

#include "proto/name.h"

/* Users that are kept. */
#define NAMES_MAX 256

struct names {
    char list[NAMES_MAX][NAME_SIZE];
    size_t count;
    size_t next; /* where the next one goes */
};

/* Adds NAME, unless it is there or not valid. */
void names_note(struct names *names, struct span name);

#endif
