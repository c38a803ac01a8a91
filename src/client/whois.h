/*
 * whois: the command `whois`: whose key a name has, from the session with that peer; one is begun if there is none.
 *
 * Part of the client's loop.  The answer is lines "NAME WORD ..." on standard output.  If there is none, that is told,
 * with the exit status that a line to the same peer would have.  Errors: 0 or a proto_error, this side's trouble.
 */
#ifndef CLIENT_WHOIS_H
#define CLIENT_WHOIS_H

#include "src/client/client_state.h"

/* Answers about NAME, or begins the session that the answer has to wait for.  NAME may be invalid. */
int whois_begin(struct client *client, struct span name, uint64_t now) __attribute__((warn_unused_result));

/* The session of CONVERSATION is established: answers, if `whois` waits for it. */
int whois_ready(struct client *client, const struct conversation *conversation) __attribute__((warn_unused_result));

/* It could not be established, because of FAILURE: says so, if `whois` waits for it. */
void whois_failed(struct client *client, const struct conversation *conversation, enum conversation_failure failure);

/* No session will come any more, for the reason WHY: all answers that are waited for have failed with STATUS. */
void whois_give_up(struct client *client, enum exit_status status, const char *why);

#endif
