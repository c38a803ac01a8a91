/*
 * message_samples: one message of each type, as the message_write functions make it.
 *
 * For the tests of proto.  The keys in them are text that looks like none, and what would be secret is a pattern.
 */
#ifndef CHATSECURE_T_MESSAGE_SAMPLES_H
#define CHATSECURE_T_MESSAGE_SAMPLES_H

#include "proto/message.h"

#define SAMPLE_PEM "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
/* The longest name and id. */
#define SAMPLE_NAME "Adam-with.a_name-as-long-as-it-g"
#define SAMPLE_ID   "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCD_-"

/* What looks like a fingerprint. */
#define SAMPLE_FINGERPRINT "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

/* An id of a handshake, as it travels, of bytes that are: */
#define SAMPLE_NONCE "paWlpaWlpaWlpaWlpaWlpQ=="
/* Every byte of what a message carries as bytes has this value. */
#define SAMPLE_BYTE 0xa5

/* Types that can be written: all but MESSAGE_UNKNOWN_INNER, which comes last. */
#define SAMPLE_TYPES MESSAGE_UNKNOWN_INNER

/* Appends the sample of TYPE to OUT, with all its optional members. */
void sample_write(struct buffer *out, enum message_type type);

#endif
