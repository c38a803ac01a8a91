/*
 * ask: the verb `ask`: one question to one person or program, and the answer as an exit status.
 *
 * The question is the only message of the run.  The answer is the next message of the one who was asked; to a question
 * that ends with "[y/n]" it is the next that says yes or no.  It is printed, without time and name, and has its receipt
 * as any message has.
 * Called by the client's loop.  Errors: 0 or a proto_error, this side's trouble.
 *
 * chatsecure(1), "COMMANDS".
 */
#ifndef CLIENT_ASK_H
#define CLIENT_ASK_H

#include "src/client/client_state.h"

/* True while the answer is waited for; false in a run without a question. */
bool ask_is_waiting(const struct client *client);

/* Takes MESSAGE if the answer is waited for, and sets *TAKEN to whether it did; else it is a message like any other. */
int ask_take(struct client *client, const struct json_message *message, bool *taken)
    __attribute__((warn_unused_result));

/* No answer will come any more: says so, and sets the exit status, if one was waited for. */
void ask_give_up(struct client *client);

#endif
