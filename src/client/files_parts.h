/*
 * files_parts: what the source files behind files.h call of each other.
 *
 * Private to files.c, files_out.c, files_in.c, files_tell.c and files_command.c.  Errors as in files.h.  A function
 * that ends a transfer removes it: TRANSFER is gone when it returns.
 */
#ifndef CLIENT_FILES_PARTS_H
#define CLIENT_FILES_PARTS_H

#include "src/client/files.h"

/* ---- files.c */

/* Sends FIELDS to the peer of TRANSFER, and sets their `file`.  MESSAGE and INDEX make the token of the message. */
int files_send(struct client *client, const struct transfer *transfer, enum transfer_message message, uint64_t index,
               struct file_fields *fields, uint64_t now) __attribute__((warn_unused_result));

/* Sends the peer the end of TRANSFER; REASON is "" if there is none to tell. */
int files_send_end(struct client *client, const struct transfer *transfer, enum file_status status, const char *reason,
                   uint64_t now) __attribute__((warn_unused_result));

/* ---- files_out.c: TRANSFER is outgoing */

/* Does what is due at NOW. */
int files_out_work(struct client *client, struct transfer *transfer, uint64_t now) __attribute__((warn_unused_result));

/* The peer has answered the offer, or has ended the transfer. */
int files_out_answer(struct client *client, struct transfer *transfer, const struct conversation_event *event,
                     uint64_t now) __attribute__((warn_unused_result));
void files_out_end(struct client *client, struct transfer *transfer, const struct conversation_event *event);

/* The message of TOKEN has its receipt, or has failed. */
void files_out_delivered(struct client *client, struct transfer *transfer, uint64_t token, uint64_t now);
int files_out_failed(struct client *client, struct transfer *transfer, uint64_t token,
                     enum conversation_failure failure, uint64_t now) __attribute__((warn_unused_result));

/* When files_out_work() has something to do. */
uint64_t files_out_deadline(const struct client *client, const struct transfer *transfer);

/* Ends the transfer, which has failed with STATUS for the reason WHY; the peer is not told. */
void files_out_fail(struct client *client, struct transfer *transfer, enum exit_status status, const char *why);

/* ---- files_in.c: TRANSFER is incoming */

/* Hashes the next slice of what an earlier transfer has left. */
int files_in_work(struct client *client, struct transfer *transfer, uint64_t now) __attribute__((warn_unused_result));

/* The peer of CONVERSATION offers a file, or sends data of one. */
int files_in_offer(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                   uint64_t now) __attribute__((warn_unused_result));
int files_in_data(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                  uint64_t now) __attribute__((warn_unused_result));

/* The peer has ended the transfer. */
void files_in_end(struct client *client, struct transfer *transfer, const struct conversation_event *event);

/* The person, or the policy, has decided about the offer. */
int files_in_accept(struct client *client, struct transfer *transfer, uint64_t now) __attribute__((warn_unused_result));
int files_in_refuse(struct client *client, struct transfer *transfer, const char *reason, uint64_t now)
    __attribute__((warn_unused_result));

/* Ends the transfer with STATUS, for the reason WHY, which is told to the person and to the peer. */
int files_in_fail(struct client *client, struct transfer *transfer, enum file_status status, const char *why,
                  uint64_t now) __attribute__((warn_unused_result));

/* ---- files_tell.c */

/* Writes a `file` event: TRANSFER is in STATE, a word of chatsecure(1), for REASON; its file is PATH in the folder.
 * Both may be NULL. */
void files_tell(struct client *client, const struct transfer *transfer, const char *state, const char *reason,
                const char *path);

/* Writes a `file` event with the progress of TRANSFER, at most one a second. */
void files_tell_progress(struct client *client, struct transfer *transfer, uint64_t now);

/* Says something to a person at a terminal; to nobody if there is none. */
void files_say(struct client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Shows the progress of the transfer that moved last in the status line. */
void files_show(struct client *client);

/* Appends a line for each transfer to OUT. */
int files_list(const struct client *client, struct buffer *out) __attribute__((warn_unused_result));

#endif
