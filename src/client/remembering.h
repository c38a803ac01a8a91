/*
 * remembering: hands each message on once, over all runs: opens received.h and handing.h for the client, and asks them.
 *
 * The files are made when the first message comes.  If they cannot be used, that is told once, and messages are handed
 * on all the same; one that is sent again for want of a receipt is then shown twice.  Single owner.
 */
#ifndef CLIENT_REMEMBERING_H
#define CLIENT_REMEMBERING_H

#include "src/client/client_state.h"

/* Opens the files if they are there.  A message that a killed run has half written is completed on standard output
 * first. */
void remembering_begin(struct client *client);
void remembering_end(struct client *client);

enum remembered {
    REMEMBERED_NOT,  /* it is new */
    REMEMBERED_LEFT, /* a killed run has begun to write it, and the rest of it is being written */
    REMEMBERED_DONE, /* it was handed on before */
};

/* What is known of the message of EVENT, a TEXT event.  Makes the files if they are missing. */
enum remembered remembering_look(struct client *client, const struct conversation_event *event);

/* The message of MARK has been handed on. */
void remembering_note(struct client *client, const struct output_mark *mark);

/* All of the file ID of the key FINGERPRINT is there and about to get its name, of which a kill may leave the sender
 * without the news; and whether that was noted, in this run or another. */
void remembering_note_file(struct client *client, const char *fingerprint, const char *id);
bool remembering_has_file(const struct client *client, const char *fingerprint, const char *id);

#endif
