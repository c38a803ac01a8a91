/*
 * files: file transfer, to peers and from them, beside everything else that the client does.
 *
 * Hashing is done in slices of some milliseconds, one in each turn of the loop.  Only few messages with data are on
 * their way at once, so that a line that is typed does not wait long behind them.
 * Errors: 0 or a proto_error, this side's trouble, which ends the program; what goes wrong with a file is told, and
 * ends only its transfer.
 *
 * files_out.c sends, files_in.c receives, files_tell.c tells people and programs, files_command.c has the commands.
 *
 * chatsecure-protocol(7), "Files"; chatsecure(1), "FILE TRANSFER".
 */
#ifndef CLIENT_FILES_H
#define CLIENT_FILES_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* Messages with data that may be on their way to a peer: with 24 KiB each, a line waits behind 192 KiB at most. */
#define FILES_WINDOW 8

/* A FILE event of CONVERSATION: the peer offers a file, answers an offer, sends data, or ends a transfer. */
int files_event(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                uint64_t now) __attribute__((warn_unused_result));

/* A DELIVERED event, and a FAILED one, for a TOKEN that is a transfer's (transfer_is_token()). */
void files_delivered(struct client *client, const struct conversation *conversation, uint64_t token, uint64_t now);
int files_failed(struct client *client, uint64_t token, enum conversation_failure failure, uint64_t now)
    __attribute__((warn_unused_result));

/* The session with PEER has ended. */
void files_peer_left(struct client *client, const char *peer);

/* Hashes a slice, sends what there is room for, and does what is due at NOW. */
int files_work(struct client *client, uint64_t now) __attribute__((warn_unused_result));

/* When files_work() is to be called again; CLOCK_NEVER: only when something has come from the server. */
uint64_t files_deadline(const struct client *client);

/* The client ends: what is still being sent has failed with STATUS, for the reason WHY. */
void files_give_up(struct client *client, enum exit_status status, const char *why);

/* A file to send. */
struct files_order {
    unsigned long line; /* of the input that asked for it */
    const char *path;
    enum exit_status unreadable; /* the status if it cannot be opened */
};

/* Sends the file of ORDER to each of RECIPIENTS. */
int files_send_to(struct client *client, const struct files_order *order, const struct recipients *recipients,
                  uint64_t now) __attribute__((warn_unused_result));

/* Does a command about files: send, accept, refuse, transfers, cancel. */
int files_command(struct client *client, const struct request *request, unsigned long number, uint64_t now)
    __attribute__((warn_unused_result));

#endif
