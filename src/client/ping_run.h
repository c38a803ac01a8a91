/*
 * ping_run: the state of one run of `ping`: pings on their way, and times of those that were answered.
 *
 * Each ping goes to the relay and, through it, to the peer; both answer with its id.  Times are nanoseconds of a
 * monotonic clock, unless something else is said.  Pure.  Single owner.
 */
#ifndef CLIENT_PING_RUN_H
#define CLIENT_PING_RUN_H

#include "proto/message.h"

/* Pings on their way at once: at one a second, an answer may take as many seconds. */
#define PING_WAITING_MAX 64

enum ping_way { PING_RELAY, PING_PEER, PING_WAYS };

struct ping {
    uint64_t number; /* counted from 1; 0: the slot is free */
    char id[MESSAGE_ID_MAX + 1];
    uint64_t sent_at;
    uint64_t took[PING_WAYS]; /* round-trip times; 0: not answered yet */
};

/* Round-trip times to the relay or to the peer. */
struct ping_times {
    uint64_t count;
    uint64_t least, most, sum; /* 0 while `count` is */
};

struct ping_run {
    char name[NAME_SIZE]; /* the peer; "": no `ping` runs */
    uint64_t wanted;      /* pings to send in all */
    uint64_t next_at;     /* when the next one is due, milliseconds */
    bool begins;          /* waits for a session with the peer */
    uint64_t sent;
    struct ping waiting[PING_WAITING_MAX];
    struct ping_times times[PING_WAYS];
};

/* Begins WANTED pings to NAME. */
void ping_run_begin(struct ping_run *run, struct span name, uint64_t wanted);

/* How many pings have not been answered, nor given up. */
size_t ping_run_waiting(const struct ping_run *run);

/* When the oldest of them was sent, or CLOCK_NEVER. */
uint64_t ping_run_oldest(const struct ping_run *run);

/* The ping ID has gone out at NOW.  Fewer than PING_WAITING_MAX are waiting. */
void ping_run_sent(struct ping_run *run, const char *id, uint64_t now);

/* The ping ID has been answered by WAY at NOW.  True if both have answered it by now: it is taken out, into *DONE. */
bool ping_run_answered(struct ping_run *run, enum ping_way way, struct span id, uint64_t now, struct ping *done);

/* Takes out the oldest ping that was sent at UNTIL or before, into *LATE.  False: there is none. */
bool ping_run_take_late(struct ping_run *run, uint64_t until, struct ping *late);

#endif
