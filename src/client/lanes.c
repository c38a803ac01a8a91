#include <config.h>

#include "src/client/lanes.h"
#include "src/common/clock.h"

#include <stdlib.h>

struct lane *lanes_find(const struct lanes *lanes, const char *name) {
    for (size_t i = 0; i < lanes->count; i++)
        if (name_equal(span_of(lanes->list[i].name), span_of(name)))
            return &lanes->list[i];
    return NULL;
}

/* The slot of a lane that is not in use, or a new slot.  NULL: there is none. */
static struct lane *make_place(struct lanes *lanes) {
    const size_t capacity = lanes->capacity > 0 ? 2 * lanes->capacity : 16;
    struct lane *list;

    if (lanes->count == LANES_MAX) {
        for (size_t i = 0; i < lanes->count; i++)
            if (lanes->list[i].waiting == 0 && lanes->list[i].flying == 0 && !lanes->list[i].given_up)
                return &lanes->list[i];
        return NULL;
    }
    if (lanes->count == lanes->capacity) {
        if (!(list = realloc(lanes->list, capacity * sizeof(*list))))
            return NULL;
        lanes->list = list;
        lanes->capacity = capacity;
    }
    return &lanes->list[lanes->count++];
}

struct lane *lanes_get(struct lanes *lanes, const char *name) {
    struct lane *lane = lanes_find(lanes, name);

    if (lane || !(lane = make_place(lanes)))
        return lane;
    *lane = (struct lane){.waiting = 0};
    name_copy(lane->name, span_of(name));
    return lane;
}

static bool can_send(const struct lane *lane) {
    return lane->waiting > 0 && !lane->given_up;
}

struct lane *lanes_next(struct lanes *lanes, uint64_t now) {
    for (size_t i = 0; i < lanes->count; i++) {
        struct lane *lane = &lanes->list[lanes->turn++ % lanes->count];

        if (can_send(lane) && lane->until <= now)
            return lane;
    }
    return NULL;
}

uint64_t lanes_deadline(const struct lanes *lanes, uint64_t now) {
    uint64_t deadline = CLOCK_NEVER;

    for (size_t i = 0; i < lanes->count; i++)
        if (can_send(&lanes->list[i]) && lanes->list[i].until > now && lanes->list[i].until < deadline)
            deadline = lanes->list[i].until;
    return deadline;
}

bool lanes_are_done(const struct lanes *lanes) {
    for (size_t i = 0; i < lanes->count; i++)
        if (can_send(&lanes->list[i]))
            return false;
    return true;
}

void lanes_free(struct lanes *lanes) {
    free(lanes->list);
    *lanes = (struct lanes){.list = NULL};
}
