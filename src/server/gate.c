#include <config.h>

#include "src/server/gate.h"

void gate_init(struct gate *gate, size_t room) NO_THREAD_ANALYSIS {
    *gate = (struct gate){.room = room};
    lock_init(&gate->lock);
}

void gate_destroy(struct gate *gate) {
    lock_destroy(&gate->lock);
}

static void append_locked(struct gate *gate, struct gate_pass *pass) REQUIRES(gate->lock) {
    pass->place = GATE_IN_LINE;
    pass->before = gate->last;
    pass->behind = NULL;
    *(gate->last != NULL ? &gate->last->behind : &gate->first) = pass;
    gate->last = pass;
    gate->waiting++;
}

static void detach_locked(struct gate *gate, struct gate_pass *pass) REQUIRES(gate->lock) {
    *(pass->before != NULL ? &pass->before->behind : &gate->first) = pass->behind;
    *(pass->behind != NULL ? &pass->behind->before : &gate->last) = pass->before;
    pass->place = GATE_OUTSIDE;
    gate->waiting--;
}

static void admit_locked(struct gate *gate, struct gate_pass *pass) REQUIRES(gate->lock) {
    pass->place = GATE_INSIDE;
    gate->inside++;
}

bool gate_enter(struct gate *gate, struct gate_pass *pass, const struct wake *wake) {
    bool inside = false;

    lock_acquire(&gate->lock);
    pass->wake = wake;
    inside = gate->inside < gate->room;
    if (inside)
        admit_locked(gate, pass);
    else
        append_locked(gate, pass);
    lock_release(&gate->lock);
    return inside;
}

bool gate_is_inside(struct gate *gate, const struct gate_pass *pass) {
    bool inside = false;

    lock_acquire(&gate->lock);
    inside = pass->place == GATE_INSIDE;
    lock_release(&gate->lock);
    return inside;
}

void gate_leave(struct gate *gate, struct gate_pass *pass) {
    struct gate_pass *next = NULL;

    lock_acquire(&gate->lock);
    if (pass->place == GATE_IN_LINE) {
        detach_locked(gate, pass);
    } else if (pass->place == GATE_INSIDE) {
        pass->place = GATE_OUTSIDE;
        gate->inside--;
        next = gate->first;
    }
    if (next != NULL) {
        detach_locked(gate, next);
        admit_locked(gate, next);
        /* Under the lock: once it is released the one behind the wake may leave and be gone. */
        wake_signal(next->wake);
    }
    lock_release(&gate->lock);
}

void gate_count(struct gate *gate, size_t *inside, size_t *waiting) {
    lock_acquire(&gate->lock);
    *inside = gate->inside;
    *waiting = gate->waiting;
    lock_release(&gate->lock);
}
