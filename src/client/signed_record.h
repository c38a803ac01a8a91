/*
 * signed_record: checks a signed message that `-o json` has printed, a record.
 *
 * Everything that the signature covers is in the record, and so is the key; whose key that is, the caller has to know.
 * Pure.
 *
 * chatsecure(1), "SIGNED MESSAGES"; chatsecure-protocol(7), "Signed texts".
 */
#ifndef CLIENT_SIGNED_RECORD_H
#define CLIENT_SIGNED_RECORD_H

#include "src/client/json_events.h"

/* Bytes of the longest record: the longest event, and what other programs may have added to it. */
#define SIGNED_RECORD_MAX (JSON_EVENT_MAX + 65536)

enum record_verdict {
    RECORD_GOOD,
    RECORD_BAD,    /* a signed message whose signature does not hold */
    RECORD_NONE,   /* not a signed message */
    RECORD_FAILED, /* this side's trouble, such as memory */
};

struct signed_record {
    char from[NAME_SIZE];                   /* what the sender called itself: not signed */
    uint64_t time;                          /* Unix milliseconds */
    char fingerprint[CSC_FINGERPRINT_SIZE]; /* of the key in the record, "" if there is none */
    const char *why;                        /* unless it is good, what is wrong, for people; static */
};

/* Checks the record of SIZE bytes at LINE, which is overwritten.  RECORD is set to what is known of it, whatever the
 * verdict; of RECORD_NONE only `why`. */
enum record_verdict signed_record_check(struct signed_record *record, char *line, size_t size);

#endif
