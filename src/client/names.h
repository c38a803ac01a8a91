/*
 * names: the users that were seen, for a person who writes to them.
 *
 * The latest are kept, each once.  Pure.  Single owner.
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

/* Notes NAME; one that is not valid is not. */
void names_note(struct names *names, struct span name);

#endif
