/*
 * remembering: what this user was handed on in earlier runs, and what a run that was killed had begun to.
 *
 * The files are made when the first message comes.  If they cannot be used, that is told once, and messages are handed
 * on all the same, those that are sent again for want of a receipt twice.  Single owner.
 */
#ifndef CLIENT_REMEMBERING_H
#define CLIENT_REMEMBERING_H

#include "src/client/client_state.h"

/* What another run has left is the first that standard output gets. */
void remembering_begin(struct client *client);
void remembering_end(struct client *client);

enum remembered {
    REMEMBERED_NOT,
    REMEMBERED_LEFT, /* another run has left it, and it is being handed on */
    REMEMBERED_DONE,
};

/* What is known of the message of EVENT, a TEXT event; from now on it may be handed on. */
enum remembered remembering_look(struct client *client, const struct conversation_event *event);

/* The message of MARK is handed on. */
void remembering_note(struct client *client, const struct output_mark *mark);

/* All of the file ID of the key FINGERPRINT is there and about to get its name, of which a kill may leave the sender
 * without the news; and whether that was noted, in this run or another. */
void remembering_note_file(struct client *client, const char *fingerprint, const char *id);
bool remembering_has_file(const struct client *client, const char *fingerprint, const char *id);

#endif
