/*
 * keeping: keeps the history (history.h) while the client runs, and answers the commands `history` and `search`.
 *
 * If the history fails, that is told once, and nothing is kept from then on: messages do not stop for it.  Single
 * owner.
 */
#ifndef CLIENT_KEEPING_H
#define CLIENT_KEEPING_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* Opens the history, if client->config names one. */
void keeping_open(struct client *client);

/* Keeps a message from PEER, a TEXT event. */
void keeping_note_received(struct client *client, const char *peer, const struct conversation_event *event);

/* Keeps the message LINE with TEXT, which was sent at TIME, Unix milliseconds. */
void keeping_note_sent(struct client *client, const struct ledger_line *line, uint64_t time, struct span text);

/* Does the command REQUEST, COMMAND_HISTORY or COMMAND_SEARCH, of line NUMBER. */
int keeping_answer(struct client *client, const struct request *request, unsigned long number)
    __attribute__((warn_unused_result));

#endif
