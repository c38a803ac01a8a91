/*
 * transfers: the table of file transfers, to peers and from them.
 *
 * Each has a number, by which people and programs name it, and which is part of the tokens of its messages.  The table
 * bounds what peers can make the client hold: TRANSFERS_IN_MAX incoming ones, TRANSFERS_PEER_MAX from one key; one that
 * has been stale for long makes room.  Pure, except that a transfer owns its files.  Single owner.
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

/* Incoming transfers at once, from one key and in all: each may hold a descriptor.  Outgoing ones have room for a file
 * to as many recipients as a line may have. */
#define TRANSFERS_PEER_MAX 8
#define TRANSFERS_IN_MAX   48
#define TRANSFERS_MAX      (TRANSFERS_IN_MAX + RECIPIENTS_MAX)

/* A transfer without progress for so long makes room for another; what is on the disk stays. */
#define TRANSFERS_STALE_MS (10 * 60 * 1000)

enum transfer_state {
    TRANSFER_HASHING, /* out: the file is hashed; in: what an earlier transfer has left is */
    TRANSFER_OFFERED, /* out: the peer's answer is waited for; in: the person's */
    TRANSFER_MOVING,  /* data is sent or received */
    TRANSFER_RESTING, /* out: the peer is gone; another offer is made at `deadline` */
};

struct transfer {
    uint64_t number; /* 0: the slot is free */
    bool outgoing;
    enum transfer_state state;
    char peer[NAME_SIZE];
    char key[CSC_FINGERPRINT_SIZE]; /* fingerprint of the peer's key; "" while it is not known */
    char id[MESSAGE_ID_MAX + 1];    /* chosen by the sender, and unique among its transfers */
    char name[FILE_NAME_SIZE];      /* safe (file_name.h) */
    uint64_t size, done;            /* bytes */
    uint8_t sha256[CSC_SHA256_SIZE];
    uint64_t touched;  /* when there last was progress, monotonic milliseconds */
    uint64_t told;     /* when progress was last told */
    uint64_t deadline; /* out: when the transfer fails, or another offer is made */
    struct progress progress;

    /* Outgoing ones. */
    struct upload *upload;
    unsigned long line; /* of the input that asked for it */
    uint64_t next;      /* offset of what is sent next */
    uint64_t resume_at; /* when nothing is in flight any more, `next` becomes this; TRANSFER_NOWHERE: it does not */
    unsigned in_flight; /* messages with data that have no receipt */
    unsigned setbacks;  /* times that data had to be sent again since there was progress */
    unsigned tries;     /* offers since there was progress */
    bool met;           /* the peer has received an offer */
    bool whole;         /* the peer was sent all of it, or has said that it has all */
    bool lost;          /* the peer is gone, or does not know the transfer any more */

    /* Incoming ones. */
    struct download *download; /* NULL until it is accepted */
    uint64_t offers;           /* how many offers of it its sender has made */
    bool accepted;             /* by the person, or the policy */
    bool resumed;              /* it continues an earlier transfer */
};

#define TRANSFER_NOWHERE UINT64_MAX

struct transfers {
    struct transfer list[TRANSFERS_MAX];
    uint64_t last; /* the last number given */
};

/* Adds a transfer at NOW: incoming from the key of the fingerprint KEY, or outgoing if that is NULL.  The caller fills
 * it in.  NULL: there is no room, or KEY has too many. */
struct transfer *transfers_add(struct transfers *transfers, const char *key, uint64_t now);

/* Closes the files of a transfer, and frees its slot; what is on the disk stays. */
void transfers_remove(struct transfer *transfer);
void transfers_free(struct transfers *transfers);

/* These find a transfer, or return NULL: by its NUMBER; */
struct transfer *transfers_find(struct transfers *transfers, uint64_t number);

/* by its ID, to or from PEER with KEY; */
struct transfer *transfers_find_id(struct transfers *transfers, const char *peer, const char *key, const char *id,
                                   bool outgoing);

/* an incoming one, of a file with that size and hash, from KEY. */
struct transfer *transfers_find_same(struct transfers *transfers, const char *key, uint64_t size,
                                     const uint8_t sha256[static CSC_SHA256_SIZE]);

/* The incoming transfer that waits for the person's answer, if it is the only one; else NULL. */
struct transfer *transfers_only_offer(struct transfers *transfers);

/* True while there are outgoing transfers. */
bool transfers_are_going(const struct transfers *transfers);

/* Messages with data to PEER, of all transfers, that have no receipt yet. */
unsigned transfers_in_flight(const struct transfers *transfers, const char *peer);

/* ---- tokens: they name a message of a transfer, and differ from those of the ledger */

enum transfer_message { TRANSFER_OFFER, TRANSFER_DATA, TRANSFER_ANSWER, TRANSFER_END };

/* INDEX is the offset of data in units of MESSAGE_FILE_DATA_MAX; for an answer, the number of the offer it answers; 0
 * for other messages. */
uint64_t transfer_token(const struct transfer *transfer, enum transfer_message message, uint64_t index);
bool transfer_is_token(uint64_t token);
uint64_t transfer_token_number(uint64_t token);
enum transfer_message transfer_token_message(uint64_t token);
uint64_t transfer_token_index(uint64_t token);

#endif
