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

/* Keeps a message of PEER, a TEXT event; and one that LINE is of, which was sent at TIME, Unix milliseconds. */
void keeping_note_received(struct client *client, const char *peer, const struct conversation_event *event);
void keeping_note_sent(struct client *client, const struct ledger_line *line, uint64_t time, struct span text);

/* Answers `history` and `search`. */
int keeping_answer(struct client *client, const struct request *request, unsigned long number)
    __attribute__((warn_unused_result));

#endif
