/*
 * errands: the background jobs of the server, which may take their time: reading its files again, and handing over to
 * another server.
 *
 * A thread of its own does one after the other, so that a disk or a file that does not answer does not keep anybody
 * from stopping the server. Locked: rank errands, the lowest; it is not held while an errand is done.
 */
#ifndef SERVER_ERRANDS_H
#define SERVER_ERRANDS_H

#include "src/common/diagnostic.h"
#include "src/common/lock.h"
#include "src/server/wake.h"
#include <stdbool.h>
#include <stdint.h>

struct server;

enum errand { ERRAND_RELOAD, ERRAND_UPGRADE, ERRAND_COUNT };

/* The state of one kind of errand. */
struct errand_record {
    bool wanted;
    unsigned long done; /* how often it was done */
    int error;          /* the last time */
    struct diagnostic why;
};

struct errands {
    struct server *server;
    struct wake work;    /* for the thread */
    struct wake stopped; /* from it */
    pthread_t thread;
    struct lock lock;
    pthread_cond_t change; /* something was done, or no more will be; with lock */
    struct errand_record records[ERRAND_COUNT] GUARDED_BY(lock);
    enum errand current GUARDED_BY(lock); /* ERRAND_COUNT: none */
    bool stopping GUARDED_BY(lock);
    bool ended GUARDED_BY(lock);
};

/* Starts the thread.  0 or an errno value. */
int errands_start(struct errands *errands, struct server *server) __attribute__((warn_unused_result));

/* Has ERRAND done, once if it is wanted several times before its turn comes, and does not wait.  Any thread. */
void errands_want(struct errands *errands, enum errand errand) EXCLUDES(errands->lock);

/* Has ERRAND done, and waits for it.  0, or -1 with WHY: that of the errand, or that the server ends. */
int errands_do(struct errands *errands, enum errand errand, struct diagnostic *why) EXCLUDES(errands->lock)
    __attribute__((warn_unused_result));

/* Ends the thread; errands that were not begun are left out.  False if it has not ended by DEADLINE, monotonic
 * milliseconds: then nothing that an errand uses may be freed. */
bool errands_stop(struct errands *errands, uint64_t deadline) EXCLUDES(errands->lock)
    __attribute__((warn_unused_result));

/* After errands_stop(), when nobody waits for it any more. */
void errands_destroy(struct errands *errands);

#endif
