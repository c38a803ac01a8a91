#include <config.h>

#include "src/client/ledger.h"

bool ledger_is_full(const struct ledger *ledger) {
    return ledger->count >= LEDGER_SIZE;
}

struct ledger_line *ledger_add(struct ledger *ledger, unsigned long number, struct span peer, uint64_t now) {
    size_t slot = 0;

    while (ledger->lines[slot].token != 0)
        slot++;
    ledger->lines[slot] = (struct ledger_line){.token = ++ledger->last, .number = number, .since = now};
    name_copy(ledger->lines[slot].peer, peer);
    ledger->count++;
    return &ledger->lines[slot];
}

struct ledger_line *ledger_find(struct ledger *ledger, uint64_t token) {
    for (size_t i = 0; token != 0 && i < LEDGER_SLOTS; i++)
        if (ledger->lines[i].token == token)
            return &ledger->lines[i];
    return NULL;
}

static void take_out(struct ledger *ledger, struct ledger_line *slot, struct ledger_line *line) {
    *line = *slot;
    slot->token = 0;
    ledger->count--;
}

bool ledger_settle(struct ledger *ledger, uint64_t token, struct ledger_line *line) {
    struct ledger_line *slot = ledger_find(ledger, token);

    if (slot)
        take_out(ledger, slot, line);
    return slot != NULL;
}

bool ledger_take(struct ledger *ledger, struct ledger_line *line) {
    struct ledger_line *oldest = NULL;

    for (size_t i = 0; i < LEDGER_SLOTS; i++) {
        struct ledger_line *slot = &ledger->lines[i];

        if (slot->token != 0 && (!oldest || slot->token < oldest->token))
            oldest = slot;
    }
    if (oldest)
        take_out(ledger, oldest, line);
    return oldest != NULL;
}
