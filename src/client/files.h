/*
 * files: files to peers and from them, while everything else goes on.
 *
 * Hashing and rehashing are done in slices of some milliseconds, one each time the loop comes by.  Few messages with
 * data are on their way at once, so that a line that is typed does not wait long behind them.
 * Called by the client's loop and by what takes lines and events.  Errors: 0 or a proto_error, this side's trouble,
 * which ends the program; what goes wrong with a file is told and ends the file.
 *
 * files_out.c has what is sent, files_in.c what comes, files_tell.c the words, files_command.c the lines typed.
 *
 * chatsecure-protocol(7), "Files"; chatsecure(1), "FILE TRANSFER".
 */
#ifndef CLIENT_FILES_H
#define CLIENT_FILES_H

#include "src/client/client_state.h"
#include "src/client/commands.h"

/* Messages with data on their way to a peer: with 24 KiB each, what is typed waits behind 192 KiB at most. */
#define FILES_WINDOW 8

/* Takes a FILE event of CONVERSATION. */
int files_event(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                uint64_t now) __attribute__((warn_unused_result));

/* The receipt for a message of TOKEN, transfer_is_token(), in CONVERSATION has come; or will not, for FAILURE. */
void files_delivered(struct client *client, const struct conversation *conversation, uint64_t token, uint64_t now);
int files_failed(struct client *client, uint64_t token, enum conversation_failure failure, uint64_t now)
    __attribute__((warn_unused_result));

/* PEER has left. */
void files_peer_left(struct client *client, const char *peer);

/* Does what is due at NOW; when that is next, CLOCK_NEVER: when something comes. */
int files_work(struct client *client, uint64_t now) __attribute__((warn_unused_result));
uint64_t files_deadline(const struct client *client);

/* Nothing goes on: what is on its way has failed with STATUS. */
void files_give_up(struct client *client, enum exit_status status, const char *why);

/* What is to be sent, and what it is an error of if it cannot be read. */
struct files_order {
    unsigned long line;
    const char *path;
    enum exit_status unreadable;
};

/* Sends the file of ORDER to each of RECIPIENTS. */
int files_send_to(struct client *client, const struct files_order *order, const struct recipients *recipients,
                  uint64_t now) __attribute__((warn_unused_result));

/* Does a command about files: send, accept, refuse, transfers, cancel. */
int files_command(struct client *client, const struct request *request, unsigned long number, uint64_t now)
    __attribute__((warn_unused_result));

#endif
