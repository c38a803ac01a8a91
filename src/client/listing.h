/*
 * listing: `list`, the users who are connected to the server.
 *
 * The server answers in pages, sorted by name.  Each is printed when it comes, and the page behind its last name is
 * asked for, until the server says that there are no more.  While client->listing is true, an answer is waited for.
 * Part of the client's loop.  Errors: 0 or a proto_error, this side's trouble, which ends the program.
 *
 * chatsecure-protocol(7), `list`.
 */
#ifndef CLIENT_LISTING_H
#define CLIENT_LISTING_H

#include "src/client/client_state.h"

/* Does the command `list`. */
int listing_begin(struct client *client) __attribute__((warn_unused_result));

/* Asks for the next page, once more if a connection was lost before it came. */
int listing_ask(struct client *client) __attribute__((warn_unused_result));

/* Takes a page. */
int listing_take(struct client *client, const struct message *list) __attribute__((warn_unused_result));

/* All pages have come, or no more will.  Does nothing if none is waited for. */
void listing_done(struct client *client);

#endif
