/*
 * whois: who is behind a name, from the session with them; one is begun if there is none.
 *
 * Part of the client's loop.  The answer is lines of "NAME WORD ..." on standard output; that there is none is told as
 * what a line to the same peer would come to.  Errors: 0 or a proto_error, this side's trouble.
 */
#ifndef CLIENT_WHOIS_H
#define CLIENT_WHOIS_H

#include "src/client/client_state.h"

/* Answers, or begins the session that the answer waits for.  NAME may be no name. */
int whois_begin(struct client *client, struct span name, uint64_t now) __attribute__((warn_unused_result));

/* A session stands: answers, if that was waited for. */
int whois_ready(struct client *client, const struct conversation *conversation) __attribute__((warn_unused_result));

/* It does not come: says so, if it was waited for. */
void whois_failed(struct client *client, const struct conversation *conversation, enum conversation_failure failure);

/* Nothing that is waited for will come any more. */
void whois_give_up(struct client *client, enum exit_status status, const char *why);

#endif
