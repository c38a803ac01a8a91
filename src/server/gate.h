/*
 * gate: a counting semaphore for threads that must not block in it.
 *
 * Only `room` threads may be inside at a time.  One that comes when it is full is put in line, goes on with its own
 * poll(), and is woken when its turn has come.  First come, first served.
 * Locked: rank gate.
 */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include "src/common/lock.h"
#include "src/server/wake.h"
#include <stdbool.h>
#include <stddef.h>

enum gate_place { GATE_OUTSIDE, GATE_IN_LINE, GATE_INSIDE };

/* What a gate knows of one thread.  Guarded by the lock of the gate; zeroed to begin with. */
struct gate_pass {
    enum gate_place place;
    const struct wake *wake;
    struct gate_pass *before, *behind; /* in line */
};

struct gate {
    struct lock lock;
    size_t room;
    size_t inside GUARDED_BY(lock);
    size_t waiting GUARDED_BY(lock);
    struct gate_pass *first GUARDED_BY(lock), *last GUARDED_BY(lock);
};

void gate_init(struct gate *gate, size_t room);
void gate_destroy(struct gate *gate);

/* Enters, or gets in line.  True: PASS is inside.  False: WAKE, borrowed, is signalled when it is. */
bool gate_enter(struct gate *gate, struct gate_pass *pass, const struct wake *wake) EXCLUDES(gate->lock)
    __attribute__((warn_unused_result));

/* Whether PASS, which was in line, is inside now. */
bool gate_is_inside(struct gate *gate, const struct gate_pass *pass) EXCLUDES(gate->lock);

/* PASS leaves, from inside or from the line, and the next one gets in.  To be called before PASS or its wake is freed.
 */
void gate_leave(struct gate *gate, struct gate_pass *pass) EXCLUDES(gate->lock);

/* How many are inside and in line, for the statistics. */
void gate_count(struct gate *gate, size_t *inside, size_t *waiting) EXCLUDES(gate->lock);

#endif
