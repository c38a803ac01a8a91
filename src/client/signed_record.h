/*
 * signed_record: a signed message as `-o json` prints it, checked by whoever has it later.
 *
 * What a signature covers comes from the record alone, and the key too: whose key that is, the caller has to know.
 * Pure.
 *
 * chatsecure(1), "SIGNED MESSAGES"; chatsecure-protocol(7), "Signed texts".
 */
#ifndef CLIENT_SIGNED_RECORD_H
#define CLIENT_SIGNED_RECORD_H

#include "src/client/json_events.h"

/* The longest record in bytes: the longest event, and what others may have added to it. */
#define SIGNED_RECORD_MAX (JSON_EVENT_MAX + 65536)

enum record_verdict {
    RECORD_GOOD,
    RECORD_BAD,    /* a signed message whose signature does not hold */
    RECORD_NONE,   /* anything else */
    RECORD_FAILED, /* this side's trouble */
};

struct signed_record {
    char from[NAME_SIZE];                   /* what the sender called itself: not signed */
    uint64_t time;                          /* Unix milliseconds */
    char fingerprint[CSC_FINGERPRINT_SIZE]; /* of the key in the record, "" if there is none */
    const char *why;                        /* unless it is good: what is wrong, for people; static */
};

/* Checks the record of SIZE bytes at LINE, which is written to.  RECORD has what is known of it, whatever the verdict;
 * of RECORD_NONE only why. */
enum record_verdict signed_record_check(struct signed_record *record, char *line, size_t size);

#endif
