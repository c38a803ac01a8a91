/*
 * keeping: the history of a client that talks with a person, and its answers.
 *
 * What goes wrong is told once, and from then on nothing is kept: nobody's messages stop for it.  Single owner.
 */
#ifndef CLIENT_KEEPING_H
#define CLIENT_KEEPING_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* Opens the history, if one is wanted. */
void keeping_open(struct client *client);

/* Keeps a message that was SENT to, or else came from, PEER. */
void keeping_note(struct client *client, bool sent, const char *peer, uint64_t time, struct span text);

/* Answers `history` and `search`. */
int keeping_answer(struct client *client, const struct request *request, unsigned long number)
    __attribute__((warn_unused_result));

#endif
