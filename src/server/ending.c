#include <config.h>

#include "src/server/ending.h"

#include <stdatomic.h>

int ending_open(struct ending *ending) {
    return wake_open(&ending->wake);
}

void ending_close(struct ending *ending) {
    wake_close(&ending->wake);
}

void ending_shut_down(struct ending *ending) {
    atomic_store(&ending->kind, ENDING_SHUTDOWN);
    wake_signal(&ending->wake);
}

bool ending_restart(struct ending *ending) {
    enum ending_kind expected = ENDING_NOT;
    const bool first = atomic_compare_exchange_strong(&ending->kind, &expected, ENDING_RESTART);

    if (first)
        wake_signal(&ending->wake);
    return first;
}

enum ending_kind ending_kind(struct ending *ending) {
    return atomic_load(&ending->kind);
}

const char *ending_word(struct ending *ending) {
    return ending_kind(ending) == ENDING_RESTART ? "restart" : "shutdown";
}
