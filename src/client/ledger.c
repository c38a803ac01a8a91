#include <config.h>

#include "src/client/ledger.h"
#include "src/common/clock.h"

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

/* True for the message of ID to PEER. */
static bool is_message(const struct ledger_line *line, const char *peer, const char *id) {
    return line->token != 0 && strcmp(line->id, id) == 0 && name_equal(span_of(line->peer), span_of(peer));
}

struct ledger_line *ledger_find_unread(struct ledger *ledger, const char *peer, const char *id) {
    for (size_t i = 0; i < LEDGER_SLOTS; i++)
        if (ledger->lines[i].unread_until > 0 && is_message(&ledger->lines[i], peer, id))
            return &ledger->lines[i];
    return NULL;
}

void ledger_keep(struct ledger *ledger, const struct ledger_line *line) {
    ledger->kept[ledger->next_kept] = *line;
    ledger->next_kept = (ledger->next_kept + 1) % LEDGER_KEPT;
}

struct ledger_line *ledger_find_kept(struct ledger *ledger, uint64_t token) {
    for (size_t i = 0; token != 0 && i < LEDGER_KEPT; i++)
        if (ledger->kept[i].token == token)
            return &ledger->kept[i];
    return NULL;
}

struct ledger_line *ledger_find_kept_unread(struct ledger *ledger, const char *peer, const char *id) {
    for (size_t i = 0; i < LEDGER_KEPT; i++)
        if (is_message(&ledger->kept[i], peer, id))
            return &ledger->kept[i];
    return NULL;
}

uint64_t ledger_deadline(const struct ledger *ledger) {
    uint64_t deadline = CLOCK_NEVER;

    for (size_t i = 0; ledger->count > 0 && i < LEDGER_SLOTS; i++) {
        const struct ledger_line *line = &ledger->lines[i];

        if (line->token != 0 && line->unread_until > 0 && line->unread_until < deadline)
            deadline = line->unread_until;
    }
    return deadline;
}

bool ledger_take_late(struct ledger *ledger, uint64_t now, struct ledger_line *line) {
    for (size_t i = 0; ledger->count > 0 && i < LEDGER_SLOTS; i++) {
        struct ledger_line *slot = &ledger->lines[i];

        if (slot->token != 0 && slot->unread_until > 0 && slot->unread_until <= now) {
            take_out(ledger, slot, line);
            return true;
        }
    }
    return false;
}

bool ledger_take_to(struct ledger *ledger, const char *peer, struct ledger_line *line) {
    for (size_t i = 0; ledger->count > 0 && i < LEDGER_SLOTS; i++) {
        struct ledger_line *slot = &ledger->lines[i];

        if (slot->token != 0 && name_equal(span_of(slot->peer), span_of(peer))) {
            take_out(ledger, slot, line);
            return true;
        }
    }
    return false;
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
