/*
 * census: how many connections there are, and whether there is room for one more.
 *
 * Connections whose key is proven are counted apart, so that strangers who connect and say nothing cannot take the
 * places of users; how many strangers there may be is decided by admission.h.  Gives each client its number. Locked:
 * rank census.
 */
#ifndef SERVER_CENSUS_H
#define SERVER_CENSUS_H

#include "src/common/lock.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct census {
    struct lock lock;
    pthread_cond_t left; /* somebody has departed or left; with lock */
    size_t max;
    size_t count GUARDED_BY(lock);
    size_t present GUARDED_BY(lock); /* of `count`, those who have not departed */
    size_t proven GUARDED_BY(lock);  /* of `count`, at most `max` */
    uint64_t last_id GUARDED_BY(lock);
};

/* MAX clients at a time. */
void census_init(struct census *census, size_t max);
void census_destroy(struct census *census);

/* Counts a new connection.  Its number, from 1, or 0 if there is no room. */
uint64_t census_enter(struct census *census) EXCLUDES(census->lock);

/* A connection has proven its key: counts it as a client.  False: there is no room for another one. */
bool census_prove(struct census *census) EXCLUDES(census->lock) __attribute__((warn_unused_result));

/* A connection is over, except that its last bytes may still have to be fetched.  Called before census_leave(). */
void census_depart(struct census *census) EXCLUDES(census->lock);

/* A connection is closed; PROVEN: census_prove() has counted it. */
void census_leave(struct census *census, bool proven) EXCLUDES(census->lock);

/* How many connections there are, and how many of them have proven their key. */
void census_count(struct census *census, size_t *count, size_t *proven) EXCLUDES(census->lock);

/* Wait until all connections have departed, or all are closed, or until DEADLINE, monotonic milliseconds.  True if they
 * have, or are. */
bool census_wait_departed(struct census *census, uint64_t deadline) EXCLUDES(census->lock);
bool census_wait(struct census *census, uint64_t deadline) EXCLUDES(census->lock);

#endif
