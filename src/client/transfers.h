/*
 * transfers: the files on their way, to peers and from them.
 *
 * Each has a number, by which people and programs name it, and which its messages carry in their tokens.  The table
 * bounds what peers can order: so many at once, of which one key has a few.  What has not moved for long makes room.
 * Pure, but that a transfer owns its files.  Single owner.
 *
 * chatsecure(1), "FILE TRANSFER".
 */
#ifndef CLIENT_TRANSFERS_H
#define CLIENT_TRANSFERS_H

#include "proto/message.h"
#include "proto/name.h"
#include "src/client/download.h"
#include "src/client/progress.h"
#include "src/client/recipients.h"
#include "src/client/upload.h"

/* Transfers that peers may have begun at once, and a single key of them: each may hold a descriptor.  One's own have
 * room for a file to as many as a line may have. */
#define TRANSFERS_PEER_MAX 8
#define TRANSFERS_IN_MAX   48
#define TRANSFERS_MAX      (TRANSFERS_IN_MAX + RECIPIENTS_MAX)

/* One that has not come forward for so long makes room for another: what is on the disk stays. */
#define TRANSFERS_STALE_MS (10 * 60 * 1000)

enum transfer_state {
    TRANSFER_HASHING, /* what is to be sent; or what is there already */
    TRANSFER_OFFERED, /* an answer is waited for, of the peer or of the person */
    TRANSFER_MOVING,
    TRANSFER_RESTING, /* out: the peer is gone, and gets another offer */
};

struct transfer {
    uint64_t number; /* 0: the place is free */
    bool outgoing;
    enum transfer_state state;
    char peer[NAME_SIZE];
    char key[CSC_FINGERPRINT_SIZE]; /* the peer's; "" while it is not known */
    char id[MESSAGE_ID_MAX + 1];    /* among those of its sender */
    char name[FILE_NAME_SIZE];      /* safe */
    uint64_t size, done;
    uint8_t sha256[CSC_SHA256_SIZE];
    uint64_t touched;  /* when it came forward last, milliseconds */
    uint64_t told;     /* when that was told last */
    uint64_t deadline; /* out: when the next thing is due */
    struct progress progress;

    struct upload *upload; /* out */
    unsigned long line;    /* of the input that asked for it */
    uint64_t next;         /* what is sent next */
    uint64_t resume_at;    /* what is sent once nothing is on its way; TRANSFER_NOWHERE: `next` */
    unsigned in_flight;    /* messages with data */
    unsigned setbacks;     /* times it had to be sent again since it came forward */
    unsigned tries;        /* offers in a row */
    bool met;              /* the peer has had the offer once */
    bool whole;            /* the peer was sent all of it, or says that it has it */
    bool lost;             /* the peer is gone, or has forgotten */

    struct download *download; /* in; NULL until it is accepted */
    uint64_t offers;           /* that its sender has made of it */
    bool accepted;
    bool resumed; /* it goes on with what was there before */
};

#define TRANSFER_NOWHERE UINT64_MAX

struct transfers {
    struct transfer list[TRANSFERS_MAX];
    uint64_t last; /* number given */
};

/* A new one, zeros but for its number.  NULL: there is no room, at NOW, or KEY, of whose transfers it is one if it is
 * not NULL, has its share. */
struct transfer *transfers_add(struct transfers *transfers, const char *key, uint64_t now);

/* Frees its files, of which what is on the disk stays, and its place. */
void transfers_remove(struct transfer *transfer);
void transfers_free(struct transfers *transfers);

/* The one of NUMBER; the one that PEER's KEY knows as ID; an incoming one of the same file and key.  NULL: none. */
struct transfer *transfers_find(struct transfers *transfers, uint64_t number);
struct transfer *transfers_find_id(struct transfers *transfers, const char *peer, const char *key, const char *id,
                                   bool outgoing);
struct transfer *transfers_find_same(struct transfers *transfers, const char *key, uint64_t size,
                                     const uint8_t sha256[static CSC_SHA256_SIZE]);

/* The only one that waits for a person's answer, or NULL. */
struct transfer *transfers_only_offer(struct transfers *transfers);

/* True while files are on their way to peers. */
bool transfers_are_going(const struct transfers *transfers);

/* Messages with data on their way to PEER. */
unsigned transfers_in_flight(const struct transfers *transfers, const char *peer);

/* ---- tokens: which message of which transfer, unlike those of other messages */

enum transfer_message { TRANSFER_OFFER, TRANSFER_DATA, TRANSFER_ANSWER, TRANSFER_END };

/* INDEX is where data begins, in whole pieces of MESSAGE_FILE_DATA_MAX, or which of the offers an answer is to. */
uint64_t transfer_token(const struct transfer *transfer, enum transfer_message message, uint64_t index);
bool transfer_is_token(uint64_t token);
uint64_t transfer_token_number(uint64_t token);
enum transfer_message transfer_token_message(uint64_t token);
uint64_t transfer_token_index(uint64_t token);

#endif
