/*
 * ping_run: the pings of one `ping`, on their way and answered.
 *
 * Each goes to the relay and, through it, to the peer; both answer by its id.  Times are nanoseconds of any steady
 * clock.  Pure.  Single owner.
 */
#ifndef CLIENT_PING_RUN_H
#define CLIENT_PING_RUN_H

#include "proto/message.h"

/* Pings on their way at once: as many seconds as few people wait for one. */
#define PING_WAITING_MAX 64

enum ping_way { PING_RELAY, PING_PEER, PING_WAYS };

struct ping {
    uint64_t number; /* counted from 1; 0: free */
    char id[MESSAGE_ID_MAX + 1];
    uint64_t sent_at;
    uint64_t took[PING_WAYS]; /* there and back; 0: not answered yet */
};

/* Round trips of one way. */
struct ping_times {
    uint64_t count;
    uint64_t least, most, sum; /* 0 if `count` is */
};

struct ping_run {
    char name[NAME_SIZE]; /* the peer; "": none runs */
    uint64_t wanted;      /* pings in all */
    uint64_t next_at;     /* when the next one is due, milliseconds */
    bool begins;          /* a session with the peer is waited for */
    uint64_t sent;
    struct ping waiting[PING_WAITING_MAX];
    struct ping_times times[PING_WAYS];
};

/* Begins WANTED pings to NAME. */
void ping_run_begin(struct ping_run *run, struct span name, uint64_t wanted);

/* The pings that are waited for, and when the oldest was sent, CLOCK_NEVER if there is none. */
size_t ping_run_waiting(const struct ping_run *run);
uint64_t ping_run_oldest(const struct ping_run *run);

/* ID went out at NOW.  There is room: fewer than PING_WAITING_MAX are waited for. */
void ping_run_sent(struct ping_run *run, const char *id, uint64_t now);

/* The answer to ID has come by WAY at NOW.  True if it was the last that was due: *DONE is taken out. */
bool ping_run_answered(struct ping_run *run, enum ping_way way, struct span id, uint64_t now, struct ping *done);

/* Takes out the oldest that was sent at UNTIL or before.  False: there is none. */
bool ping_run_take_late(struct ping_run *run, uint64_t until, struct ping *late);

#endif
