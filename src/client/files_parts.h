/*
 * files_parts: what the parts of files.h share.
 *
 * Private to files.c, files_out.c, files_in.c, files_tell.c and files_command.c.  Errors as there.
 */
#ifndef CLIENT_FILES_PARTS_H
#define CLIENT_FILES_PARTS_H

#include "src/client/files.h"

/* ---- files.c */

/* Sends FIELDS, whose `file` is filled in, about TRANSFER to its peer, as MESSAGE number INDEX. */
int files_send(struct client *client, const struct transfer *transfer, enum transfer_message message, uint64_t index,
               struct file_fields *fields, uint64_t now) __attribute__((warn_unused_result));

/* Tells the peer that it is over. */
int files_send_end(struct client *client, const struct transfer *transfer, enum file_status status, const char *reason,
                   uint64_t now) __attribute__((warn_unused_result));

/* ---- files_out.c */

int files_out_work(struct client *client, struct transfer *transfer, uint64_t now) __attribute__((warn_unused_result));
int files_out_answer(struct client *client, struct transfer *transfer, const struct conversation_event *event,
                     uint64_t now) __attribute__((warn_unused_result));
void files_out_end(struct client *client, struct transfer *transfer, const struct conversation_event *event);
void files_out_delivered(struct client *client, struct transfer *transfer, uint64_t token, uint64_t now);
int files_out_failed(struct client *client, struct transfer *transfer, uint64_t token,
                     enum conversation_failure failure, uint64_t now) __attribute__((warn_unused_result));

/* When files_out_work() has something to do. */
uint64_t files_out_deadline(const struct client *client, const struct transfer *transfer);

/* It is over, and has failed. */
void files_out_fail(struct client *client, struct transfer *transfer, enum exit_status status, const char *why);

/* ---- files_in.c */

int files_in_work(struct client *client, struct transfer *transfer, uint64_t now) __attribute__((warn_unused_result));
int files_in_offer(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                   uint64_t now) __attribute__((warn_unused_result));
int files_in_data(struct client *client, struct conversation *conversation, const struct conversation_event *event,
                  uint64_t now) __attribute__((warn_unused_result));
void files_in_end(struct client *client, struct transfer *transfer, const struct conversation_event *event);

/* What the person, or the policy, has decided about an offer. */
int files_in_accept(struct client *client, struct transfer *transfer, uint64_t now) __attribute__((warn_unused_result));
int files_in_refuse(struct client *client, struct transfer *transfer, const char *reason, uint64_t now)
    __attribute__((warn_unused_result));

/* It is over: told to the person for WHY, and to the peer unless it is the peer who said so. */
int files_in_fail(struct client *client, struct transfer *transfer, enum file_status status, const char *why,
                  uint64_t now) __attribute__((warn_unused_result));

/* ---- files_tell.c */

/* Tells programs that TRANSFER is in STATE, a word, for REASON, and where it is as PATH; both may be NULL. */
void files_tell(struct client *client, const struct transfer *transfer, const char *state, const char *reason,
                const char *path);

/* The same of one that has come forward, once a second. */
void files_tell_progress(struct client *client, struct transfer *transfer, uint64_t now);

/* A line for a person at a terminal, and nobody else. */
void files_say(struct client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Shows how far the transfers are, where a person sees it. */
void files_show(struct client *client);

/* Appends a line each transfer to OUT. */
int files_list(const struct client *client, struct buffer *out) __attribute__((warn_unused_result));

#endif
