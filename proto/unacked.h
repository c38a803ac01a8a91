/*
 * unacked: a sender's messages to one peer that have no receipt yet, oldest first.
 *
 * Part of a conversation.  A message is queued until it is sent, and sent until its receipt comes or it
 * is given up; a new session makes it queued again.  Holds the inner messages ready to encrypt, and
 * wipes them.  Single owner.
 */
#ifndef PROTO_UNACKED_H
#define PROTO_UNACKED_H

#include "proto/message.h"

struct unacked {
    struct unacked *next;
    uint64_t token;
    uint64_t since;         /* when it was queued, milliseconds */
    uint64_t expires_at;    /* given up then; 0: never */
    uint64_t retry_at;      /* not before this time; 0: at once */
    unsigned refusals;      /* times the relay's queue was full for it */
    unsigned transmissions; /* times it was sent */
    bool on_its_way;        /* sent in the session that stands */
    bool reported;          /* the program knows that it was sent */
    bool repeated;          /* sent once more since the session stands, for want of a receipt */
    uint64_t sent_at;       /* when it was sent last */
    size_t cost;            /* bytes of payload it took when it was sent */
    bool file;              /* a step of sending a file: nobody is shown it */
    bool sign;              /* `inner` has a signature, which is good in the session `signed_for`; zeros: in none yet */
    uint8_t signed_for[MESSAGE_SESSION_SIZE];
    char id[MESSAGE_ID_MAX + 1];
    char key[CSC_FINGERPRINT_SIZE]; /* whose it is meant for; "" while it is anybody's of that name */
    struct buffer inner;
};

struct unacked_list {
    struct unacked *first, *last;
    size_t count;
    size_t sent_count; /* those on their way, and the bytes they took */
    size_t sent_bytes;
    size_t expiring; /* those with an `expires_at` */
};

/* Appends a message of ID; the caller fills in the rest.  NULL for lack of memory. */
struct unacked *unacked_append(struct unacked_list *list, const char *id, uint64_t token, uint64_t now);

/* The message of ID among those that were ever tried to be sent and the one behind them.  NULL if there is none. */
struct unacked *unacked_find(const struct unacked_list *list, struct span id);

/* Marks ENTRY as sent at NOW, with COST bytes; or as not sent after all, and all entries as not sent nor refused. */
void unacked_sent(struct unacked_list *list, struct unacked *entry, size_t cost, uint64_t now);
void unacked_requeue(struct unacked_list *list, struct unacked *entry);
void unacked_requeue_all(struct unacked_list *list);

/* Sets when ENTRY expires; and the one that expires first, NULL if none does. */
void unacked_expire(struct unacked_list *list, struct unacked *entry, uint64_t when);
struct unacked *unacked_first_to_expire(const struct unacked_list *list);

/* Takes ENTRY out, wipes and frees it. */
void unacked_remove(struct unacked_list *list, struct unacked *entry);

#endif
